import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

/** A block of code in README.md or docs/. */
export interface Snippet {
  readonly page: string
  /** The nearest heading above it. */
  readonly heading: string
  readonly language: string
  readonly code: string
}

const snippets = PAGES.flatMap((page): readonly Snippet[] => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  return [...text.matchAll(/^( *)```(\w+)\n([^]*?)^\1```$/gm)].map(
    ({ index, 1: indent = '', 2: language = '', 3: code = '' }) => ({
      page,
      heading: [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
})

/** The snippets of all pages in one of these languages. */
export function snippetsIn(...languages: readonly string[]): readonly Snippet[] {
  return snippets.filter(({ language }) => languages.includes(language))
}
