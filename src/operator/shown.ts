/**
 * Makes stored text safe for a terminal. A key or a value may hold control characters that move the cursor, change the title
 * or reverse the direction of the following text. They are escaped in the way of JSON.
 */

/** Invisible characters and those that change the display of other text, except two joiners that some scripts need. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')

/** JSON text on one line, with the same value. A line break can only stand between its parts, never within a string. */
export const jsonLine = (text: string): string => text.replace(/[\t\n\r]/g, ' ').replace(UNSEEN, escaped)

/** A key, a subject or a similar name on one line, escaped as within a JSON string. */
export const nameLine = (name: string): string =>
  JSON.stringify(name)
    .slice(1, -1)
    .replace(/\\(.)/g, (whole, next) => (next === '"' ? '"' : whole))
    .replace(UNSEEN, escaped)

/** Text of several lines, for people. */
export const prose = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(UNSEEN, escaped))
    .join('\n')

const MARK = /\p{Mark}|[\u200c\u200d]/u
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u

const widthOfOne = (character: string): number => {
  if (character <= '~') return 1
  if (MARK.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** The number of terminal columns of a text without invisible characters. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const character of text) width += widthOfOne(character)
  return width
}

/** A text cut to this number of columns, with `…` at its end. */
export const cutTo = (columns: number, text: string): string => {
  if (widthOf(text) <= columns) return text
  let cut = ''
  let width = 1
  for (const character of text) {
    width += widthOfOne(character)
    if (width > columns) break
    cut += character
  }
  return `${cut}…`
}
