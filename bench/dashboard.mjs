// @ts-check
/**
 * Draws docs/pictures/dashboard.png: the panels of deploy/grafana/coatcheck.json, from what a real Prometheus answers to their
 * queries after some minutes of a small load on two replicas. In between Redis freezes for some seconds.
 *
 *     npm run build && node bench/dashboard.mjs --minutes 3
 */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { pageOf } from './dashboard-page.mjs'
import { createProcesses } from './processes.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '3' } } })
const SECONDS = Number(values.minutes) * 60
const KEY = `ck_picture_${'x'.repeat(32)}`
const root = join(import.meta.dirname, '..')
const processes = createProcesses()

/** @typedef {{ title: string, fieldConfig: { defaults: { unit: string, custom: { stacking: { mode: string } } } }, targets: { expr: string, legendFormat: string }[] }} Panel */

/** @param {number} port @param {string} method @param {string} path @param {unknown} [body] */
const call = (port, method, path, body, key = KEY) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => 0,
  )

/** One visitor: comes, looks, changes things, listens in a tab or two, and mostly logs out. @param {() => number} port */
const visit = async (port) => {
  const path = `/v1/sessions/${randomUUID()}`
  const tabs = new AbortController()
  await call(port(), 'PATCH', `${path}/settings`, { username: 'henrik', theme: 'dark' })
  for (let n = 0; n < 2; n++) {
    fetch(`http://127.0.0.1:${port()}${path}/events`, {
      headers: { authorization: `Bearer ${KEY}` },
      signal: tabs.signal,
    })
      .then(async ({ body }) => {
        for await (const _ of body ?? []);
      })
      .catch(() => {})
  }
  const turns = 4 + Math.random() * 30
  for (let turn = 0; turn < turns; turn++) {
    await call(port(), 'GET', `${path}/settings`)
    if (turn % 3 === 0) await call(port(), 'PATCH', `${path}/settings`, { visits: turn })
    if (turn % 7 === 0) await call(port(), 'POST', `${path}/tokens`, { keys: { read: ['*'], write: [] } })
    if (Math.random() < 0.02) await call(port(), 'GET', `${path}/settings`, undefined, 'ck_an_old_key')
    if (Math.random() < 0.05) await call(port(), 'GET', `${path}/settings/none`)
    await sleep(1000 + Math.random() * 2000)
  }
  if (Math.random() < 0.3) await call(port(), 'POST', `${path}/rotate`, { subject: 'user-42' })
  else if (Math.random() < 0.7) await call(port(), 'DELETE', path)
  tabs.abort()
}

try {
  const redis = await processes.startRedis()
  const env = {
    COATCHECK_STORE: `redis://127.0.0.1:${redis.port}`,
    COATCHECK_API_KEYS: `shop:${createHash('sha256').update(KEY).digest('hex')}`,
    COATCHECK_LOG_LEVEL: 'silent',
    COATCHECK_IDLE_TIMEOUT_SECONDS: '45',
  }
  const replicas = [
    await processes.startNode([join(root, 'dist/cli.js'), 'serve'], env),
    await processes.startNode([join(root, 'dist/cli.js'), 'serve'], env),
  ]
  const config = processes.path('prometheus.yml')
  const targets = JSON.stringify(replicas.map(({ port }) => `127.0.0.1:${port}`))
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: coatcheck, static_configs: [{ targets: ${targets} }] }]\n`,
  )
  const prometheus = await processes.startProgram(process.env.PROMETHEUS ?? 'prometheus', (port) => ({
    args: [
      ...[`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
      `--storage.tsdb.path=${processes.path('prometheus')}`,
    ],
  }))

  const began = Date.now()
  const until = began + SECONDS * 1000
  const port = () => /** @type {{ port: number }} */ (replicas[Math.random() < 0.5 ? 0 : 1]).port
  const come = async () => {
    while (Date.now() < until) {
      void visit(port)
      await sleep(150 + 250 * (1 + Math.sin((Date.now() - began) / 15_000)))
    }
  }
  const freeze = async () => {
    await sleep(SECONDS * 600)
    process.kill(redis.pid, 'SIGSTOP')
    await sleep(4000)
    process.kill(redis.pid, 'SIGCONT')
  }
  await Promise.all([come(), freeze()])

  /** @type {{ panels: Panel[] }} */
  const dashboard = JSON.parse(readFileSync(join(root, 'deploy/grafana/coatcheck.json'), 'utf8'))
  /** @param {string} expr @param {string} legend */
  const ask = async (expr, legend) => {
    const query = encodeURIComponent(expr.replaceAll('$__rate_interval', '10s').replaceAll('$job', 'coatcheck'))
    const range = `query=${query}&start=${began / 1000 + 12}&end=${Date.now() / 1000}&step=1`
    const answer = await fetch(`http://127.0.0.1:${prometheus.port}/api/v1/query_range?${range}`)
    const { data } =
      /** @type {{ data: { result: { metric: Record<string, string>, values: [number, string][] }[] } }} */ (
        await answer.json()
      )
    return data.result.map(({ metric, values: points }) => ({
      name: legend.replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? ''),
      points: points.map(([at, value]) => /** @type {[number, number]} */ ([at - began / 1000, Number(value)])),
    }))
  }
  const panels = []
  for (const { title, fieldConfig, targets: queries } of dashboard.panels) {
    const series = (await Promise.all(queries.map(({ expr, legendFormat }) => ask(expr, legendFormat)))).flat()
    // With Redis there is no disk.
    if (series.length > 0) panels.push({ title, unit: fieldConfig.defaults.unit, series })
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  const page = await browser.newPage({ viewport: { width: 1260, height: 100 } })
  await page.setContent(pageOf(panels))
  await page.screenshot({ path: join(root, 'docs/pictures/dashboard.png'), fullPage: true })
  await browser.close()
} finally {
  await processes.end()
}
// Visitors who are still there keep it up.
process.exit()
