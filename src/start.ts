import { exitCodeOf, main } from './main.ts'
import { createSystem } from './system/process.ts'
import { createTerminal } from './system/terminal.ts'
import { renderError } from './ui/error-text.ts'
import { version } from './version.ts'

const system = createSystem()
const terminal = createTerminal()

// What is thrown outside any promise would otherwise be printed whole, and may hold a secret.
process.on('uncaughtException', (error) => {
  terminal.say(renderError(error, system.self.command, terminal))
  process.exit(exitCodeOf(error))
})

// If the loop ever ran empty with work undone, that must not look like success.
process.exitCode = 70

void main(process.argv.slice(2), system, terminal, version).then((exitCode) => {
  process.exitCode = exitCode
})
