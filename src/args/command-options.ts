import type { commandTable, CommandName } from './commands.ts'
import type { CamelCase, CommonOptionName, Options } from './options.ts'

/** What was given of a command's own options and the common ones. */
export type OptionsOf<Name extends CommandName> = Pick<
  Options,
  CamelCase<(typeof commandTable)[Name]['options'][number] | CommonOptionName>
>
