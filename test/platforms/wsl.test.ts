import { expect, it } from 'vitest'
import { wslRemarks } from '../../src/platforms/wsl.ts'

it.each([
  ['on plain Linux nothing is said', {}, undefined],
  ['under WSL which side this is', { WSL_DISTRO_NAME: 'Ubuntu' }, /Linux side of WSL \(Ubuntu\).* Windows console\.$/],
  [
    'with interop how to set up the other side, without a value',
    { WSL_DISTRO_NAME: 'Ubuntu', WSL_INTEROP: '/run/WSL/1_interop' },
    /run: setx\.exe AZURE_COMMUNICATION_CONNECTION_STRING "\$AZURE_COMMUNICATION_CONNECTION_STRING" && setx\.exe OTHER "\$OTHER"$/,
  ],
] as const)('%s', (_, env, expected) => {
  const [remark, ...rest] = wslRemarks('linux', { env }, ['AZURE_COMMUNICATION_CONNECTION_STRING', 'OTHER'])
  expect(rest).toEqual([])
  if (expected === undefined) expect(remark).toBeUndefined()
  else expect(remark).toMatch(expected)
  expect(wslRemarks('macos', { env }, ['OTHER'])).toEqual([])
})
