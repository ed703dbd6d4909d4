/** A server of Redis, or a Sentinel, that is started with a file of configuration, in a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** It is ended with the test. */
export const startFromFile = (t: Test, lines: readonly string[], ...args: readonly string[]): void => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-redis-'))
  const file = join(folder, 'conf')
  writeFileSync(file, `${[`dir ${folder}`, 'bind 127.0.0.1', 'save ""', ...lines].join('\n')}\n`)
  const child = spawn(process.env.REDIS_SERVER ?? 'redis-server', [file, ...args], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true, force: true })
  })
}
