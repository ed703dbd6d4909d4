/** What the client's types refuse. Nothing here is run: the type check fails where one of these lines has no error. */
import { CoatcheckError, type createClient } from '../../src/client/index.ts'

type Settings = {
  username: string
  visits: number
  perhaps?: number
  theme: { dark: boolean; sizes: number[] }
  role: 'admin' | 'user' | null
}

export const refused = async (client: ReturnType<typeof createClient>): Promise<void> => {
  const session = client.session<Settings>('current')
  const whole: Settings = { username: 'henrik', visits: 1, theme: { dark: true, sizes: [1] }, role: null }

  await session.patch({ username: 'hanna', visits: null, theme: { dark: false } })
  await session.patch({ theme: { dark: null, sizes: [2] }, role: null })
  await session.patch([{ op: 'add', path: '/theme/sizes/-', value: 3 }])
  // @ts-expect-error no such key
  await session.patch({ user: 'hanna' })
  // @ts-expect-error no such key, beside one that is there
  await session.patch({ username: 'hanna', user: 'hanna' })
  // @ts-expect-error another type
  await session.patch({ visits: '1' })
  // @ts-expect-error no such member
  await session.patch({ theme: { light: true } })
  // @ts-expect-error another type within
  await session.patch({ theme: { sizes: ['1'] } })
  // @ts-expect-error no such value
  await session.patch({ role: 'root' })
  // @ts-expect-error no such operation
  await session.patch([{ op: 'set', path: '/username', value: 1 }])

  const sum: number = await session.increment('visits', 2)
  await session.increment('perhaps', sum)
  // @ts-expect-error no number
  await session.increment('username')
  // @ts-expect-error no such key
  await session.increment('hits')
  // @ts-expect-error another type
  await session.increment('visits', '1')

  await session.replace(whole, { ifMatch: '*' })
  // @ts-expect-error a key is missing
  await session.replace({ username: 'hanna' }, { ifMatch: '*' })
  // @ts-expect-error no such key
  await session.replace({ ...whole, user: 'hanna' }, { ifMatch: '*' })
  // @ts-expect-error another type
  await session.replace({ ...whole, visits: '1' }, { ifMatch: '*' })

  await session.set('theme', whole.theme)
  // @ts-expect-error another type
  await session.set('theme', 'dark')
  // @ts-expect-error no such key
  await session.remove('user')
  // @ts-expect-error no such key
  await session.take('user')
  // @ts-expect-error another type
  await session.update(() => ({ visits: '1' }))

  await client.create<Settings>({ settings: { username: 'henrik' } })
  // @ts-expect-error no such key
  await client.create<Settings>({ settings: { user: 'henrik' } })

  // Of settings whose shape is not said, anything goes.
  const any = client.session('current')
  await any.patch({ a: { b: null }, c: [1] })
  await any.increment('a')
  await any.replace({ a: 1 }, { ifMatch: '*' })

  const error = new CoatcheckError({ code: 'closed', detail: 'x' })
  const limit: number | undefined = error.limit
  const texts: (string | undefined)[] = [error.type, error.title, error.reason, error.endedAt, error.requestId]
  // @ts-expect-error no such code
  if (error.code === 'gone') console.log(limit, texts)
}
