// @ts-check
/** A page that shows the panels of a dashboard as Grafana would, drawn in SVG from the points of their series. */

/** @typedef {{ name: string, points: [seconds: number, value: number][] }} Series */
/** @typedef {{ title: string, unit: string, series: readonly Series[] }} Panel */

const [WIDTH, HEIGHT] = [400, 190]
const PLOT = { left: 52, right: 10, top: 10, bottom: 22 }
const COLOURS = ['#1f77b4', '#e6550d', '#31a354', '#756bb1', '#d62728', '#17becf', '#bcbd22', '#8c564b', '#7f7f7f']
const MOST_NAMED = 8

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)

/** @param {number} value @param {string} unit */
const shown = (value, unit) => {
  const size = Math.abs(value)
  if (unit === 's' && size < 1) return `${+(value * 1000).toPrecision(3)} ms`
  if (unit === 's') return `${+value.toPrecision(3)} s`
  if (unit === 'bytes') return `${Math.round(value / 2 ** 20)} MiB`
  if (unit === 'percentunit') return `${+(value * 100).toPrecision(3)} %`
  return String(+value.toPrecision(3))
}

/** The next of 1, 2, 5, 10, 20, … @param {number} value */
const round = (value) => {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value * 0.999) ?? 10) * power
}

/** @param {Panel} panel */
const drawn = ({ title, unit, series }) => {
  const real = series.map(({ name, points }) => ({
    name,
    points: points.filter(([, value]) => Number.isFinite(value)),
  }))
  const all = real.flatMap(({ points }) => points)
  const [times, numbers] = [all.map(([at]) => at), all.map(([, value]) => value)]
  const [from, to] = [Math.min(...times), Math.max(...times)]
  const top = round(Math.max(...numbers, unit === 's' ? 0.001 : 1e-3))
  const bottom = Math.min(...numbers) < 0 ? -round(-Math.min(...numbers)) : 0
  /** @param {number} at */
  const x = (at) => PLOT.left + ((at - from) / (to - from || 1)) * (WIDTH - PLOT.left - PLOT.right)
  /** @param {number} value */
  const y = (value) => PLOT.top + ((top - value) / (top - bottom)) * (HEIGHT - PLOT.top - PLOT.bottom)

  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => bottom + (top - bottom) * part)
  const grid = levels.map(
    (value) =>
      `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(value)}" y2="${y(value)}" stroke="#e3e3e3"/>` +
      `<text x="${PLOT.left - 6}" y="${y(value) + 3}" text-anchor="end">${shown(value, unit)}</text>`,
  )
  const minutes = Array.from({ length: Math.floor(to / 60) + 1 }, (_, minute) => minute * 60).filter((at) => at >= from)
  const clock = minutes.map((at) => `<text x="${x(at)}" y="${HEIGHT - 6}" text-anchor="middle">${at / 60} min</text>`)
  const lines = real.map(({ points }, i) => {
    const path = points.map(([at, value], n) => {
      // What was not there for a while has a gap.
      const isNew = n === 0 || at - (points[n - 1]?.[0] ?? 0) > 2
      return `${isNew ? 'M' : 'L'}${x(at).toFixed(1)},${y(value).toFixed(1)}`
    })
    return `<path d="${path.join('')}" fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.6"/>`
  })
  const legend = real
    .slice(0, MOST_NAMED)
    .map(({ name }, i) => `<span><i style="background:${COLOURS[i % COLOURS.length]}"></i>${escaped(name)}</span>`)
  return (
    `<section><h2>${escaped(title)}</h2>` +
    `<svg width="${WIDTH}" height="${HEIGHT}">${[...grid, ...clock, ...lines].join('')}</svg>` +
    `<p>${legend.join('')}</p></section>`
  )
}

const STYLE = `
  body { margin: 8px; width: 1244px; background: #f4f5f5; font: 12px sans-serif; color: #24292e;
    display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px }
  section { background: #fff; border: 1px solid #d9d9d9; border-radius: 3px; padding: 6px 4px }
  h2 { font-size: 13px; font-weight: 600; margin: 2px 6px 4px }
  text { font: 10px sans-serif; fill: #6a6a6a }
  p { margin: 0 6px; display: flex; flex-wrap: wrap; gap: 2px 10px; font-size: 10px; color: #444 }
  i { display: inline-block; width: 10px; height: 3px; margin-right: 4px; vertical-align: middle }`

/** @param {readonly Panel[]} panels */
export const pageOf = (panels) =>
  `<!doctype html><meta charset="utf-8"><title>Coatcheck</title><style>${STYLE}</style>${panels.map(drawn).join('')}`
