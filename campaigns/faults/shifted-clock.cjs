// Loaded with --require: the clock of this process is wrong by CLOCK_SHIFT_MS.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS)
const RightDate = Date

globalThis.Date = class extends RightDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RightDate.now() + shiftMs] : args))
  }
  static now() {
    return RightDate.now() + shiftMs
  }
}
