/** What came from the keyboard, in the order in which it came. */
export type Arrival =
  /** Characters and line breaks, one by one. */
  | { readonly kind: 'typed'; readonly text: string }
  | PastedText
  /** Ctrl+C, Ctrl+D, or Esc alone. */
  | { readonly kind: 'cancel' }
  /** Ctrl+Z */
  | { readonly kind: 'suspend' }
  /** Any other key that is no character: an arrow, backspace, Ctrl and a letter. */
  | { readonly kind: 'key'; readonly sequence: string }

/** Many characters and line breaks at once, between the markers that a terminal puts around a paste, or without them. */
interface PastedText {
  readonly kind: 'burst' | 'paste'
  readonly text: string
}

const PASTE_BEGINS = '\u001B[200~'
const PASTE_ENDS = '\u001B[201~'

/** Nobody types so many characters between two looks at the keyboard. */
const MIN_BURST_CHARACTERS = 4

const PIECE =
  /[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]+|\u001B(?:\[[0-9;?]*[ -/]*[@-~]|O[A-Za-z]|[^\u001B])?|[^]/gu

/** Distinguishes pastes from keys, however the input is cut into pieces. */
export interface ArrivalReader {
  /** What this piece is, together with what was held back before it. */
  read(piece: string): readonly Arrival[]
  /** What is held back: a paste whose end has not come, or the beginning of a sequence that may be a key alone. */
  readonly holds: 'paste' | 'key' | 'nothing'
  /** What was held back, where nothing more has come. */
  release(): readonly Arrival[]
}

/** Whether this probably came from a clipboard. */
export function isFromClipboard(arrival: Arrival): arrival is PastedText {
  return arrival.kind === 'burst' || arrival.kind === 'paste'
}

/** A reader for a terminal that may or may not put the markers of bracketed paste around a paste. */
export function createArrivalReader(): ArrivalReader {
  let held = ''
  let paste: string | undefined
  const read = (piece: string): readonly Arrival[] => {
    if (paste !== undefined) {
      paste += piece
      const end = paste.indexOf(PASTE_ENDS)
      if (end === -1) return []
      const [text, rest] = [paste.slice(0, end), paste.slice(end + PASTE_ENDS.length)]
      paste = undefined
      return [...pastedArrivals(text), ...read(rest)]
    }
    const text = held + piece
    const start = text.indexOf(PASTE_BEGINS)
    if (start !== -1) {
      held = ''
      paste = ''
      return [...looseArrivals(text.slice(0, start)), ...read(text.slice(start + PASTE_BEGINS.length))]
    }
    const begun = beginningOfMarker(text)
    held = text.slice(text.length - begun)
    return looseArrivals(text.slice(0, text.length - begun))
  }
  return {
    read,
    get holds() {
      if (paste !== undefined) return 'paste'
      return held === '' ? 'nothing' : 'key'
    },
    release: () => {
      const arrivals = [...pastedArrivals(paste ?? ''), ...looseArrivals(held)]
      held = ''
      paste = undefined
      return arrivals
    },
  }
}

function pastedArrivals(text: string): readonly Arrival[] {
  // A key that ends a program still does so where the end of a paste got lost.
  const isCancel = text.endsWith('\u0003')
  const arrivals: readonly Arrival[] = text === '' ? [] : [{ kind: 'paste', text }]
  return isCancel ? [...arrivals, { kind: 'cancel' }] : arrivals
}

function looseArrivals(text: string): readonly Arrival[] {
  return (text.match(PIECE) ?? []).map(looseArrival)
}

function looseArrival(piece: string): Arrival {
  if (/^[\u0003\u0004]|^\u001B$/.test(piece)) return { kind: 'cancel' }
  if (piece === '\u001A') return { kind: 'suspend' }
  if (/^[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/.test(piece)) return { kind: 'key', sequence: piece }
  return { kind: piece.trim().length < MIN_BURST_CHARACTERS ? 'typed' : 'burst', text: piece }
}

/** How many characters at the end of a text may be the beginning of the marker. */
function beginningOfMarker(text: string): number {
  for (let length = Math.min(PASTE_BEGINS.length - 1, text.length); length > 0; length -= 1) {
    if (PASTE_BEGINS.startsWith(text.slice(-length))) return length
  }
  return 0
}
