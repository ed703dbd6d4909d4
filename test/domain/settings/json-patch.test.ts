import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { depth, members, objectText } from '../../../src/domain/json/json-text.ts'
import { readJson } from '../../../src/domain/json/read-json.ts'
import { applyJsonPatch } from '../../../src/domain/settings/json-patch.ts'
import { readJsonPatch } from '../../../src/domain/settings/read-json-patch.ts'
import type { CoatcheckError } from '../../../src/errors.ts'
import { SLOWED } from '../../helpers/until.ts'

const LIMITS = { bytes: 65_536 }

const read = (patch: unknown) => {
  const text = readJson(Buffer.from(typeof patch === 'string' ? patch : JSON.stringify(patch)))
  const value = JSON.parse(text)
  return readJsonPatch(value, text)
}

/** Applies a patch to the texts of settings, and tells what it looked at and what came out. */
const patched = (settings: Iterable<readonly [string, string]>, patch: unknown, limits = LIMITS) => {
  const present = new Map(settings)
  const { set, remove, looked } = applyJsonPatch(read(patch), (key) => present.get(key), limits)
  for (const key of remove) present.delete(key)
  for (const [key, text] of set) present.set(key, text)
  return { settings: present, set, remove, looked }
}

/** The same for settings given as one text. */
const apply = (settings: string, patch: unknown): string => objectText(patched(members(settings), patch).settings)

const failsWith = (t: Test, run: () => unknown, code: string, pointer: string, message?: string) =>
  t.throws(run, { code, extras: { errors: [{ pointer }] } }, message ?? `${code} at ${pointer}`)

t.test('the examples of RFC 6902 hold', async (t) => {
  const examples: [about: string, settings: string, patch: string, result: string][] = [
    ['A.1', '{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'],
    ['A.2', '{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'],
    ['A.3', '{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'],
    ['A.4', '{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'],
    ['A.5', '{"baz":"q","foo":1}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo","foo":1}'],
    [
      'A.6',
      '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
      '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
      '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
    ],
    [
      'A.7',
      '{"foo":["all","grass","cows","eat"]}',
      '[{"op":"move","from":"/foo/1","path":"/foo/3"}]',
      '{"foo":["all","cows","eat","grass"]}',
    ],
    [
      'A.8',
      '{"baz":"qux","foo":["a",2,"c"]}',
      '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]',
      '{"baz":"qux","foo":["a",2,"c"]}',
    ],
    ['A.10', '{"foo":1}', '[{"op":"add","path":"/child","value":{"x":{}}}]', '{"foo":1,"child":{"x":{}}}'],
    ['A.11', '{"foo":1}', '[{"op":"add","path":"/baz","value":2,"xyz":123}]', '{"foo":1,"baz":2}'],
    ['A.14', '{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', '{"/":9,"~1":10}'],
    ['A.16', '{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["a"]}]', '{"foo":["bar",["a"]]}'],
  ]
  for (const [about, settings, patch, result] of examples) t.equal(apply(settings, patch), result, about)

  failsWith(t, () => apply('{"baz":"qux"}', [{ op: 'test', path: '/baz', value: 'bar' }]), 'test_failed', '#/0', 'A.9')
  const orphan = [{ op: 'add', path: '/baz/bat', value: 'qux' }]
  failsWith(t, () => apply('{"foo":"bar"}', orphan), 'path_not_found', '#/0', 'A.12')
  t.throws(() => read('[{"op":"add","path":"/baz","value":1,"op":"remove"}]'), { code: 'malformed_json' }, 'A.13')
  failsWith(
    t,
    () => apply('{"/":9,"~1":10}', [{ op: 'test', path: '/~01', value: '10' }]),
    'test_failed',
    '#/0',
    'A.15',
  )
})

