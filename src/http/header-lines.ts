/**
 * Every header of this name that was sent: Node shows only the first, or all as one. `rawHeaders` are names and values in
 * turn; `name` is in lower case.
 */
export const headerLines = (rawHeaders: readonly string[], name: string): string[] => {
  const found: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i]
    if (sent?.length === name.length && sent.toLowerCase() === name) found.push(rawHeaders[i + 1] ?? '')
  }
  return found
}

/** How many headers of this name were sent. */
export const countHeader = (rawHeaders: readonly string[], name: string): number => {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const sent = rawHeaders[i]
    if (sent?.length === name.length && sent.toLowerCase() === name) count++
  }
  return count
}
