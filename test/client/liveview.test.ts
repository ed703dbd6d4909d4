/** The hook in a real browser, mounted by LiveView's own JavaScript (on a page that no live view serves, where hooks run, too). */
import t, { type Test } from 'tap'
import { launchBrowser, openPage, type PageOptions } from '../helpers/browser.ts'
import { bundleScript, serveClientPage } from '../helpers/client-page.ts'
import { until } from '../helpers/until.ts'

const FORM = `
  <form id="settings" phx-hook="Settings">
    <label>Name <input name="user[username]"></label>
    <label>Mail <input type="checkbox" name="mail"></label>
    <label>Red <input type="checkbox" name="colours[]" value="red"></label>
    <label>Blue <input type="checkbox" name="colours[]" value="blue"></label>
    <label>Visits <input type="number" name="visits"></label>
    <label>Size <select name="size"><option>S<option>L</select></label>
    <label>Note <textarea name="note" data-coatcheck-key="remark"></textarea></label>
    <label>Password <input type="password" name="password"></label>
    <label>Role <input name="role"></label>
  </form>`

const READABLE = ['username', 'mail', 'colours', 'visits', 'size', 'remark', 'nickname', 'cart']

const browser = await launchBrowser(t)
const script = await bundleScript('app.ts')

const begin = async (t: Test, options: PageOptions = {}) => {
  const { origin, front, client, id } = await serveClientPage(t, { script, body: FORM, readable: READABLE })
  const page = await openPage(t, browser, options)
  const session = client.session(id)
  const holds = (settings: object) =>
    until(
      async () => {
        const present = await session.get()
        return Object.entries(settings).every(([key, value]) => JSON.stringify(present[key]) === JSON.stringify(value))
      },
      `the session holds ${JSON.stringify(settings)}`,
    )
  return { origin, page, front, session, holds }
}

t.test('what is typed into a form is kept, by what kind of field it is; a password never is', async (t) => {
  const { origin, page, front, session, holds } = await begin(t, { expected: [/403 \(Forbidden\)/] })
  await page.goto(origin)
  front.sent.length = 0
  await page.getByLabel('Name').pressSequentially('henrik', { delay: 5 })
  await page.getByLabel('Password').fill('secret')
  await page.getByLabel('Mail').check()
  await page.getByLabel('Blue').check()
  await page.getByLabel('Visits').fill('12')
  await page.getByLabel('Size').selectOption('L')
  await page.getByLabel('Note').fill('a\nb')
  await holds({ username: 'henrik', mail: true, colours: ['blue'], visits: 12, size: 'L', remark: 'a\nb' })
  await page.getByLabel('Role').fill('admin')
  await page.getByLabel('Name').fill('hanna')
  await holds({ username: 'hanna', role: 'guest' })
  await until(() => page.evaluate<boolean>("window.refusals.includes('key_not_allowed')"), 'the role is refused')
  t.strictSame((await session.get()).role, 'guest')
  t.notMatch(JSON.stringify(front.sent), 'secret')
  const saves = front.sent.filter(({ method }) => method === 'PATCH').length
  t.ok(saves < 12, `${saves} saves, not one a keystroke`)
})

t.test('what is typed while the service is away is kept when it is back, the latest of each', async (t) => {
  const { origin, page, front, holds } = await begin(t, { expected: [/CORS/, /ERR_/] })
  await page.goto(origin)
  front.harm(({ method }) => (method === 'PATCH' ? { status: 503, headers: { 'retry-after': '0' } } : undefined))
  await page.getByLabel('Name').fill('first')
  await until(() => front.sent.some(({ method }) => method === 'PATCH'), 'a save was tried')
  await page.getByLabel('Name').fill('second')
  front.harm(() => undefined)
  await holds({ username: 'second' })
})

t.test('what localStorage had is taken over once, unless the session knows better', async (t) => {
  const { origin, page, session, holds } = await begin(t)
  await session.set('cart', ['newer'])
  await page.addInitScript(`if (!sessionStorage.getItem('visited')) {
    sessionStorage.setItem('visited', 'yes')
    localStorage.setItem('nickname', 'hen')
    localStorage.setItem('old.cart', '["older"]')
  }`)
  await page.goto(origin)
  await holds({ nickname: 'hen', cart: ['newer'] })
  await until(() => page.evaluate<boolean>('localStorage.length === 0'), 'nothing is left there')
  await session.remove('nickname')
  await page.reload()
  await page.getByLabel('Name').fill('x')
  await holds({ username: 'x' })
  t.equal(await session.get('nickname'), undefined, 'it is not taken over again')
})

t.test('what was typed last is kept though the page is left at once; the end of the session is told', async (t) => {
  // The other page may open the stream, in place of the one that was left, only after the end.
  const { origin, page, session, holds } = await begin(t, { expected: [/410 \(Gone\)/] })
  await page.goto(origin)
  const other = await page.context().newPage()
  await other.goto(origin)
  await page.getByLabel('Name').fill('typed and left')
  await page.close()
  await holds({ username: 'typed and left' })
  await session.rotate()
  await until(async () => (await other.title()) === 'ended: rotated', 'the page was told')
})
