import { describe, expect, it } from 'vitest'
import { connectionStringShapes } from '../../test/support/arbitraries/connection-string-shapes.ts'
import {
  ACCESS_KEY,
  CONNECTION_STRING,
  requirements,
  useWindows,
  SECOND_TRY,
} from '../../test/support/doubles/windows-suite.ts'

const STORE = ['setup', '--yes', '--json', '--no-token']

describe.skipIf(requirements === undefined).concurrent('a connection string on Windows', SECOND_TRY, () => {
  const onWindows = useWindows()

  // A host of its own for each: what the one before has stored proves nothing.
  const cases = [
    ...connectionStringShapes('https://HOST.communication.azure.com', ACCESS_KEY).map(([, shape], index) => {
      const host = `https://contoso${index}.communication.azure.com`
      const text = shape.replace(/https:\/\/HOST\.communication\.azure\.com/gi, (found) =>
        found === found.toUpperCase() ? host.toUpperCase() : host,
      )
      return [text, `endpoint=${host}/;accesskey=${ACCESS_KEY}`] as const
    }),
    ...['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:9'].map((host) => {
      const text = `endpoint=${host}/;accesskey=a2U=`
      return [text, text] as const
    }),
  ]

  it.each([0, 1, 2])(
    'is stored in the one form, whatever its shape, from an argument or a pipe (part %i of 0 to 2)',
    (part) =>
      onWindows(async ({ windows, ...suite }) => {
        const ours = cases.filter((_, index) => index % 3 === part)
        for (const [index, [text, canonical]] of ours.entries()) {
          const run =
            index % 2 === 0
              ? windows.run([...STORE, '--connection-string', text])
              : windows.run([...STORE, '--connection-string-stdin'], { input: text })
          suite.documentOf(await run)
          expect((await suite.stored()).connectionString).toBe(canonical)
        }
        expect(await windows.newProcessSees([CONNECTION_STRING])).toEqual([ours.at(-1)?.[1]])
      }),
  )
})
