/** A real Prometheus of the test's own, which reads services once a second and has the rules of the project. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { folder, root, runProgram, write } from '../scripts/project.ts'
import { freePort } from './redis-server.ts'
import { until } from './until.ts'

const PROGRAM = process.env.PROMETHEUS ?? 'prometheus'
/** It lies beside the other one, if that is named by its path. */
const PROMTOOL = PROGRAM.includes('/') ? join(dirname(PROGRAM), 'promtool') : 'promtool'

export const ALERTS = join(root, 'deploy/prometheus/alerts.yml')

/** Runs Prometheus's own checker. */
export const promtool = (args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> =>
  runProgram(PROMTOOL, args, { cwd })

export type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }

type Rule = { readonly name: string; readonly health: string; readonly state: string; readonly lastError?: string }

export const startPrometheus = async (t: Test, ports: readonly number[]) => {
  const dir = folder(t)
  const port = await freePort()
  const targets = JSON.stringify(ports.map((one) => `127.0.0.1:${one}`))
  write(dir, {
    'prometheus.yml': [
      'global: { scrape_interval: 1s, evaluation_interval: 1s }',
      `rule_files: [${JSON.stringify(ALERTS)}]`,
      `scrape_configs: [{ job_name: coatcheck, static_configs: [{ targets: ${targets} }] }]`,
    ].join('\n'),
  })
  const args = ['--config.file=prometheus.yml', `--web.listen-address=127.0.0.1:${port}`, '--storage.tsdb.path=data']
  const child = spawn(PROGRAM, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })

  const ask = async <Data>(path: string): Promise<Data> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
    const { status, data, error } = (await answer.json()) as { status: string; data: Data; error?: string }
    if (status !== 'success') throw new Error(error)
    return data
  }

  const isReady = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}:\n${output}`)
    return fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await until(isReady, 'Prometheus is ready')
  return {
    /** The value of an expression now. Throws what Prometheus has against it. */
    query: async (expression: string): Promise<readonly Series[]> =>
      (await ask<{ result: readonly Series[] }>(`query?query=${encodeURIComponent(expression)}`)).result,
    rules: async (): Promise<readonly Rule[]> =>
      (await ask<{ groups: { rules: Rule[] }[] }>('rules')).groups.flatMap(({ rules }) => rules),
  }
}
