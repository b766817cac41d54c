import { bashrc, EARLIER_EXPORT, zshrc, type StartUpHome } from './start-up-home.ts'

/** What is hard to read without being the shell. */
export const unusualSyntax: readonly StartUpHome[] = [
  bashrc("$'' within double quotes, then exec", 'LIST="${LIST:+$LIST$\'\\n\'}end"\nexec fish\n'),
  zshrc('a short for, then exec', 'for each (1 2) print $each >/dev/null\nexec fish\n'),
  zshrc('a short for, then an export and return', `for each (1 2) print $each >/dev/null\n${EARLIER_EXPORT}\nreturn\n`),
  zshrc('repeat', 'repeat 2 print again >/dev/null\n'),
  bashrc('&& at the end of the file', 'true &&\n'),
  bashrc('a backslash at the end of the file', 'alias g=git \\\n'),
]