t.test('what is no JSON Patch is refused before anything is looked up, with its place', async (t) => {
  const refused = (patch: unknown, pointer: string) => failsWith(t, () => read(patch), 'invalid_request', pointer)
  refused({}, '#')
  refused('null', '#')
  refused([{ op: 'add', path: '/a', value: 1 }, 1], '#/1')
  refused([null], '#/0')
  refused([[]], '#/0')
  refused([{ path: '/a' }], '#/0/op')
  refused([{ op: 'ADD', path: '/a', value: 1 }], '#/0/op')
  refused([{ op: ['add'], path: '/a', value: 1 }], '#/0/op')
  refused([{ op: 'remove' }], '#/0/path')
  refused([{ op: 'remove', path: 1 }], '#/0/path')
  refused([{ op: 'remove', path: 'a' }], '#/0/path')
  refused([{ op: 'remove', path: '/a~' }], '#/0/path')
  refused([{ op: 'remove', path: '/a~2' }], '#/0/path')
  refused([{ op: 'copy', path: '/a' }], '#/0/from')
  refused([{ op: 'move', path: '/a', from: 'b' }], '#/0/from')
  for (const op of ['add', 'replace', 'test']) refused([{ op, path: '/a' }], '#/0/value')
})

t.test('a patch of the whole document is refused', async (t) => {
  for (const op of ['add', 'remove', 'replace', 'test']) {
    failsWith(t, () => read([{ op, path: '', value: {} }]), 'invalid_patch', '#/0/path', op)
  }
  failsWith(t, () => read([{ op: 'copy', from: '', path: '/a' }]), 'invalid_patch', '#/0/from')
  failsWith(t, () => read([{ op: 'move', from: '/a', path: '' }]), 'invalid_patch', '#/0/path')
})

t.test('a value cannot be moved into itself', async (t) => {
  failsWith(t, () => read([{ op: 'move', from: '/a', path: '/a/b' }]), 'invalid_patch', '#/0/path')
  failsWith(t, () => read([{ op: 'move', from: '/a/~1', path: '/a/~1/b/c' }]), 'invalid_patch', '#/0/path')
  t.equal(apply('{"a":{ "b": 1}}', [{ op: 'move', from: '/a/b', path: '/a/b' }]), '{"a":{ "b": 1}}')
  t.equal(apply('{"a":1}', [{ op: 'move', from: '/a', path: '/ab' }]), '{"ab":1}')
  failsWith(t, () => apply('{}', [{ op: 'move', from: '/a', path: '/a' }]), 'path_not_found', '#/0')
})

t.test('a patch tells which keys it reads and writes before anything is read', async (t) => {
  const patch = read([
    { op: 'add', path: '/add/x', value: 1 },
    { op: 'replace', path: '/replace', value: 1 },
    { op: 'remove', path: '/remove/0' },
    { op: 'test', path: '/test/x', value: 1 },
    { op: 'copy', from: '/copied/x', path: '/copy' },
    { op: 'move', from: '/moved', path: '/mo~1ve~0/x' },
    { op: 'test', path: '/', value: 1 },
  ])
  t.same([...patch.reads].sort(), ['', 'copied', 'moved', 'test'])
  t.same([...patch.writes].sort(), ['add', 'copy', 'mo/ve~', 'moved', 'remove', 'replace'])
  t.same(read([]), { operations: [], reads: new Set(), writes: new Set() })
})

t.test('only what has a part in the result is looked at, and each key once', async (t) => {
  const settings = Object.entries({ a: '{"x":1}', b: '[1]', c: '2', d: '3' })
  const looked = (patch: unknown) => Object.fromEntries(patched(settings, patch).looked)
  t.same(looked([{ op: 'add', path: '/a', value: 1 }]), {})
  t.same(looked([{ op: 'add', path: '/new', value: 1 }]), {})
  t.same(looked([{ op: 'replace', path: '/c', value: 1 }]), { c: '2' })
  t.same(looked([{ op: 'remove', path: '/c' }]), { c: '2' })
  t.same(looked([{ op: 'test', path: '/c', value: 2 }]), { c: '2' })
  t.same(looked([{ op: 'add', path: '/a/y', value: 1 }]), { a: '{"x":1}' })
  t.same(looked([{ op: 'copy', from: '/c', path: '/d' }]), { c: '2' })
  t.same(looked([{ op: 'move', from: '/b/0', path: '/d' }]), { b: '[1]' })
  t.same(
    looked([
      { op: 'add', path: '/a', value: { z: 0 } },
      { op: 'test', path: '/a/z', value: 0 },
      { op: 'replace', path: '/a/z', value: 1 },
    ]),
    {},
    'what the patch itself put there is not looked up',
  )
  const asked: string[] = []
  const lookup = (key: string) => {
    asked.push(key)
    return '2'
  }
  const twice = read([
    { op: 'test', path: '/c', value: 2 },
    { op: 'replace', path: '/c', value: 3 },
    { op: 'test', path: '/c', value: 3 },
  ])
  applyJsonPatch(twice, lookup, LIMITS)
  t.same(asked, ['c'])
})

