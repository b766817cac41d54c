import { formats, type Format } from '../../../src/formats/format.ts'

/** The format of this name, which there has to be. */
export function formatNamed(name: string): Format {
  const format = formats.get(name)
  if (format === undefined) throw new Error(`There is no format ${name}.`)
  return format
}
