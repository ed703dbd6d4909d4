/**
 * What callers have stored, as text that a terminal may be given: a key or a value may hold control characters that move
 * the cursor, change the title or reverse the direction of what follows. They are escaped as JSON escapes them.
 */

/** All that is not seen or that changes how other text is seen, but the two joiners that some scripts cannot do without. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')

/** JSON text on one line: the same value. Between its parts there may be line breaks, within its strings never. */
export const jsonLine = (text: string): string => text.replace(/[\t\n\r]/g, ' ').replace(UNSEEN, escaped)

/** A key, a subject or the like on one line: what has to be escaped stands as within the quotes of a JSON string. */
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

/** How many columns of a terminal a text takes that has nothing unseen in it. */
export const widthOf = (text: string): number => {
  let width = 0
  for (const character of text) width += widthOfOne(character)
  return width
}

/** A text in so many columns, `…` in place of what does not fit. */
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
