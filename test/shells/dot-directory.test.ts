import { describe, expect, it } from 'vitest'
import { sessionEnvironment } from '../../src/shells/session-environment.ts'

describe('the directory of zsh’s files in a new terminal', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, string | undefined]>([
    ['none', {}, undefined],
    ['the user’s own', { ZDOTDIR: '/home/u/zsh' }, '/home/u/zsh'],
    ['the user’s own in VS Code without its integration', { TERM_PROGRAM: 'vscode', ZDOTDIR: '/z' }, '/z'],
    ['the one that VS Code keeps', { TERM_PROGRAM: 'vscode', ZDOTDIR: '/tmp/x', USER_ZDOTDIR: '/home/u' }, '/home/u'],
    ['that one where it has leaked', { VSCODE_INJECTION: '1', ZDOTDIR: '/tmp/x', USER_ZDOTDIR: '/home/u' }, '/home/u'],
    ['that one in tmux', { TERM_PROGRAM: 'tmux', ZDOTDIR: '/tmp/x', USER_ZDOTDIR: '/home/u/z' }, '/home/u/z'],
  ])('is %s', (_, env, expected) => {
    expect(sessionEnvironment('/bin/zsh', '/home/u', { env }).ZDOTDIR).toBe(expected)
  })
})
