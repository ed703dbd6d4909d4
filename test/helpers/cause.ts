/** The text of the fault at the bottom of a rejection. */
export const causeOf = async (refused: Promise<unknown>): Promise<string> => {
  try {
    await refused
  } catch (error) {
    let cause = error as Error
    while (cause.cause instanceof Error) cause = cause.cause
    return cause.message
  }
  return 'it was not refused'
}
