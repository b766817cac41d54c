import { resolve } from 'node:path'
import { linesOf } from '../lines-of.ts'
import type { Place } from './cause.ts'
import type { TraceRecord } from './trace-format.ts'

/** The lines of an acs-env block, markers and all, counted from 1. */
export interface BlockPlace {
  readonly file: string
  readonly firstLine: number
  readonly lastLine: number
}

/** Where the files name a variable, outside of comments and of the blocks. */
export function findMentions(name: string, files: readonly string[], blocks: readonly BlockPlace[]): readonly Place[] {
  const mention = new RegExp(`(?<![\\w$])${name}(?!\\w)`)
  return files.flatMap((file) =>
    linesOf(file).flatMap((text, index) => {
      const place = { file, line: index + 1 }
      return mention.test(text) && !/^\s*#/.test(text) && !isInBlock(place, blocks) ? [place] : []
    }),
  )
}

export function textOf({ file, line }: Place): string {
  return linesOf(file)[line - 1] ?? ''
}

export function isInBlock({ file, line }: Place, blocks: readonly BlockPlace[]): boolean {
  return blocks.some((block) => block.file === file && line >= block.firstLine && line <= block.lastLine)
}

/** The files that a trace reads with "." or `source`. */
export function sourcedFiles(records: readonly TraceRecord[], home: string): readonly string[] {
  const found = records.flatMap(({ command, route }) => {
    const [, word] = /^(?:\.|source) '?([^\s']+)/.exec(command) ?? []
    const files = route.flatMap(({ file }) => (file === undefined ? [] : [file]))
    return word === undefined ? files : [resolve(home, word), ...files]
  })
  return [...new Set(found)].filter((file) => !/^\/(?:dev|proc)\//.test(file))
}

/**
 * Finds where a traced command stands, for shells that do not say: the lines that have its first word, or what it
 * assigns, and the line number that the shell gave, if any. Those that also name the variable come before others.
 */
export function findCommand(
  { command, route }: TraceRecord,
  name: string | undefined,
  files: readonly string[],
  blocks: readonly BlockPlace[],
): readonly Place[] {
  const [{ line } = { line: undefined }] = route
  const [word = ''] = /^(?:\w+=|[\w.]+)/.exec(command) ?? []
  const isAtLine = (place: Place): boolean => line === undefined || place.line === line
  const withWord = files.flatMap((file) => findWord(word, file).map((line) => ({ file, line }))).filter(isAtLine)
  if (name === undefined) return withWord
  const mentions = findMentions(name, files, blocks).filter(isAtLine)
  const both = mentions.filter((place) => withWord.some(({ file, line }) => file === place.file && line === place.line))
  return [both, mentions, withWord].find((places) => places.length > 0) ?? []
}

/** The numbers of the lines that have a word. */
export function findWord(word: string, file: string): readonly number[] {
  return linesOf(file).flatMap((text, index) => (wordIn(text, word) && !/^\s*#/.test(text) ? [index + 1] : []))
}

function wordIn(text: string, word: string): boolean {
  if (word.endsWith('=')) return text.split(/[^\w=]+/).some((part) => part.startsWith(word))
  return word !== '' && text.split(/[^\w.]+/).includes(word)
}