t.test('a patch can be applied again to other texts', async (t) => {
  const patch = read([
    { op: 'add', path: '/a', value: [] },
    { op: 'add', path: '/a/-', value: {} },
    { op: 'copy', from: '/b', path: '/a/0/x' },
  ])
  for (const b of ['1', '2']) t.same(applyJsonPatch(patch, () => b, LIMITS).set, new Map([['a', `[{"x":${b}}]`]]))
})

t.test('values are set as they were sent, null and whole objects too', async (t) => {
  const patch = `[
    { "value": { "2": 1.10, "1": [ 12345678901234567890 ] }, "op": "add", "path": "/a" },
    { "op": "add", "path": "/b", "value": null },
    { "op": "replace", "path": "/c/x", "value" :  "\\u0061" }
  ]`
  const { set } = patched([['c', '{ "\\u0078": 1, "9": [ ], "8": 1e400 }']], patch)
  t.same(
    [...set],
    [
      ['a', '{ "2": 1.10, "1": [ 12345678901234567890 ] }'],
      ['b', 'null'],
      ['c', '{"\\u0078":"\\u0061","9":[ ],"8":1e400}'],
    ],
  )
})

t.test('a value in which nothing changed is not written', async (t) => {
  const settings: [string, string][] = [
    ['a', '{ "x": [ 1 ] }'],
    ['b', '2'],
  ]
  const { set, remove } = patched(settings, [
    { op: 'replace', path: '/a/x/0', value: 1 },
    { op: 'add', path: '/a/x/0', value: 1 },
    { op: 'remove', path: '/a/x/0' },
    { op: 'test', path: '/b', value: 2 },
    { op: 'replace', path: '/b', value: 2 },
  ])
  t.same([set, remove], [new Map([['a', '{"x":[1]}']]), new Set()])
  t.equal(patched(settings, [{ op: 'add', path: '/a/x', value: '0' }]).set.size, 1)
  t.equal(patched([['a', '{ "x": 1 }']], [{ op: 'add', path: '/a/x', value: 1 }]).set.size, 0)
  t.equal(patched([['a', '[ 1 ]']], [{ op: 'replace', path: '/a/0', value: 1 }]).set.size, 0)
})

t.test('a key that was put and taken away again is removed', async (t) => {
  const { set, remove } = patched(
    [],
    [
      { op: 'add', path: '/a', value: 1 },
      { op: 'move', from: '/a', path: '/b' },
    ],
  )
  t.same([[...set], [...remove]], [[['b', '1']], ['a']])
})

t.test('a path that leads nowhere fails, and points at its operation', async (t) => {
  const settings = '{"a":[1,2],"o":{"x":1},"s":"text","n":null}'
  const fails = (operation: object) =>
    failsWith(
      t,
      () => apply(settings, [{ op: 'add', path: '/z', value: 1 }, operation]),
      'path_not_found',
      '#/1',
      JSON.stringify(operation),
    )
  for (const path of ['/x', '/x/y', '/a/2', '/a/-', '/a/01', '/a/1e0', '/a/-1', '/a/ 1', '/a/', '/a/length', '/s/0']) {
    fails({ op: 'remove', path })
    fails({ op: 'replace', path, value: 1 })
    fails({ op: 'test', path, value: 1 })
    fails({ op: 'copy', from: path, path: '/z' })
    fails({ op: 'move', from: path, path: '/z' })
  }
  for (const path of ['/o/toString', '/o/__proto__', '/o/constructor', '/__proto__', '/a/99999999999999999999']) {
    fails({ op: 'remove', path })
    fails({ op: 'replace', path, value: 1 })
  }
  for (const path of ['/a/3', '/a/01', '/a/x', '/x/y', '/s/0', '/s/-', '/n/x', '/a/0/x', '/o/y/z']) {
    fails({ op: 'add', path, value: 1 })
  }
  t.equal(apply('{"a":[]}', [{ op: 'add', path: '/a/0', value: 1 }]), '{"a":[1]}')
  t.equal(apply('{"a":{}}', [{ op: 'add', path: '/a/-', value: 1 }]), '{"a":{"-":1}}')
  t.equal(apply('{"":{"":1}}', [{ op: 'replace', path: '//', value: 2 }]), '{"":{"":2}}')
})

