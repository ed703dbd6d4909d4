/** The characters that JSON is made of, and what every reader of it passes over. */

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COMMA = 0x2c
export const COLON = 0x3a
export const PLUS = 0x2b
export const MINUS = 0x2d
export const DOT = 0x2e
export const ZERO = 0x30
export const NINE = 0x39
export const LETTER_E = 0x65
export const ARRAY = 0x5b
export const ARRAY_END = 0x5d
export const OBJECT = 0x7b
export const OBJECT_END = 0x7d

export const skipSpace = (text: string, at: number): number => {
  let end = at
  for (;;) {
    const code = text.charCodeAt(end)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return end
    end++
  }
}
