/**
 * Says at the end of a run which tests failed, at once or at the first try, and how many passed: what stands in between
 * is thousands of lines long.
 * Nothing may be left out in CI, so a skipped test counts as a failed one.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const longestMessage = 600
const results = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')))
/** @param {string} name @returns {number} */
const total = (name) => results.reduce((sum, result) => sum + result[name], 0)

/** @typedef {{ fullName: string, status: string, failureMessages: string[] }} Test */
/** @param {string} what @param {(test: Test) => boolean} isMeant */
function report(what, isMeant) {
  for (const { name, status, message, assertionResults } of results.flatMap(({ testResults }) => testResults)) {
    /** @type {Test[]} */
    const tests = [...assertionResults]
    // Where a hook or an import failed no test did.
    if (!tests.some((test) => test.status === 'failed'))
      tests.push({ fullName: '', status, failureMessages: [message] })
    for (const { fullName, failureMessages } of tests.filter(isMeant)) {
      console.log(`${what}: ${relative('.', name)} ${fullName}`)
      for (const text of failureMessages) console.log(shorten(text))
    }
  }
}

/** @param {string} message with a stack, of which what others do in between is left out */
function shorten(message) {
  const lines = message.split('\n').filter((line) => !/^ +at .*(?:\/node_modules\/|<anonymous>)/.test(line))
  return lines.join('\n').slice(0, longestMessage).replace(/^/gm, '  ')
}

// What failed at first and then passed is a warning: the next time it may fail twice.
report(
  'passed at the second try',
  ({ status, failureMessages }) => status === 'passed' && failureMessages.join('') !== '',
)
report('failed', ({ status }) => status === 'failed')

const skipped = total('numPendingTests') + total('numTodoTests')
if (skipped > 0) console.log(`${skipped} skipped, which counts as failed`)
const failed = total('numFailedTests') + skipped || (results.every(({ success }) => success) ? 0 : 1)
console.log(`${total('numPassedTests')} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