t.test('an error quotes no value and no key', async (t) => {
  const messages: string[] = []
  for (const patch of [[{ op: 'test', path: '/secret', value: 'guess' }], [{ op: 'remove', path: '/secret/secret' }]]) {
    try {
      apply('{"secret":"secret"}', patch)
    } catch (error) {
      const { message, extras } = error as CoatcheckError
      messages.push(message + JSON.stringify(extras))
    }
  }
  t.equal(messages.length, 2)
  t.notMatch(messages.join(), /secret|guess/)
})

t.test('no pointer makes a name that is refused', async (t) => {
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    failsWith(t, () => read([{ op: 'add', path: `/${name}`, value: 1 }]), 'name_refused', '#/0/path')
    failsWith(t, () => read([{ op: 'add', path: `/a/${name}`, value: 1 }]), 'name_refused', '#/0/path')
    failsWith(t, () => read([{ op: 'copy', from: '/a', path: `/b/${name}` }]), 'name_refused', '#/0/path')
    failsWith(t, () => read([{ op: 'move', from: '/a', path: `/${name}` }]), 'name_refused', '#/0/path')
  }
  t.equal(apply('{"a":{}}', [{ op: 'add', path: '/a/toString', value: 1 }]), '{"a":{"toString":1}}')
})

t.test('half a surrogate pair names nothing, and makes no key', async (t) => {
  const fails = (operation: object) => failsWith(t, () => apply('{"\ufffd":1}', [operation]), 'path_not_found', '#/0')
  fails({ op: 'remove', path: '/\ud800' })
  fails({ op: 'test', path: '/\ud800', value: 1 })
  failsWith(t, () => read([{ op: 'add', path: '/\ud800', value: 1 }]), 'key_length', '#/0/path')
  failsWith(t, () => read([{ op: 'copy', from: '/a', path: '/\ud800/x' }]), 'key_length', '#/0/path')
  const inside = apply('{"a":{}}', [{ op: 'add', path: '/a/\ud800', value: 1 }])
  t.equal(inside, '{"a":{"\\ud800":1}}', 'inside a value it is escaped, as it would have been sent')
})

t.test('a test compares by RFC 6902: numbers by value, strings decoded, objects without order', async (t) => {
  const holds = (present: string, value: string): boolean => {
    try {
      patched([['a', present]], `[{"op":"test","path":"/a","value":${value}}]`)
      return true
    } catch (error) {
      t.equal((error as CoatcheckError).code, 'test_failed')
      return false
    }
  }
  for (const [present, value] of [
    ['1.0', '1'],
    ['1e2', '100'],
    ['-0', '0'],
    ['"\\u0061\\/"', '"a/"'],
    ['{ "a": 1, "b": [ true ] }', '{"b":[true],"\\u0061":1.0}'],
    ['[]', '[ ]'],
    ['null', 'null'],
    ['1e99999999999', '10e99999999998'],
  ] as const) {
    t.ok(holds(present, value), `${present} is ${value}`)
    t.ok(holds(value, present), `${value} is ${present}`)
  }
  for (const [present, value] of [
    ['9007199254740992', '9007199254740993'],
    ['1', '"1"'],
    ['"a"', '"b"'],
    ['null', 'false'],
    ['true', 'false'],
    ['[]', '{}'],
    ['[]', 'null'],
    ['{}', '0'],
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,1]'],
    ['{"a":1}', '{"a":1,"b":1}'],
    ['{"a":1}', '{"b":1}'],
    ['{"a":1}', '{"toString":1}'],
    ['{"a":[{"b":1}]}', '{"a":[{"b":2}]}'],
  ] as const) {
    t.notOk(holds(present, value), `${present} is not ${value}`)
    t.notOk(holds(value, present), `${value} is not ${present}`)
  }
})

