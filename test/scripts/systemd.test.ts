/**
 * deploy/systemd, as systemd reads it: by `systemd-analyze` where that is, which needs no running systemd; and its parts held
 * against the package.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { examineConfiguration } from '../../src/config/read-configuration.ts'
import { folder, root, runProgram, write } from './project.ts'

const UNIT = 'deploy/systemd/coatcheck.service'
const text = readFileSync(join(root, UNIT), 'utf8')
const all = new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
const ANALYZE = '/usr/bin/systemd-analyze'
const isThere = existsSync(ANALYZE)
const analyze = (...args: string[]) => runProgram(ANALYZE, args, { cwd: root })

t.test('systemd knows every line of it', { skip: !isThere && 'there is no systemd here' }, async (t) => {
  t.strictSame(await analyze('verify', UNIT), { code: 0, output: '', lines: [''] })
  const path = folder(t)
  write(path, { 'wrong.service': text.replace('UMask=', 'Umask=') })
  t.match((await analyze('verify', join(path, 'wrong.service'))).output, /Unknown key.*Umask/, 'a wrong one is found')
})

t.test('it leaves the service little to attack', { skip: !isThere && 'there is no systemd here' }, async (t) => {
  const judge = (file: string) => analyze('security', '--offline=true', '--no-pager', '--threshold=15', file)
  const { code, output } = await judge(UNIT)
  t.equal(code, 0, output)
  const path = folder(t)
  write(path, { 'open.service': text.replace(/^SystemCallFilter=.*\n/gm, '').replace(/^Restrict.*\n/gm, '') })
  t.not((await judge(join(path, 'open.service'))).code, 0, 'less than that is found')
})

t.test('it runs what the package has, writes only where it may, and has time to end', async (t) => {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  t.equal(all.get('ExecStart'), `/usr/bin/env node /opt/coatcheck/${bin.coatcheck} serve`)
  t.match(Object.fromEntries(all), {
    DynamicUser: 'yes',
    StateDirectory: 'coatcheck',
    StateDirectoryMode: '0700',
    NoNewPrivileges: 'yes',
    CapabilityBoundingSet: '',
    ProtectSystem: 'strict',
    ProtectHome: 'yes',
    KillMode: 'mixed',
  })
  t.ok(Number(all.get('TimeoutStopSec')) >= 20)
  t.equal(all.get('MemoryDenyWriteExecute'), undefined, 'Node compiles while it runs')
})

t.test('the service starts with the environment beside it, as it is and with its lines taken in', async (t) => {
  const file = readFileSync(join(root, 'deploy/systemd/coatcheck.env'), 'utf8')
  const read = (lines: string) =>
    examineConfiguration(Object.fromEntries([...lines.matchAll(/^(\w+)=(.*)$/gm)].map(([, k = '', v = '']) => [k, v])))
  const asIs = read(file)
  t.strictSame(asIs.faults, [])
  t.equal(asIs.config.STORE, `lmdb:/var/lib/${all.get('StateDirectory')}/sessions`)
  const taken = read(file.replaceAll(/^#(?=[A-Z_]+=)/gm, '').replace('<hash>', 'a'.repeat(64)))
  t.strictSame(taken.faults, [])
  t.equal(taken.config.STORE, 'redis://127.0.0.1:6379')
})
