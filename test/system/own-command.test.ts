import { describe, expect, it } from 'vitest'
import { ownCommand } from '../../src/system/own-command.ts'

const agent = (name: string): string => `${name}/1.0.0 npm/? node/v22.0.0 linux x64`

/** As npm 11, pnpm 9, Yarn 1 and 4, Bun 1.4 and Deno 2.9 start it, and where they say they have it. */
const starts: readonly (readonly [how: string, scriptPath: string, env: Record<string, string>, expected: string])[] = [
  ['npx', '/home/me/.npm/_npx/c483/node_modules/.bin/acs-env', npm('exec', 'npx'), 'npx acs-env'],
  [
    'npx on Windows',
    String.raw`C:\Users\me\AppData\Local\npm-cache\_npx\c483\node_modules\acs-env\dist\cli.cjs`,
    npm('exec', 'npx'),
    'npx acs-env',
  ],
  ['npx in a project that has it', '/home/me/app/node_modules/.bin/acs-env', npm('exec', 'npx'), 'npx acs-env'],
  ['a script of package.json', '/home/me/app/node_modules/.bin/acs-env', npm('run', 'start'), 'npx acs-env'],
  ['the link in the project', '/home/me/app/node_modules/.bin/acs-env', {}, 'npx acs-env'],
  [
    'a link in the project on Windows',
    String.raw`C:\HOME\me\app\node_modules\acs-env\dist\cli.cjs`,
    { INIT_CWD: String.raw`c:\home\me\app\src` },
    'npx acs-env',
  ],
  ['a global installation', '/usr/local/bin/acs-env', {}, 'acs-env'],
  ['one in a script of package.json', '/usr/local/bin/acs-env', npm('run', 'start'), 'acs-env'],
  ['one in a shell that npx has opened', '/usr/local/bin/acs-env', npm('exec', 'npx'), 'acs-env'],
  [
    'one on Windows',
    String.raw`C:\Users\me\AppData\Roaming\npm\node_modules\acs-env\dist\cli.cjs`,
    npm('run', 'start'),
    'acs-env',
  ],
  [
    'pnpm dlx',
    '/home/me/.cache/pnpm/dlx/ghto/1a22-5141/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('pnpm') },
    'pnpm dlx acs-env',
  ],
  [
    'pnpm dlx before version 9',
    '/home/me/.local/share/pnpm/store/v3/tmp/dlx-4242/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('pnpm') },
    'pnpm dlx acs-env',
  ],
  [
    'pnpm exec',
    '/home/me/app/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('pnpm'), npm_command: 'exec' },
    'pnpm exec acs-env',
  ],
  ['pnpm add --global', '/home/me/.local/share/pnpm/global/5/node_modules/acs-env/dist/cli.cjs', {}, 'acs-env'],
  [
    'yarn dlx',
    '/tmp/xfs-e6d9d5ce/dlx-21610/.yarn/cache/acs-env-npm-0.1.0-8a61.zip/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('yarn') },
    'yarn dlx acs-env',
  ],
  [
    'yarn in a project without node_modules',
    '/home/me/.yarn/berry/cache/acs-env-npm-0.1.0-8a61.zip/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('yarn') },
    'yarn acs-env',
  ],
  [
    'yarn in a project',
    '/home/me/app/node_modules/.bin/acs-env',
    { npm_config_user_agent: agent('yarn'), npm_lifecycle_event: 'acs-env' },
    'yarn acs-env',
  ],
  [
    'bunx',
    '/home/me/.bun/install/cache/.bunx-0/acs-env@latest/node_modules/.bin/acs-env',
    { npm_config_user_agent: agent('bun'), npm_command: 'exec', npm_lifecycle_event: 'bunx' },
    'bunx acs-env',
  ],
  ['bunx before version 1.3', '/tmp/bunx-1000-acs-env@latest/node_modules/.bin/acs-env', {}, 'bunx acs-env'],
  [
    'bun run',
    '/home/me/app/node_modules/.bin/acs-env',
    { npm_config_user_agent: agent('bun'), npm_command: 'run-script' },
    'bunx acs-env',
  ],
  ['bun add --global', '/home/me/.bun/bin/acs-env', {}, 'acs-env'],
  [
    'deno run',
    '/home/me/.cache/deno/npm/registry.npmjs.org/acs-env/0.1.0/dist/cli.cjs',
    { npm_config_user_agent: agent('deno') },
    'deno run -A npm:acs-env',
  ],
  [
    'deno task',
    '/home/me/app/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('deno') },
    'deno run -A npm:acs-env',
  ],
  [
    'deno install --global',
    '/home/me/.deno/bin/.acs-env/node_modules/.deno/acs-env@0.1.0/node_modules/acs-env/dist/cli.cjs',
    { npm_config_user_agent: agent('deno') },
    'acs-env',
  ],
  ['a clone', '/home/me/acs-env/dist/cli.cjs', {}, 'acs-env'],
  ['a script of a clone', '/home/me/acs-env/dist/cli.cjs', npm('run-script', 'demo'), 'acs-env'],
  ['npx in a clone', '/home/me/acs-env/dist/cli.cjs', npm('exec', 'npx'), 'npx acs-env'],
]

function npm(command: string, event: string): Record<string, string> {
  return { npm_config_user_agent: agent('npm'), npm_command: command, npm_lifecycle_event: event }
}

describe('the command that starts this program', () => {
  it.each(starts)('by %s', (_, scriptPath, env, expected) => {
    expect(ownCommand({ env, scriptPath, workingDirectory: () => '/home/me/app/src' })).toBe(expected)
  })

  it('is not taken for one of a project beside the directory at hand', () => {
    const scriptPath = '/home/me/app/node_modules/.bin/acs-env'
    expect(ownCommand({ env: {}, scriptPath, workingDirectory: () => '/home/me/app-two' })).toBe('acs-env')
  })
})