t.test('a test sees what came before it in the patch', async (t) => {
  const patch = [
    { op: 'add', path: '/a/1', value: { x: 1 } },
    { op: 'test', path: '/a', value: [0, { x: 1 }] },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'remove', path: '/a/1/x' },
    { op: 'test', path: '/b/1', value: { x: 1 } },
    { op: 'test', path: '/a', value: [0, {}] },
  ]
  t.equal(apply('{"a":[0]}', patch), '{"a":[0,{}],"b":[0,{"x":1}]}')
})

t.test('a value copied into itself over and over is stopped at the limit', async (t) => {
  const doubling = Array.from({ length: 1000 }, (_, index) => ({ op: 'copy', from: '/a', path: `/a/${index}` }))
  const before = process.cpuUsage()
  t.throws(() => patched([['a', '{}']], doubling), { code: 'settings_too_large', extras: { limit: LIMITS.bytes } })
  t.ok(process.cpuUsage(before).user < 1_000_000 * SLOWED)
})

t.test('what a patch copies and takes away again is bounded too', async (t) => {
  const patch = (times: number) => Array(times).fill({ op: 'copy', from: '/a', path: '/b' })
  const settings: [string, string][] = [['a', `"${'x'.repeat(98)}"`]]
  t.equal(patched(settings, patch(8), { bytes: 200 }).set.size, 1)
  t.throws(() => patched(settings, patch(9), { bytes: 200 }), { code: 'settings_too_large' })
})

t.test('a result larger than settings may be is refused', async (t) => {
  const patch = [{ op: 'add', path: '/é', value: 'x'.repeat(8) }]
  t.equal(patched([], patch, { bytes: 12 }).set.size, 1)
  t.throws(() => patched([], patch, { bytes: 11 }), { code: 'settings_too_large', extras: { limit: 11 } })
})

t.test('thousands of operations on a long array, on a long number and at great depth take little time', async (t) => {
  const timed = (about: string, run: () => void) => {
    const before = process.cpuUsage()
    run()
    const took = process.cpuUsage(before).user / 1000
    t.ok(took < 1000 * SLOWED, `${about}: ${took.toFixed(0)} ms`)
  }
  const list = `[${'1,'.repeat(8000)}1]`
  const many = (operation: object) => Array(4000).fill(operation)
  timed('adding', () => patched([['a', list]], many({ op: 'add', path: '/a/0', value: 2 })))
  timed('removing', () => patched([['a', list]], many({ op: 'remove', path: '/a/0' })))
  timed('moving', () => patched([['a', list]], many({ op: 'move', from: '/a/0', path: '/a/7000' })))
  const long = `1.${'0'.repeat(60_000)}`
  timed('testing', () => patched([['a', long]], many({ op: 'test', path: '/a', value: 1 })))
  const deep = `${'['.repeat(100)}${'1,'.repeat(30_000)}1${']'.repeat(100)}`
  timed('reaching down', () => patched([['a', deep]], many({ op: 'test', path: `/a${'/0'.repeat(100)}`, value: 1 })))
})

t.test('nesting one value in another over and over ends in an error', async (t) => {
  const nested = JSON.parse('['.repeat(100) + ']'.repeat(100))
  const patch = Array.from({ length: 200 }, () => [
    { op: 'add', path: '/b', value: nested },
    { op: 'move', from: '/a', path: `/b${'/0'.repeat(100)}` },
    { op: 'move', from: '/b', path: '/a' },
  ]).flat()
  t.throws(() => patched([['a', '1']], patch), { code: 'too_deep' })
  t.equal(depth(patched([['a', '1']], patch.slice(0, 3)).set.get('a')!), 100)
  const far = [{ op: 'add', path: `/a${'/0'.repeat(30_000)}`, value: 1 }]
  failsWith(t, () => patched([['a', '[]']], far), 'path_not_found', '#/0')
})

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Step = { op: string; path: string; from: string; value: Json }

