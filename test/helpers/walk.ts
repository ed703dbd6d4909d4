/**
 * Follows a document as a reader would who pastes its blocks, in their order, into a shell in an empty folder, and
 * compares what each prints with the answer below it. Blocks that start servers are read, not pasted: a server is started
 * with what the block and those before it set. A document's ports, and its Redis, are others here. TypeScript is written to
 * a file and run by Node (`programs.ts`), with what the shell has exported.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { environment, folder } from '../scripts/project.ts'
import { CLI } from './cli.ts'
import { answerPattern, type Program, type Step } from './documents.ts'
import { runProgram, startServer, writeProgram } from './programs.ts'
import { freePort } from './redis-server.ts'
import { openShell, type Shell } from './shell.ts'
import { until } from './until.ts'

type Server = { readonly url: string; stop(): Promise<void> }

/** Serves from the compiled code in a folder, which is the test's own; ended with the test. */
export const serve = async (t: Test, cwd: string, env: NodeJS.ProcessEnv, port?: number): Promise<Server> => {
  const url = `http://127.0.0.1:${port ?? (await freePort())}`
  const child = spawn(process.execPath, [CLI, 'serve'], {
    cwd,
    env: environment({ COATCHECK_LOG_LEVEL: 'warn', ...env, PORT: new URL(url).port }),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  t.teardown(stop)
  const ready = (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}.`)
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await until(ready, 'the service is ready')
  return { url, stop }
}

/** A folder for the PATH in which `npx coatcheck` is the compiled command, so that nothing is fetched. */
const commandFolder = (t: Test): string => {
  const path = folder(t)
  const script = `#!/bin/sh\n[ "$1" = coatcheck ] || exit 127\nshift\nexec '${process.execPath}' '${CLI}' "$@"\n`
  writeFileSync(join(path, 'npx'), script, { mode: 0o755 })
  return path
}

/** What keeps a stream of events alive while nothing happens: it comes where a machine is slow, and documents leave it out. */
const HEARTBEAT = /^:\n\n/gm

const SERVE = /^PORT=(\d+) npx coatcheck serve$/

/** Whether a block does nothing but start servers, each in a terminal of its own. */
const startsServers = (command: string): boolean => {
  const lines = command.split('\n')
  return (
    lines.some((line) => SERVE.test(line)) &&
    lines.every((line) => SERVE.test(line) || /^(export |unset |#|$)/.test(line))
  )
}

export type Walk = {
  /** Takes these steps, and compares what comes of them. */
  take(t: Test, steps: readonly Step[]): Promise<void>
}

/** A walk in a folder. `places` are the document's hosts and ports, such as that of Redis, and what they are here. */
export const beginWalk = (t: Test, cwd: string, places: Readonly<Record<string, string>> = {}): Walk => {
  const usual = places['127.0.0.1:3000']
  const env = {
    PATH: `${commandFolder(t)}:${process.env.PATH}`,
    ...(usual === undefined ? {} : { COATCHECK_URL: `http://${usual}` }),
  }
  const shell: Shell = openShell(t, { cwd, env })
  const here = new Map(Object.entries(places))
  const servers = new Map<string, Server>()

  const translated = (text: string): string => {
    let result = text
    for (const [documented, real] of here) result = result.replaceAll(documented, real)
    return result
  }

  /** A server that runs on this port is stopped first. */
  const start = async (port: string, exported: NodeJS.ProcessEnv): Promise<void> => {
    const before = servers.get(port)
    await before?.stop()
    const server = await serve(t, cwd, exported, before && Number(new URL(before.url).port))
    servers.set(port, server)
    here.set(`127.0.0.1:${port}`, new URL(server.url).host)
  }

  /** Answers what it printed. */
  const takeProgram = async (text: string, { how, name, port }: Program): Promise<string> => {
    let own = translated(text)
    if (how === 'serve' && port !== undefined) {
      const free = String(await freePort())
      here.set(`127.0.0.1:${port}`, `127.0.0.1:${free}`)
      own = translated(text).replaceAll(new RegExp(`\\b${port}\\b`, 'g'), free)
      writeProgram(cwd, name, own)
      await startServer(t, { cwd, name, env: await shell.exported(), url: `http://127.0.0.1:${free}` })
      return ''
    }
    writeProgram(cwd, name, own)
    return how === 'file' ? '' : runProgram({ cwd, name, env: await shell.exported(), isPage: how === 'page' })
  }

  return {
    async take(t, steps) {
      for (const { command, answer, program } of steps) {
        if (program) {
          const printed = await takeProgram(command, program)
          if (answer !== undefined) t.match(printed.trim(), answerPattern(translated(answer)), program.name)
          continue
        }
        if (startsServers(command)) {
          const lines = translated(command).split('\n')
          await shell.run(lines.filter((line) => /^(export|unset) /.test(line)).join('\n'))
          const exported = await shell.exported()
          const ports = lines.flatMap((line) => SERVE.exec(line)?.[1] ?? [])
          await Promise.all(ports.map((port) => start(port, exported)))
          // Where the command looks for the service if nobody says.
          await shell.run(`export COATCHECK_URL=http://${here.get('127.0.0.1:3000')}`)
          continue
        }
        const printed = (await shell.run(translated(command))).replaceAll(HEARTBEAT, '')
        if (answer !== undefined) t.match(printed.trim(), answerPattern(translated(answer)), command)
      }
    },
  }
}
