import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'
import { manPage } from './man-page.ts'

const CHANGELOG = join(import.meta.dirname, '../CHANGELOG.md')

/** Emits the man page, so that it cannot fall behind the options. */
export function manPagePlugin(): Plugin {
  return {
    name: 'man-page',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'acs-env.1', source: manPage(releaseDate()) })
    },
  }
}

/** Of the release and not of the build, which is to give the same bytes whenever it is done. */
function releaseDate(): string {
  const { SOURCE_DATE_EPOCH: seconds } = process.env
  if (seconds !== undefined) return new Date(Number(seconds) * 1000).toISOString().slice(0, 10)
  const [date] = /\d{4}-\d\d-\d\d/.exec(readFileSync(CHANGELOG, 'utf8')) ?? []
  if (date === undefined) throw new Error('man-page: CHANGELOG.md names no day')
  return date
}