/** RFC 6902 over plain values, written for being obvious. Throws the code of the error. */
const reference = (settings: Json, patch: readonly Step[]): Json => {
  const document = structuredClone(settings)
  const child = (value: Json | undefined, token: string): Json | undefined => {
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined
    if (typeof value !== 'object' || value === null) return undefined
    return Object.hasOwn(value, token) ? value[token] : undefined
  }
  const get = (path: string): Json => {
    const found = path.split('/').slice(1).reduce<Json | undefined>(child, document)
    if (found === undefined) throw 'path_not_found'
    return found
  }
  const split = (path: string) => ({ parent: get(path.slice(0, path.lastIndexOf('/'))), last: path.split('/').at(-1)! })
  const remove = (path: string): Json => {
    const value = get(path)
    const { parent, last } = split(path)
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else delete (parent as { [name: string]: Json })[last]
    return value
  }
  const add = (path: string, value: Json): void => {
    const { parent, last } = split(path)
    if (Array.isArray(parent)) {
      const index = last === '-' ? parent.length : /^(0|[1-9]\d*)$/.test(last) ? Number(last) : Infinity
      if (index > parent.length) throw 'path_not_found'
      parent.splice(index, 0, value)
    } else if (typeof parent === 'object' && parent !== null) parent[last] = value
    else throw 'path_not_found'
  }
  for (const { op, path, from, value } of structuredClone(patch) as Step[]) {
    if (op === 'add') add(path, value)
    else if (op === 'remove') remove(path)
    else if (op === 'replace') {
      get(path)
      const { parent, last } = split(path)
      ;(parent as { [name: string]: Json })[last] = value
    } else if (op === 'move') {
      if (path.startsWith(`${from}/`)) throw 'invalid_patch'
      if (path === from) get(path)
      else add(path, remove(from))
    } else if (op === 'copy') add(path, structuredClone(get(from)))
    else if (!isDeepStrictEqual(get(path), value)) throw 'test_failed'
  }
  return document
}

const name = fc.constantFrom('a', 'b', '0')
const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<Json>(null, true, 0, 1.5, '', 'x'),
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 2 },
    { arbitrary: fc.dictionary(name, tie('value'), { noNullPrototype: true }), weight: 2 },
  ),
}))
const settingsOf = fc.dictionary(name, json, { minKeys: 2, noNullPrototype: true })
const inside = fc.array(fc.constantFrom('a', 'b', '0', '1', '-'), { maxLength: 2 })
const path = fc.tuple(name, inside).map(([key, inside]) => `/${[key, ...inside].join('/')}`)
const op = fc.constantFrom('add', 'add', 'remove', 'replace', 'move', 'copy', 'test')
const step: fc.Arbitrary<Step> = fc.record({ op, path, from: path, value: json })
const steps = fc.array(step, { minLength: 1, maxLength: 3 })

const outcome = <T>(run: () => T): { value: T } | { code: unknown } => {
  try {
    return { value: run() }
  } catch (error) {
    return { code: typeof error === 'string' ? error : (error as CoatcheckError).code }
  }
}

t.test('any patch of any settings gives what RFC 6902 over plain values gives', async (t) => {
  let applied = 0
  fc.assert(
    fc.property(settingsOf, steps, fc.constantFrom('', ' '), (settings, patch, space) => {
      const expected = outcome(() => reference(settings, patch))
      const given = outcome(() => JSON.parse(apply(JSON.stringify(settings, null, space), patch)))
      if ('value' in given) applied++
      // A move into itself is seen when the patch is read, before any other fault of it.
      return isDeepStrictEqual(given, expected) || ('code' in given && given.code === 'invalid_patch')
    }),
    { numRuns: 1500 },
  )
  t.ok(applied > 150, 'also when it can be applied')
})

t.test('keys that were not looked at have no part in the result', async () => {
  fc.assert(
    fc.property(settingsOf, settingsOf, steps, (settings, others, patch) => {
      const result = outcome(() => patched(members(JSON.stringify(settings)), patch))
      if ('code' in result) return true
      const { set, remove, looked } = result.value
      const changed = new Map(members(JSON.stringify(others)))
      for (const [key, text] of looked) changed.set(key, text)
      const again = patched(changed, patch)
      return isDeepStrictEqual([again.set, again.remove, again.looked], [set, remove, looked])
    }),
    { numRuns: 1000 },
  )
})
