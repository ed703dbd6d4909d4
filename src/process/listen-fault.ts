/** Why the service cannot listen, in words for the operator. */

type Place = { readonly host: string; readonly port: number }

const reasonOf = (code: string | undefined, { host, port }: Place): string | undefined => {
  if (code === 'EADDRINUSE') return `port ${port} of ${host} is taken. Stop what listens there, or take another port`
  if (code === 'EACCES') return `this process may not listen on port ${port}. Take a port of 1024 or more`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no address ${host}. Take another one`
  return undefined
}

/** An error for the operator that names the variable to change, or the error itself. */
export const listenFault = (error: unknown, place: Place, variables: { host: string; port: string }): unknown => {
  const { code } = error as NodeJS.ErrnoException
  const reason = reasonOf(code, place)
  if (reason === undefined) return error
  const isPort = code === 'EADDRINUSE' || code === 'EACCES'
  return new Error(`${reason}: ${isPort ? `${variables.port}=<port>` : `${variables.host}=<address>`}.`, {
    cause: error,
  })
}
