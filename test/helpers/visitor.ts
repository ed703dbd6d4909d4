/** A visitor's browser, as far as sessions go: it keeps cookies, and sends them with each request. */
export type Page = { readonly status: number; readonly text: string; readonly setCookie: string | null }

export type Visitor = {
  /** Names and values of the cookies that it holds. */
  readonly cookies: Map<string, string>
  open(path: string, init?: RequestInit): Promise<Page>
}

export const newVisitor = (url: string, cookies = new Map<string, string>()): Visitor => ({
  cookies,
  async open(path, init = {}) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url + path, { ...init, headers: { ...init.headers, ...(cookie && { cookie }) } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return { status: answer.status, text: await answer.text(), setCookie: answer.headers.get('set-cookie') }
  },
})

/** A place where requests are held up until they are let go, each by its name. */
export const createGate = () => {
  const waiting = new Map<string, () => void>()
  return {
    waits: (name: string): boolean => waiting.has(name),
    hold: (name: string): Promise<void> => new Promise((resolve) => waiting.set(name, resolve)),
    letGo(name: string): void {
      waiting.get(name)?.()
      waiting.delete(name)
    },
  }
}
