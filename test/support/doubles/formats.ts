import { FORMAT_CHOICES } from '../../../src/args/options.ts'
import { findFormat, type Format } from '../../../src/formats/format.ts'

const formats = new Map(await Promise.all(FORMAT_CHOICES.map(async (name) => [name, await findFormat(name)] as const)))

/** The format of this name, which there has to be. */
export function formatNamed(name: string): Format {
  const format = formats.get(name)
  if (format === undefined) throw new Error(`There is no format ${name}.`)
  return format
}
