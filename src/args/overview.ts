import { renderOverview } from './help.ts'

/** In the place of the program's name, which depends on how it was started. */
export const PROGRAM_MARK = '{program}'

/** The overview where the output is no terminal. The build renders it, so that nothing else is loaded for it. */
export const OVERVIEW = renderOverview(PROGRAM_MARK)
