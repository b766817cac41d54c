import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setExpiry } from '../../support/homes/stored-values.ts'
import type { DoctorCase } from './doctor-case.ts'

/** What `status` finds too. */
export const storeCases: readonly DoctorCase[] = [
  {
    id: 'store.values',
    why: 'a value file is gone',
    arrange: ({ home }) => rmSync(join(home.path, '.config/acs-env/connection-string')),
    finds: /^AZURE_COMMUNICATION_CONNECTION_STRING is not stored\.$/,
    cure: /^Store it: acs-env setup$/,
    level: 'error',
  },
  {
    id: 'store.damage',
    why: 'the stored token is none',
    arrange: ({ home }) => void home.write('.config/acs-env/access-token', 'not-a-token'),
    finds: /access token is damaged/,
    cure: /: acs-env refresh$/,
    level: 'error',
  },
  {
    id: 'store.pair',
    why: 'the key is another resource’s',
    arrange: ({ home, key }) =>
      void home.write('.config/acs-env/connection-string', `endpoint=https://other.example/;accesskey=${key}`),
    finds: /^The access token is one of \S+, the connection string one of other\.example\.$/,
    level: 'error',
  },
  {
    id: 'store.loading',
    why: 'the block is gone',
    arrange: ({ home }) => void home.write('.bashrc', 'alias a=b\n'),
    finds: /^~\/\.bashrc has no acs-env block/,
    cure: /: acs-env setup$/,
    level: 'error',
  },
  {
    id: 'store.expiry',
    why: 'the token is old',
    arrange: ({ home }) => setExpiry(home, new Date(Date.now() - 60_000)),
    finds: /has expired/,
    cure: /: acs-env refresh$/,
    level: 'error',
  },
  {
    id: 'version.state',
    why: 'a later version was here',
    arrange: ({ home }) => {
      const state = JSON.parse(home.read('.config/acs-env/state.json')) as object
      home.write('.config/acs-env/state.json', JSON.stringify({ ...state, version: 99 }))
    },
    finds: /state\.json was written by a later version of acs-env\.$/,
    cure: /^Update this one/,
    level: 'error',
  },
  {
    id: 'version.copies',
    why: 'another version is on PATH',
    arrange: ({ home }) => {
      home.write('old/package.json', JSON.stringify({ name: 'acs-env', version: '0.0.9' }))
      home.write('old/bin/acs-env', '')
      return { env: { PATH: `${join(home.path, 'old/bin')}:/usr/bin:/bin` } }
    },
    finds: /^~\/old\/bin\/acs-env is version 0\.0\.9 of acs-env, and this one is \d/,
    cure: /npm install -g acs-env@latest$/,
  },
  {
    id: 'shell.login',
    why: 'another file sets a value behind the block',
    arrange: ({ home }) => {
      home.write('.work.sh', ':\nexport AZURE_COMMUNICATION_ACCESS_TOKEN=old\n')
      home.write('.bash_profile', `${home.read('.bash_profile')}. ~/.work.sh\n`)
    },
    args: ['--offline'],
    finds:
      /^~\/\.work\.sh sets AZURE_COMMUNICATION_ACCESS_TOKEN again in line 2, read by ~\/\.bash_profile in line \d+/,
    cure: /^Take that line out\.$/,
    line: 2,
    level: 'error',
  },
  {
    id: 'shell.tab',
    why: 'the output of a program sets a value behind the block',
    arrange: ({ home }) => {
      const text = `${home.read('.bashrc')}eval "$(echo export AZURE_COMMUNICATION_ACCESS_TOKEN=evil)"\n`
      home.write('.bashrc', text)
    },
    args: ['--offline'],
    finds: /^~\/\.bashrc sets AZURE_COMMUNICATION_ACCESS_TOKEN again in line \d+, after the acs-env block\.$/,
    cure: /^Take that line out\.$/,
    level: 'error',
  },
  {
    id: 'shell.login',
    why: 'fish takes the place of the shell',
    arrange: ({ home }) => void home.write('.bash_profile', `exec fish\n${home.read('.bash_profile')}`),
    args: ['--offline'],
    finds: /^~\/\.bash_profile hands over to fish in line 1, and fish does not have /,
    line: 1,
    level: 'error',
  },
  {
    id: 'shell.tab',
    why: 'the shell does not come to an end of its start-up file',
    arrange: ({ home }) => void home.write('.bashrc', `sleep 60\n${home.read('.bashrc')}`),
    args: ['--offline', '--timeout', '1s'],
    finds:
      /^A new shell that is not a login shell was not ready within 1 s; it was in line 1 of ~\/\.bashrc \(sleep\)\.$/,
    line: 1,
  },
  {
    id: 'shell.login',
    why: 'the shell cannot be started',
    arrange: () => ({ env: { SHELL: '/none/bash' } }),
    args: ['--offline'],
    finds: /^bash could not be started: there is no such program\.$/,
  },
]
