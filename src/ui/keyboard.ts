import { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Terminal } from '../system/terminal.ts'
import { createArrivalReader, isFromClipboard, type Arrival } from './arrivals.ts'

/** Esc alone differs from the sequences that begin with it only in that nothing follows. */
const KEY_HOLD_MS = 50
/** For a paste whose end has got lost. */
const PASTE_HOLD_MS = 1000

const SHOW_CURSOR = '\u001B[?25h'
const MARK_PASTES = '\u001B[?2004h'
const DO_NOT_MARK_PASTES = '\u001B[?2004l'

/** The keyboard while a question is asked: nothing is echoed, and pastes are told from keys. */
export interface Keyboard {
  /** A terminal for enquirer to read from, on which only `press` presses keys. */
  readonly keys: NodeJS.ReadStream
  /** Something was pasted before, so that the terminal has shown it. */
  readonly hasShownPaste: boolean
  press(sequence: string): void
  /** Stops the program as Ctrl+Z does. */
  suspend(): void
  /** Hands over what has come since the beginning, and from now on what comes. `redraw` is called after a stop. */
  listen(listener: (arrival: Arrival) => void, redraw: () => void): void
  /** Drops what comes from now on, the answer being there. */
  ignore(): void
  /** Drops what comes until the next question, but for a wish to end. It does not keep the program running. */
  hold(): void
  close(): void
}

/** Takes the keyboard, until `close` gives it back. */
export async function openKeyboard(terminal: Terminal): Promise<Keyboard> {
  const { input, output } = terminal
  const reader = createArrivalReader()
  const decoder = new StringDecoder('utf8')
  const waiting: Arrival[] = []
  let listener = (arrival: Arrival): void => void waiting.push(arrival)
  let redraw = (): void => undefined
  let holdTimer: NodeJS.Timeout | undefined
  let isClosed = false

  const pass = (arrivals: readonly Arrival[]): void => {
    for (const arrival of arrivals) listener(arrival)
  }
  const onData = (bytes: Buffer): void => {
    clearTimeout(holdTimer)
    pass(reader.read(decoder.write(bytes)))
    if (reader.holds === 'nothing') return
    holdTimer = setTimeout(() => pass(reader.release()), reader.holds === 'key' ? KEY_HOLD_MS : PASTE_HOLD_MS)
  }
  const onInputEnd = (): void => listener({ kind: 'cancel' })
  const markPastes = (isWanted: boolean): void => {
    if (terminal.isLive) output.write(isWanted ? MARK_PASTES : DO_NOT_MARK_PASTES)
  }
  const setRaw = (isRaw: boolean): void => {
    input.setRawMode(isRaw)
    markPastes(isRaw)
  }
  const goOn = (): void => {
    setImmediate(() => {
      if (isClosed) return
      // A shell may have set another mode, and Node sets none that it takes for the current one. It is not given up for a
      // moment: a stop is noticed twice, and somebody may have begun to type since the first time.
      if (input.isRaw && terminal.setRawAgain()) markPastes(true)
      else {
        setRaw(false)
        setRaw(true)
      }
      input.resume()
      redraw()
    })
  }
  const keys = Object.assign(new Readable({ read: () => undefined }), {
    isTTY: true,
    // The real one is raw from the beginning to the end.
    isRaw: true,
    setRawMode: () => keys,
  }) as unknown as NodeJS.ReadStream
  const restore = (): void => {
    if (isClosed) return
    isClosed = true
    setRaw(false)
    if (terminal.isLive) output.write(SHOW_CURSOR)
  }

  const stopListening = [terminal.onContinue(goOn), terminal.onEnd(restore)]
  setRaw(true)
  input.on('data', onData).on('end', onInputEnd).resume()
  // Time for what was typed before to come in.
  for (const _turn of [1, 2, 3]) await new Promise(setImmediate)
  return {
    keys,
    hasShownPaste: waiting.some(isFromClipboard) || reader.holds === 'paste',
    press: (sequence) => void keys.push(sequence),
    suspend: () => {
      if (terminal.isLive) output.write(SHOW_CURSOR)
      setRaw(false)
      terminal.suspend()
      // In a container nobody stops it.
      goOn()
    },
    listen: (next, drawAgain) => {
      input.ref()
      listener = next
      redraw = drawAgain
      pass(waiting.splice(0))
    },
    ignore: () => {
      listener = () => undefined
      redraw = () => undefined
    },
    hold: () => {
      input.unref()
      listener = (arrival) => {
        if (arrival.kind === 'cancel') waiting.push(arrival)
      }
    },
    close: () => {
      clearTimeout(holdTimer)
      restore()
      input.ref()
      input.off('data', onData).off('end', onInputEnd).pause()
      keys.destroy()
      for (const stop of stopListening) stop()
    },
  }
}
