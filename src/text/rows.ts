import { wrap } from './wrap.ts'

/** Below this two columns leave too little for the second. */
const MIN_COLUMNS_WIDTH = 60

export interface RowsStyle {
  /** Of a whole line. */
  readonly width: number
  /** Of the first column, where another table stands above. */
  readonly minLabelWidth?: number
  readonly styleLabel?: (label: string) => string
}

/**
 * A table of two columns, indented by two; the second is wrapped. On a narrow terminal it stands below the first, and so
 * does a single word that is too long to stand beside it.
 */
export function renderRows(
  rows: readonly (readonly [label: string, text: string])[],
  { width, minLabelWidth = 0, styleLabel = (label) => label }: RowsStyle,
): string {
  const labelWidth = Math.max(minLabelWidth, ...rows.map(([label]) => label.length))
  const besideWidth = width - labelWidth - 4
  return rows
    .map(([label, text]) => {
      const lines = wrap(text, besideWidth)
      const isTooLong = width < MIN_COLUMNS_WIDTH || lines.some((line) => line.length > besideWidth)
      // A row without a label goes on with the one above.
      if (isTooLong) return [...(label === '' ? [] : [`  ${styleLabel(label)}`]), ...below(text, width)].join('\n')
      return `  ${styleLabel(label)}${' '.repeat(labelWidth - label.length)}  ${lines.join(`\n${' '.repeat(labelWidth + 4)}`)}`
    })
    .map((row) => `${row.trimEnd()}\n`)
    .join('')
}

/** Indented as far as the longest word allows. */
function below(text: string, width: number): readonly string[] {
  const longest = Math.max(...text.split(' ').map((word) => word.length))
  const indent = ' '.repeat(Math.max(0, Math.min(4, width - longest)))
  return wrap(text, width - indent.length).map((line) => indent + line)
}
