/**
 * What an app does with a generated client, in the types that the generator gave it: no assertion of types, no `any`. Each
 * call answers its status, and what came with it.
 */
import { client } from './out/hey-api/client.gen'
import * as hey from './out/hey-api/sdk.gen'
import * as orval from './out/orval'

export type Called = readonly [name: string, status: number | undefined, answer: unknown]

type Caller = { readonly baseUrl: string; readonly apiKey: string; readonly id: string; readonly unknown: string }

export const callByHeyApi = async ({ baseUrl, apiKey, id, unknown }: Caller): Promise<Called[]> => {
  client.setConfig({ baseUrl, auth: apiKey })
  const called: Called[] = []
  const note = (name: string, { response, data, error }: { response?: Response; data?: unknown; error?: unknown }) => {
    called.push([name, response?.status, error ?? data])
  }

  const path = { id }
  const created = await hey.createSession({
    body: { id, settings: { theme: 'dark' } },
    headers: { prefer: 'return=representation' },
  })
  note('create', created)
  note('create without a body', await hey.createSession())
  note('patch', await hey.patchSettings({ path, body: { theme: null, name: 'henrik' } }))
  note('put', await hey.putKey({ path: { id, key: 'a' }, body: { x: [0] } }))
  note('increment', await hey.incrementKey({ path: { id, key: 'n' }, body: { by: 2 } }))
  note('take', await hey.takeKey({ path: { id, key: 'a' } }))
  note('settings', await hey.getSettings({ path }))

  const minted = await hey.mintToken({ path, body: { scope: 'read', keys: { read: ['name'] } } })
  note('mint', minted)
  if (minted.data) {
    const shown = await hey.getSession({ path: { id: 'current' }, auth: minted.data.access_token })
    note('session by token', { ...shown, data: shown.data?.settings })
  }
  note('stale', await hey.patchSettings({ path, body: { name: 'x' }, headers: { 'if-match': '"9-abcdefgh"' } }))
  const missed = await hey.getSession({ path: { id: unknown } })
  note('unknown', { ...missed, error: missed.error?.code })
  note('end', await hey.endSession({ path }))
  return called
}

export const callByOrval = async ({ apiKey, id, unknown }: Omit<Caller, 'baseUrl'>): Promise<Called[]> => {
  const called: Called[] = []
  const note = (name: string, { status, data }: { status: number; data: unknown }) => called.push([name, status, data])

  const as = (credential: string, type?: string): RequestInit => ({
    headers: { authorization: `Bearer ${credential}`, ...(type && { 'content-type': type }) },
  })
  const own = as(apiKey)
  // It sends a header that a call takes only where it is put into the options.
  const more = (name: string, value: string, { headers }: RequestInit): RequestInit => ({
    headers: { ...headers, [name]: value },
  })
  const merge = as(apiKey, 'application/merge-patch+json')

  const created = await orval.createSession(
    { id, settings: { theme: 'dark' } },
    more('prefer', 'return=representation', own),
  )
  note('create', created)
  note('create without a body', await orval.createSession(undefined, own))
  note('patch', await orval.patchSettings(id, { theme: null, name: 'henrik' }, {}, merge))
  note('put', await orval.putKey(id, 'a', { x: [0] }, {}, own))
  note('increment', await orval.incrementKey(id, 'n', { by: 2 }, {}, own))
  note('take', await orval.takeKey(id, 'a', undefined, {}, own))
  note('settings', await orval.getSettings(id, {}, own))

  const minted = await orval.mintToken(id, { scope: 'read', keys: { read: ['name'] } }, own)
  note('mint', minted)
  if (minted.status === 201) {
    const shown = await orval.getSession('current', {}, as(minted.data.access_token))
    note('session by token', { ...shown, data: shown.status === 200 && shown.data.settings })
  }
  note('stale', await orval.patchSettings(id, { name: 'x' }, {}, more('if-match', '"9-abcdefgh"', merge)))
  const missed = await orval.getSession(unknown, {}, own)
  note('unknown', { ...missed, data: missed.status === 404 && missed.data.code })
  note('end', await orval.endSession(id, own))
  return called
}
