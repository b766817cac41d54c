import * as fc from 'fast-check'

/** Characters that some shell or file gives a meaning to. */
const MEANINGFUL = Array.from('\'"\\$`!%^&|<>~#*?[]{}()=;:,.@-+_ \t‘’‚‛“”„«»´é日😀\u00A0\u200B\u202E\uFEFF')

/** One line of printable text, full of characters that quoting has to survive. */
export const hostileText = fc.string({
  unit: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...MEANINGFUL) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  ),
  minLength: 1,
  maxLength: 80,
})
