import { expect, it } from 'vitest'
import { wslRemarks } from '../../../src/platforms/posix/wsl.ts'
import { Secret } from '../../../src/secret.ts'
import type { StoredValue } from '../../../src/store/stored.ts'

const stored = (value: string): readonly StoredValue[] =>
  ['AZURE_COMMUNICATION_CONNECTION_STRING', 'OTHER'].map((name) => ({ name, secret: new Secret(value) }))

it.each([
  ['on plain Linux nothing is said', {}, undefined],
  ['under WSL which side this is', { WSL_DISTRO_NAME: 'Ubuntu' }, /Linux side of WSL \(Ubuntu\).* Windows console\.$/],
  [
    'with interop how to set up the other side, without a value',
    { WSL_DISTRO_NAME: 'Ubuntu', WSL_INTEROP: '/run/WSL/1_interop' },
    /run: setx\.exe AZURE_COMMUNICATION_CONNECTION_STRING "\$AZURE_COMMUNICATION_CONNECTION_STRING" && setx\.exe OTHER "\$OTHER"$/,
  ],
] as const)('%s', (_, env, expected) => {
  const [remark, ...rest] = wslRemarks('linux', { env }, stored('x'))
  expect(rest).toEqual([])
  if (expected === undefined) expect(remark).toBeUndefined()
  else expect(remark).toMatch(expected)
  expect(wslRemarks('macos', { env }, stored('x'))).toEqual([])
})

it('gives no command that would cut a value', () => {
  const env = { WSL_DISTRO_NAME: 'Ubuntu', WSL_INTEROP: '/run/WSL/1_interop' }
  expect(wslRemarks('linux', { env }, stored('x'.repeat(1024)))).toEqual([expect.stringContaining('setx.exe')])
  for (const value of ['x'.repeat(1025), '/x', '%x']) {
    expect(wslRemarks('linux', { env }, stored(value))).toEqual([expect.stringMatching(/in a Windows console\.$/)])
  }
})
