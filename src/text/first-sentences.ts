/** The most of one kind about one file: nobody reads thousands. */
const MOST_SENTENCES = 10

/** The first sentences of many, and one that stands for the rest. */
export function firstSentences(sentences: readonly string[], rest: (more: number) => string): readonly string[] {
  if (sentences.length <= MOST_SENTENCES) return sentences
  return [...sentences.slice(0, MOST_SENTENCES), rest(sentences.length - MOST_SENTENCES)]
}
