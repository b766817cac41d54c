import { CliError } from '../errors.ts'

/** Judges an answer by the parser that will read it: the sentence to show, or undefined where it will do. */
export function validator(parse: (text: string) => unknown): (text: string) => string | undefined {
  return (text) => {
    try {
      parse(text)
      return undefined
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      return error.hint === undefined ? error.message : `${error.message} (${error.hint})`
    }
  }
}
