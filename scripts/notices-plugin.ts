import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'
import { replacementOf } from './leave-out-plugin.ts'

const FILE_NAME = 'THIRD-PARTY-NOTICES.txt'
const LICENSE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/**
 * Emits a file with the licence of every package of which code is in the bundle, so that the list cannot fall behind.
 * A package without a licence text fails the build.
 */
export function noticesPlugin(): Plugin {
  return {
    name: 'third-party-notices',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []))
      const bundled = modules.filter((id) => replacementOf(id) === undefined)
      const folders = new Set(bundled.map(packageFolder).filter((folder) => folder !== undefined))
      const notices = [...folders].map(noticeOf).toSorted((a, b) => (a.title < b.title ? -1 : 1))
      // Packages of one author share one text, to the letter.
      const byText = groupByText(notices)
      const source = [
        'acs-env contains code of the packages below, under these licences.',
        ...[...byText].map(
          ([text, group]) => `${'-'.repeat(80)}\n${group.map(({ title }) => title).join('\n')}\n\n${text}`,
        ),
      ].join('\n\n')
      this.emitFile({ type: 'asset', fileName: FILE_NAME, source: `${source}\n` })
    },
  }
}

/** The folder of the innermost package that a module belongs to. */
function packageFolder(moduleId: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(moduleId)?.[0].replace(/^\0/, '')
}

interface Notice {
  readonly title: string
  readonly text: string
}

function groupByText(notices: readonly Notice[]): ReadonlyMap<string, readonly Notice[]> {
  const groups = new Map<string, readonly Notice[]>()
  for (const notice of notices) groups.set(notice.text, [...(groups.get(notice.text) ?? []), notice])
  return groups
}

function noticeOf(folder: string): Notice {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const files = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .toSorted()
  if (files.length === 0) throw new Error(`${name} has no licence text.`)
  const text = files
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n')
  return { title: `${name} ${version} (${license ?? 'licence below'})`, text }
}
