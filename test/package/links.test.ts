import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)))
const PAGES = FILES.filter((file) => file.endsWith('.md'))
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly homepage: string
  readonly bugs: string
  readonly repository: { readonly url: string }
  readonly files: readonly string[]
}

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** The links of a page to other files and to its own headings, outside of blocks and code. */
function linksOf(file: string): readonly string[] {
  const prose = textOf(file)
    .replaceAll(/^ *```[^]*?^ *```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)|<(?:img|source)[^>]* src(?:set)?="([^"]+)"/g)]
  return found.map(([, inline, picture]) => inline ?? picture ?? '').filter((link) => !/^[a-z]+:/.test(link))
}

/** The anchors of headings, as GitHub and npm make them. */
function anchorsOf(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe.each(PAGES)('%s', (page) => {
  it('has no link that leads nowhere', () => {
    const dead = linksOf(page).filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path))
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(dead).toEqual([])
  })
})

describe('the README on npm', () => {
  it('has links that npm can follow, which it makes from the address of the repository', () => {
    expect(manifest.repository.url).toMatch(/^git\+https:\/\/.*\.git$/)
    expect(linksOf('README.md').filter((link) => link.startsWith('/') || link.startsWith('..'))).toEqual([])
  })
})

describe('the address of the repository', () => {
  // Until the owner names the real one: change it in package.json, in these three lines and nowhere else.
  const address = manifest.repository.url.replace(/^git\+/, '').replace(/\.git$/, '')

  it('is one, in all of package.json', () => {
    expect(address).toMatch(/^https:\/\/github\.com\/[\w-]+\/acs-env$/)
    expect([manifest.homepage, manifest.bugs]).toEqual([`${address}#readme`, `${address}/issues`])
  })

  it('stands in no other file', () => {
    const place = address.replace('https://github.com/', 'github.com/')
    const others = FILES.filter(
      (file) => file !== 'package.json' && !file.startsWith('test/') && /\.(?:md|ts|yml|json)$/.test(file),
    )
    expect(others.filter((file) => textOf(file).includes(place))).toEqual([])
  })
})
