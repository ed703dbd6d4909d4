import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../helpers/until.ts'
import { environment, folder, root, runProgram } from './project.ts'

/**
 * `npm start`, as the leader of a process group: a terminal's Ctrl-C is a signal to the whole group. npm hands it on as
 * well, and where its shell gives way to its command (bash does, dash does not) the service hears of it twice.
 */
const start = async (t: Test, shell = existsSync('/bin/bash') ? ['--script-shell=/bin/bash'] : []) => {
  const data = folder(t)
  const env = environment({ PORT: '0', COATCHECK_STORE: `lmdb:${data}` })
  const child = spawn('npm', ['start', ...shell], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  t.teardown(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All of the group has ended.
    }
  })
  await until(() => /curl/.test(output) || child.exitCode !== null, 'npm start prints a curl line')
  return {
    data,
    output: () => output,
    exited,
    pressCtrlC: () => process.kill(-(child.pid ?? 0), 'SIGINT'),
    endNpm: () => child.kill('SIGTERM'),
  }
}

t.test('npm start says where the Swagger UI is, and its curl lines work as pasted', async (t) => {
  const { output, exited, pressCtrlC } = await start(t)
  const docs = /Swagger UI\s+(http:\S+)/.exec(output())?.[1]
  t.match(docs && (await (await fetch(docs)).text()), /swagger/i, output())

  const lines = output()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('curl '))
  t.ok(lines.length > 0)
  for (const line of lines) {
    const { code, output: answer } = await runProgram('sh', ['-c', line.replace(/^curl/, '"$CURL" --silent')], {
      cwd: root,
      env: environment({ CURL: process.env.CURL ?? 'curl' }),
    })
    t.equal(code, 0, line)
    t.match(answer, '{"theme":"dark"}', line)
    t.notMatch(line, 'ck_', 'and it holds no secret')
  }

  pressCtrlC()
  const [code, signal] = await exited
  t.ok(code === 0 || signal === 'SIGINT', `Ctrl-C ends it cleanly (${code ?? signal})`)
})

t.test('what npm started ends with it', async (t) => {
  const { output, exited, endNpm } = await start(t, [])
  const [, url = ''] = /serves (http:\S+)/.exec(output()) ?? []
  const answers = () =>
    fetch(`${url}/livez`).then(
      () => true,
      () => false,
    )
  t.ok(await answers())
  endNpm()
  await exited
  await until(async () => !(await answers()), 'the service has ended, too')
  t.match(output(), '"msg":"closing"', 'in order')
})

t.test('Ctrl-C lets a call that is under way finish', async (t) => {
  const { data, output, exited, pressCtrlC } = await start(t)
  const { hostname, port } = new URL(/serves (http:\S+)/.exec(output())?.[1] ?? '')
  const authorization = readFileSync(join(data, 'authorization.header'), 'utf8').trim()
  const socket = connect(Number(port), hostname)
  let answer = ''
  t.teardown(() => socket.destroy())
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text
  })
  socket.on('error', (error) => {
    answer += error.message
  })
  const head = ['POST /v1/sessions HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 2']
  socket.write(`${[...head, 'Expect: 100-continue', authorization].join('\r\n')}\r\n\r\n`)
  await until(() => answer.includes('100 Continue'), 'the call is under way')

  pressCtrlC()
  await until(() => output().includes('"closing"'), 'the service closes')
  // What npm passes on comes about now; whether it does depends on its shell, so it is sent for certain.
  pressCtrlC()
  socket.write('{}')
  await until(() => socket.closed || answer.includes('201 Created'), 'the call is answered')
  t.match(answer, 'HTTP/1.1 201 Created')
  // The connection is left open, as a client's pool would leave it: the service does not wait for that.
  const [code, signal] = await exited
  t.ok(code === 0 || signal === 'SIGINT', `it ends cleanly (${code ?? signal})`)
})

t.test('a warm start costs well under a second, and goes straight to the service', async (t) => {
  await runProgram(process.execPath, ['scripts/start.mjs', '--help'], { cwd: root })
  const whole = await runProgram(process.execPath, ['scripts/start.mjs', '--help'], { cwd: root })
  const bare = await runProgram(process.execPath, ['dist/cli.js', 'serve', '--help'], { cwd: root })
  t.strictSame(whole, bare, 'it says no word more')

  // The processor's time, as the clock's depends on what else the machine does.
  const measure = `
    import { install } from './scripts/install.mjs'
    import { build } from './scripts/build.mjs'
    await install()
    await build()
    const { user, system } = process.cpuUsage()
    console.log(Math.round((user + system) / 1000))`
  const { output } = await runProgram(process.execPath, ['--input-type=module', '--eval', measure], { cwd: root })
  t.ok(Number(output) < 700, `it took ${output.trim()} ms, Node's own start counted`)
})
