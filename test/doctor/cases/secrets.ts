import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { TestHome } from '../../support/homes/home.ts'
import type { DoctorCase } from './doctor-case.ts'

const HISTORIES = [
  '.bash_history',
  '.zsh_history',
  '.local/share/fish/fish_history',
  '.sh_history',
  '.mksh_history',
  '.local/share/powershell/PSReadLine/ConsoleHost_history.txt',
  '.zsh_sessions/1.history',
]

export const secretsCases: readonly DoctorCase[] = [
  {
    id: 'secrets.permissions',
    why: 'everybody can write to a directory on the way',
    arrange: ({ home }) => chmodSync(join(home.path, '.config'), 0o777),
    finds: /^Others can write to ~\/\.config, and so decide what your shells run\.$/,
    cure: /: chmod go-w ~\/\.config$/,
  },
  {
    id: 'secrets.git',
    why: 'git has a .env file with the key',
    arrange: ({ home, key }) => {
      home.write('.env', `KEY=${key}\n`)
      git(home, 'init')
      git(home, 'add', '.env')
    },
    finds: /^git has ~\/\.env, with a stored value in it\.$/,
    cure: /: git rm --cached ~\/\.env$/,
  },
  {
    id: 'secrets.git',
    why: 'git would take a .env file with the key',
    arrange: ({ home, key }) => {
      home.write('.env', `KEY=${key}\n`)
      git(home, 'init')
    },
    finds: /^git would take ~\/\.env with the next "git add"/,
    cure: /^Add it to \.gitignore\.$/,
  },
  {
    id: 'secrets.git',
    why: 'a bare repository of dotfiles has a profile with the values',
    arrange: ({ home, key }) => {
      home.write('.env', key)
      git(home, 'init', '--bare', '.cfg')
      git(home, '--git-dir=.cfg', '--work-tree=.', 'add', '.env')
    },
    finds: /^git has ~\/\.env, with a stored value in it\.$/,
  },
  ...HISTORIES.map((file): DoctorCase => ({
    id: 'secrets.history',
    why: `${file} has the key`,
    arrange: ({ home, key }) => void home.write(file, `ls\nexport CS="endpoint=https://a/;accesskey=${key}"\nls\n`),
    finds: new RegExp(String.raw`^~/${file.replaceAll('.', String.raw`\.`)} has the access key in line 2\.$`),
    cure: /regenerate the key in the Azure portal, and store the new one: acs-env setup$/,
    line: 2,
  })),
  {
    id: 'secrets.history',
    why: 'a history has the token, in several lines, and over the cut between two pieces',
    arrange: ({ home, token }) =>
      void home.write('.bash_history', `${token}\n${'x'.repeat(1024 * 1024 - token.length - 21)}\n${token} ${token}\n`),
    finds: /^~\/\.bash_history has the access token in lines 1 and 3\.$/,
    cure: /^Delete the line, end the token, and get a new one:$/,
    line: 1,
  },
  {
    id: 'secrets.history',
    why: 'the history is where HISTFILE says',
    arrange: ({ home, key }) => ({ env: { HISTFILE: home.write('elsewhere', key) } }),
    finds: /^~\/elsewhere has the access key in line 1\.$/,
  },
  {
    id: 'secrets.npm-logs',
    why: 'npx was given the key on its command line',
    arrange: ({ home, key }) => void home.write('.npm/_logs/2026-debug-0.log', `0 verbose\n1 verbose argv ${key}\n`),
    finds: /^~\/\.npm\/_logs\/2026-debug-0\.log has the access key in line 2\.$/,
    line: 2,
  },
  {
    id: 'secrets.azure-config',
    why: 'everybody can read what the Azure CLI is configured with',
    arrange: ({ home, key }) =>
      chmodSync(home.write('.azure/config', `[communication]\nconnection_string = ${key}`), 0o644),
    finds: /^Others may read ~\/\.azure\/config, which has the access key in line 2\.$/,
    cure: /: chmod go-rwx ~\/\.azure\/config$/,
    line: 2,
  },
]

function git({ path }: TestHome, ...args: readonly string[]): void {
  execFileSync('git', [...args], { cwd: path, env: { PATH: process.env.PATH, HOME: path }, stdio: 'pipe' })
}
