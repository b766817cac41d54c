import { expect, it } from 'vitest'
import { parseCommandLine } from '../../src/args/parse.ts'
import { suggestOptions } from '../../src/args/suggest.ts'

it.each([
  // What other programs call it.
  ['remove', 'did you mean "unset"?'],
  ['switch', 'did you mean "use"?'],
  ['uninstall', 'did you mean "unset"?'],
  ['logout', 'did you mean "unset"?'],
  ['clear', 'did you mean "unset"?'],
  ['run npm start', 'did you mean "exec"?'],
  ['login', 'did you mean "setup"?'],
  ['init', 'did you mean "setup"?'],
  ['install', 'did you mean "setup"?'],
  ['add', 'did you mean "setup"?'],
  ['whoami', 'did you mean "status"?'],
  ['renew', 'did you mean "refresh"?'],
  ['version', 'did you mean --version?'],
  ['user list', 'the service keeps no list of them; "acs-env status" shows the one that is stored'],
  // What is mistyped.
  ['revok', 'did you mean "revoke"?'],
  ['stauts', 'did you mean "status"?'],
  ['frobnicate', '"acs-env --help" lists what there is'],
])('acs-env %s: %s', (line, hint) => {
  expect(() => parseCommandLine(line.split(' '))).toThrow(expect.objectContaining({ name: 'UsageError', hint }))
})

it.each([
  ['-V', 'There is no option -V.', 'did you mean --verbose or --version?'],
  ['status -v', '"status" has no option -v.', 'did you mean --verbose or --version?'],
  ['setup --expire 3h', '"setup" has no option --expire.', 'did you mean --expires-in?'],
  ['refresh --expires 3h', '"refresh" has no option --expires.', 'did you mean --expires-in?'],
  ['issue --expiry=3h', '"issue" has no option --expiry.', 'did you mean --expires-in?'],
  ['issue --scopes chat', '"issue" has no option --scopes.', 'did you mean --scope?'],
  [
    'setup --stdin',
    '"setup" has no option --stdin.',
    'did you mean --connection-string-stdin or --access-token-stdin?',
  ],
  ['setup --connectionString x', '"setup" has no option --connectionString.', 'did you mean --connection-string?'],
  // An option of another command.
  ['unset --force', '"unset" has no option --force.', 'did you mean --yes?'],
  ['--silent status', '"status" has no option --silent.', 'did you mean --quiet?'],
  // Of the command's own: it has none for a lifetime, and help is where to look.
  ['status --expire 3h', '"status" has no option --expire.', '"acs-env status --help" lists what there is'],
  ['user delete --frobnicate', '"user delete" has no option --frobnicate.', undefined],
  // What may be a secret is not repeated.
  ['--eyJhbGciOiJSUzI1NiIsImtpZCI6', 'There is an option that is not known.', undefined],
  ['status -7Qk', 'There is an option that is not known.', undefined],
])('acs-env %s: %s', (line, message, hint) => {
  expect(() => parseCommandLine(line.split(' '))).toThrow(
    expect.objectContaining({ name: 'UsageError', message, ...(hint && { hint }) }),
  )
})

it('suggests an option whatever its value is', () => {
  expect(() => parseCommandLine(['refresh', '--if-expires', '6h'])).toThrow(
    expect.objectContaining({ hint: 'did you mean --if-expires-within?' }),
  )
})

it('suggests only what the command has', () => {
  expect(suggestOptions('status', 'scope')).toEqual([])
  expect(suggestOptions('issue', 'scop')).toEqual(['scope'])
})
