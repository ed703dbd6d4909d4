/** The saver on a session that is played here: saves are answered when the test says so. */
import t from 'tap'
import { CoatcheckError } from '../../src/client/index.ts'
import { createSaver } from '../../src/client/saver.ts'
import { until } from '../helpers/until.ts'

type Patch = readonly { readonly op: string; readonly path: string; readonly value: unknown }[]
type Save = { readonly values: object; answer(revision?: number): void; fail(code: string, status?: number): void }

const play = ({ debounceMs = 0 } = {}) => {
  const saves: Save[] = []
  const errors: unknown[] = []
  const saver = createSaver({
    session: {
      patch: (patch: Patch) =>
        new Promise<never>((resolve, reject) =>
          saves.push({
            values: Object.fromEntries(patch.map(({ path, value }) => [path.slice(1), value])),
            answer: (revision = 1) => resolve({ etag: `${revision}-abcdefgh` } as never),
            fail: (code, status) => reject(new CoatcheckError({ code, detail: 'It failed.', status } as never)),
          }),
        ),
    } as never,
    debounceMs,
    onError: (error) => errors.push(error),
  })
  t.teardown(() => saver.stop())
  const next = async (count: number): Promise<Save> => {
    await until(() => saves.length >= count, `there are ${count} saves`)
    return saves[count - 1] as Save
  }
  return { saver, saves, errors, next }
}

t.test('what was typed while a save failed is saved, and not what failed', async (t) => {
  const { saver, next, errors } = play()
  saver.put('name', 'h')
  saver.put('theme', 'dark')
  const first = await next(1)
  t.strictSame(first.values, { name: 'h', theme: 'dark' })
  saver.put('name', 'hanna')
  first.fail('unreachable')
  const second = await next(2)
  t.strictSame(second.values, { name: 'hanna', theme: 'dark' })
  second.answer()
  await saver.flush()
  t.strictSame(errors, [])
})

t.test('what was typed while a save was refused is saved as well, each key by itself', async (t) => {
  const { saver, saves, next, errors } = play()
  saver.put('role', 'admin')
  saver.put('name', 'h')
  const first = await next(1)
  saver.put('name', 'hanna')
  first.fail('key_not_allowed', 403)
  const second = await next(2)
  second.answer()
  const third = await next(3)
  third.fail('key_not_allowed', 403)
  await saver.flush()
  t.strictSame([second.values, third.values], [{ name: 'hanna' }, { role: 'admin' }])
  t.equal(saves.length, 3, 'what is refused is not tried again')
  t.match(errors, [{ code: 'key_not_allowed' }])
})

t.test('one save comes after the other', async (t) => {
  const { saver, saves, next } = play()
  saver.put('name', 'h')
  const first = await next(1)
  saver.put('name', 'ha')
  const done = saver.flush()
  t.equal(saves.length, 1, 'while one is under way')
  first.answer()
  const second = await next(2)
  t.strictSame(second.values, { name: 'ha' })
  second.answer()
  await done
  t.equal(saves.length, 2)
})

t.test('what was typed is shown until a revision tells of it, and never what was there before', async (t) => {
  const { saver, next } = play()
  const shown = (name: string, revision: number) => saver.over({ name, theme: 'dark' }, revision)
  t.strictSame(shown('old', 1), { name: 'old', theme: 'dark' })
  saver.put('name', 'h')
  const first = await next(1)
  t.strictSame(shown('old', 2), { name: 'h', theme: 'dark' }, 'while it is being saved')
  saver.put('name', 'ha')
  first.answer(4)
  const second = await next(2)
  t.strictSame(shown('old', 3), { name: 'ha', theme: 'dark' })
  t.strictSame(shown('h', 4), { name: 'ha', theme: 'dark' }, 'an echo of what was typed before')
  second.answer(6)
  await saver.flush()
  t.strictSame(shown('another', 5), { name: 'ha', theme: 'dark' }, 'somebody was faster, and is overwritten')
  t.strictSame(shown('ha', 6), { name: 'ha', theme: 'dark' })
  t.strictSame(shown('another', 7), { name: 'another', theme: 'dark' })
})

t.test('what is refused is shown no longer', async (t) => {
  const { saver, next } = play()
  saver.put('role', 'admin')
  t.strictSame(saver.over({ role: 'guest' }, 1), { role: 'admin' })
  const save = await next(1)
  save.fail('key_not_allowed', 403)
  await saver.flush()
  t.strictSame(saver.over({ role: 'guest' }, 1), { role: 'guest' })
})

t.test('the first keystroke is saved at once, and those that follow it together', async (t) => {
  const { saver, saves, next } = play({ debounceMs: 500 })
  const started = performance.now()
  saver.put('name', 'h')
  const first = await next(1)
  t.ok(performance.now() - started < 400)
  first.answer()
  await saver.flush()
  for (const name of ['ha', 'han', 'hann', 'hanna']) saver.put('name', name)
  const second = await next(2)
  t.ok(performance.now() - started > 450)
  t.strictSame(second.values, { name: 'hanna' })
  t.equal(saves.length, 2)
})

t.test('what the store has lost in a fail-over is saved again, unless it was told of', async (t) => {
  const { saver, saves, next } = play()
  saver.put('name', 'h')
  ;(await next(1)).answer(5)
  await saver.flush()
  t.strictSame(saver.over({ name: 'h' }, 5), { name: 'h' })
  saver.put('theme', 'dark')
  ;(await next(2)).answer(6)
  await saver.flush()
  t.strictSame(saver.over({ name: 'h' }, 5), { name: 'h', theme: 'dark' }, 'it is not told of yet')
  t.equal(saves.length, 2)
  t.strictSame(saver.over({ name: 'old' }, 3), { name: 'old', theme: 'dark' }, 'the store has another past')
  const again = await next(3)
  t.strictSame(again.values, { theme: 'dark' })
  again.answer(4)
  await saver.flush()
  t.strictSame(saver.over({ name: 'old', theme: 'dark' }, 4), { name: 'old', theme: 'dark' })
  t.strictSame(saver.over({ theme: 'light' }, 5), { theme: 'light' }, 'and then it is as any other')
  t.equal(saves.length, 3)
})
