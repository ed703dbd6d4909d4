/**
 * What a page owes to whoever uses it on a small screen, by keyboard, with a screen reader, in the light or the dark: all of it
 * is measured in the page as it is shown.
 */
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const SMALL = { width: 360, height: 640 }

/** What WCAG 2.2 AA asks of text, and of the edges of controls. */
const TEXT = 4.5
const EDGE = 3

/** Runs in the page, and answers what is wrong with it. */
const FAULTS = `(() => {
  const faults = []
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number)
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((one) => one / 255).map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (...colors) => {
    const [dark, light] = colors.map(luminance).sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const ground = (el) => {
    const color = el ? getComputedStyle(el).backgroundColor : 'rgb(255, 255, 255)'
    return numbers(color)[3] === 0 ? ground(el.parentElement) : color
  }
  const name = (el) => el.outerHTML.slice(0, 80)
  const see = (el, what, color, behind, least) => {
    const found = contrast(color, behind)
    if (found < least) faults.push(what + ' of ' + name(el) + ' has a contrast of ' + found.toFixed(2))
  }

  if (document.scrollingElement.scrollWidth > innerWidth) faults.push('the page is wider than the screen')
  if (!document.documentElement.lang || !document.title) faults.push('the page says no language, or has no title')
  for (const one of ['main', 'h1']) if (document.querySelectorAll(one).length !== 1) faults.push('there is not one ' + one)
  for (const el of document.body.querySelectorAll('*')) {
    const { left, right, height } = el.getBoundingClientRect()
    if (left < 0 || right > innerWidth) faults.push(name(el) + ' reaches beyond the screen')
    const style = getComputedStyle(el)
    if ([...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) {
      see(el, 'the text', style.color, ground(el), ${TEXT})
    }
    if (el.matches('input, button') && height < 44) faults.push(name(el) + ' is too low for a finger')
    if (!el.matches('input')) continue
    if (!el.labels[0]?.innerText.trim()) faults.push(name(el) + ' has no label')
    see(el, 'the text', style.color, ground(el), ${TEXT})
    see(el, 'the placeholder', getComputedStyle(el, '::placeholder').color, ground(el), ${TEXT})
    see(el, 'the edge', style.borderTopColor, ground(el.parentElement), ${EDGE})
  }
  return faults
})()`

/** What the keyboard has come to, and whether that is seen. */
const FOCUSED = `(() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement)
  return { at: document.activeElement.outerHTML, isSeen: outlineStyle !== 'none' && parseInt(outlineWidth) >= 2 }
})()`

const CONTROLS = "[...document.querySelectorAll('a[href], input, button')].map((el) => el.outerHTML)"

/** Looks at the page as it is now; afterwards it has its former size and colours again. */
export const checkLooks = async (t: Test, page: Page, what: string): Promise<void> => {
  const before = page.viewportSize()
  await page.setViewportSize(SMALL)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    t.strictSame(await page.evaluate<string[]>(FAULTS), [], `${what}, ${colorScheme}`)
  }
  const controls = await page.evaluate<string[]>(CONTROLS)
  const reached: string[] = []
  // The keyboard begins before the first control.
  await page.evaluate("document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')")
  for (const _ of controls) {
    await page.keyboard.press('Tab')
    const { at, isSeen } = await page.evaluate<{ at: string; isSeen: boolean }>(FOCUSED)
    reached.push(at)
    t.ok(isSeen, `${what}: the focus is seen on ${at}`)
  }
  t.strictSame(reached, controls, `${what}: the keyboard reaches every control, in order`)
  await page.emulateMedia({ colorScheme: 'light' })
  if (before) await page.setViewportSize(before)
}
