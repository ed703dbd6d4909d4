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
