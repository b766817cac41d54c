import type { Plugin } from 'rolldown'
import { rewriteChunks } from './rewrite-chunks.ts'

/** Writes the bundle in ASCII: a single other character makes V8 keep the whole file as two bytes per character. */
export function asciiPlugin(): Plugin {
  return rewriteChunks('ascii', inAscii)
}

/** Escapes characters in strings, templates and patterns. */
function inAscii(code: string): string {
  if (/\braw`[^`]*[^\0-\x7F]/.test(code)) throw new Error('ascii: a raw template would keep the escape as it is.')
  return code.replaceAll(/[^\0-\x7F]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
