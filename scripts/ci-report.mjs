/**
 * Says at the end of a run which tests failed and how many passed: what stands in between is thousands of lines long.
 * Nothing may be left out in CI, so a skipped test counts as a failed one.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const longestMessage = 600
const results = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')))
/** @param {string} name @returns {number} */
const total = (name) => results.reduce((sum, result) => sum + result[name], 0)

for (const file of results.flatMap((result) => result.testResults)) {
  const failures = file.assertionResults.filter((/** @type {{status: string}} */ test) => test.status === 'failed')
  if (file.status === 'failed' && failures.length === 0)
    failures.push({ fullName: '', failureMessages: [file.message] })
  for (const { fullName, failureMessages } of failures) {
    console.log(`failed: ${relative('.', file.name)} ${fullName}`)
    for (const message of failureMessages) console.log(message.slice(0, longestMessage).replace(/^/gm, '  '))
  }
}

const skipped = total('numPendingTests') + total('numTodoTests')
if (skipped > 0) console.log(`${skipped} skipped, which counts as failed`)
const failed = total('numFailedTests') + skipped || (results.every(({ success }) => success) ? 0 : 1)
console.log(`${total('numPassedTests')} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
