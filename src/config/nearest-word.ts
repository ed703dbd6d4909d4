/** Finds the word of a list that an unknown word probably meant. */
/** The number of letters to change, add, remove or swap with the next, to make one word of the other. */
const distance = (one: string, other: string): number => {
  const rows = [[...Array(other.length + 1).keys()]]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const ways = [at(i - 1, j - 1) + (isSame ? 0 : 1), at(i - 1, j) + 1, at(i, j - 1) + 1]
      row.push(Math.min(...ways, ...(isSwapped ? [at(i - 2, j - 2) + 1] : [])))
    }
  }
  return at(one.length, other.length)
}

/** The probable word: one with this beginning, or one that differs in two letters at most. */
export const nearest = (word: string, words: readonly string[]): string | undefined => {
  const [best] = words
    .map((one) => ({ one, away: one.startsWith(word) && word !== '' ? 0 : distance(word, one) }))
    .filter(({ one, away }) => away <= Math.min(2, one.length / 2))
    .sort((a, b) => a.away - b.away)
  return best?.one
}
