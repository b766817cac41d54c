import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestHome } from '../homes/home.ts'

/** How a crontab program behaves; those of the first line are real varieties, as their sources have it. */
export type CrontabMood =
  | 'debian'
  | 'busybox'
  | 'dcron'
  | 'denied'
  | 'unreadable'
  | 'translated'
  | 'hangs'
  | 'lies'
  | 'cuts'
  | 'refuses'

const SCRIPT = `#!/bin/sh
none() { [ ! -e "$TABLE" ]; }
case "$MOOD $1" in
  'denied '*) echo 'You (alice) are not allowed to use this program (crontab)' >&2; exit 1 ;;
  'unreadable -l') echo 'crontabs/alice/: fopen: Permission denied' >&2; exit 1 ;;
  'translated -l') printf 'Zugriff f\\374r alice verweigert\\n' >&2; exit 1 ;;
  'hangs -l') sleep 60; exit 1 ;;
  'busybox -l') if none; then echo "crontab: can't open 'alice': No such file or directory" >&2; exit 1; fi; cat "$TABLE" ;;
  'dcron -l') if none; then echo 'crontab: no crontab for alice' >&2; else cat "$TABLE"; fi ;;
  *' -l') if none; then echo 'no crontab for alice' >&2; exit 1; fi; cat "$TABLE" ;;
  'dcron -r') echo 'crontab: unknown option -r' >&2; exit 1 ;;
  *' -r') none && exit 1; rm "$TABLE" ;;
  'lies '*) ;;
  'cuts '*) head -c 20 "$1" >"$TABLE" ;;
  'refuses '*) echo 'errors in crontab file, cannot install.' >&2; exit 1 ;;
  *) cat "$1" >"$TABLE.new" && mv "$TABLE.new" "$TABLE" ;;
esac
`

/** A `crontab` first on PATH, in a mood that is given with each run. */
export interface CrontabDouble {
  environment(mood: CrontabMood): Readonly<Record<string, string>>
  /** The table that is installed, byte for byte; undefined where there is none. */
  table(): string | undefined
  install(table: string): void
}

export function makeCrontab(home: TestHome): CrontabDouble {
  const program = home.write('../bin/crontab', SCRIPT)
  chmodSync(program, 0o755)
  const table = join(home.path, '../table')
  return {
    environment: (mood) => ({
      PATH: [join(home.path, '../bin'), process.env.PATH ?? ''].join(delimiter),
      TABLE: table,
      MOOD: mood,
    }),
    table: () => (existsSync(table) ? readFileSync(table, 'latin1') : undefined),
    install: (text) => void home.write('../table', Buffer.from(text, 'latin1')),
  }
}
