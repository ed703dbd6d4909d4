import fc from 'fast-check'
import t from 'tap'
import { decodeString, depth, elements, MAX_DEPTH, members, objectText } from '../../../src/domain/json/json-text.ts'
import { fromText, itemsOf, membersOf, putMember, textOf, type Value } from '../../../src/domain/json/json-value.ts'
import { pointerTo } from '../../../src/domain/json/pointer-fault.ts'
import { readJson } from '../../../src/domain/json/read-json.ts'
import { checkForm, checkKey } from '../../../src/domain/settings/check-settings.ts'
import type { CoatcheckError } from '../../../src/errors.ts'

const read = (text: string) => {
  const found = readJson(Buffer.from(text))
  return { text: found, value: JSON.parse(found) }
}

const errorOf = (run: () => unknown): CoatcheckError => {
  try {
    run()
  } catch (error) {
    return error as CoatcheckError
  }
  throw new Error('Nothing was thrown.')
}

const hasProblem = (error: CoatcheckError, code: string, pointer: string) =>
  error.code === code && error.extras.errors?.[0]?.pointer === pointer

t.test('a body is read as its text, without the whitespace around it, and its value', async (t) => {
  const text = '{ "b" : 1.10, "1": 12345678901234567890,\n"a":[] , "é🎉": "\\u00e9" }'
  const body = read(`\r\n\t ${text} \n`)
  t.equal(body.text, text)
  t.same(body.value, JSON.parse(text))
  t.same(read('null'), { text: 'null', value: null })
})

t.test('bytes that are no UTF-8 are refused, with their place', async (t) => {
  const at = (hex: string, byte: number) => {
    const error = errorOf(() => readJson(Buffer.from(hex, 'hex')))
    t.equal(error.code, 'malformed_json')
    t.match(error.message, `around byte ${byte} `, hex)
  }
  at('22ff22', 1)
  at('22c3a9c322', 3)
  at('22c0af22', 1)
  at('22eda08022', 1)
  at('22f4908080', 1)
  at('22e282', 1)
  at('22efbf', 3)
})

t.test('a byte order mark is refused', async (t) => {
  t.match(
    errorOf(() => read('\ufeff{}')),
    { code: 'malformed_json', message: /byte order mark/ },
  )
})

t.test('an empty body is refused', async (t) => {
  for (const text of ['', ' \n'])
    t.match(
      errorOf(() => read(text)),
      { code: 'malformed_json' },
    )
})

t.test(
  'a syntax error is told by its place and what is expected there, and nothing of the body is quoted',
  async (t) => {
    const at = (text: string, message: string) => {
      const error = errorOf(() => read(text))
      t.equal(error.code, 'malformed_json', text)
      t.match(error.message, message, text)
      t.notMatch(error.message, 'secret')
    }
    at('{"secret" 1}', 'at byte 10, ":" is expected')
    at('{"é" 1}', 'at byte 6, ":" is expected')
    at('{secret:1}', 'at byte 1, a member name in quotes is expected')
    at('{"a":1,}', 'at byte 7, a member name in quotes is expected')
    at('{"a":1]', 'at byte 6, "," or "}" is expected')
    at('[1,]', 'at byte 3, a value is expected')
    at('[1}', 'at byte 2, "," or "]" is expected')
    at('secret', 'at byte 0, a value is expected')
    at('1 secret', 'at byte 2, the end of the body is expected')
    at('01', 'at byte 1, the end of the body is expected')
    at('1.x', 'at byte 2, a digit is expected')
    at('"secret', 'where the body ends')
    at('"\\secret"', 'at byte 1, an escape sequence of JSON is expected')
    at('"\t"', 'at byte 1, an escaped control character')
    at('"\u001f"', 'at byte 1, an escaped control character')
    t.equal(read('"\u007f\u2028"').value, '\u007f\u2028', 'others may stand as they are')
  },
)

t.test('exactly what JSON.parse takes is read, and as the same value', async (t) => {
  const parsed = (text: string): { value: unknown } | undefined => {
    try {
      return { value: JSON.parse(text) }
    } catch {
      return undefined
    }
  }
  let taken = 0
  const agrees = (text: string): boolean => {
    const native = parsed(text)
    try {
      const { value } = read(text)
      taken++
      return native !== undefined && JSON.stringify(value) === JSON.stringify(native.value)
    } catch (error) {
      const { code, extras } = error as CoatcheckError
      // A duplicate or refused name has a pointer; there JSON.parse is not the judge.
      return extras.errors !== undefined || (code === 'malformed_json' && native === undefined)
    }
  }
  const crumb = fc.constantFrom(
    ...'{}[],:"\\ \n\t019-+.eEu/\u0001é',
    '"a"',
    'true',
    'false',
    'null',
    '\\u00e9',
    '1.5e3',
  )
  fc.assert(
    fc.property(fc.array(crumb, { maxLength: 8 }), (crumbs) => agrees(crumbs.join(''))),
    { numRuns: 1500 },
  )
  const damaged = fc.tuple(fc.json(), fc.nat(), fc.nat(2), crumb)
  fc.assert(
    fc.property(damaged, ([json, where, cut, crumb]) => {
      const at = where % (json.length + 1)
      return agrees(json) && agrees(json.slice(0, at) + crumb + json.slice(at + cut))
    }),
    { numRuns: 700 },
  )
  t.ok(taken > 700, 'also when it is taken')
})

t.test('a member name that stands twice is refused at any depth, however it is escaped', async (t) => {
  t.ok(
    hasProblem(
      errorOf(() => read('{"a":1,"a":1}')),
      'malformed_json',
      '#/a',
    ),
  )
  t.ok(
    hasProblem(
      errorOf(() => read('{"x":[0,{"a/b":1,"c":2,"\\u0061/b":3}]}')),
      'malformed_json',
      '#/x/1/a~1b',
    ),
  )
  t.ok(
    hasProblem(
      errorOf(() => read('{"é":1,"\\u00E9":1}')),
      'malformed_json',
      '#/%C3%A9',
    ),
  )
  t.ok(
    hasProblem(
      errorOf(() => read('{"":1,"":1}')),
      'malformed_json',
      '#/',
    ),
  )
  t.same(read('{"a":{"a":[{"a":1},{"a":1}]},"A":1}').value, { a: { a: [{ a: 1 }, { a: 1 }] }, A: 1 })
})

t.test('names that mean something to a JavaScript object are refused at any depth', async (t) => {
  t.ok(
    hasProblem(
      errorOf(() => read('{"__proto__":{}}')),
      'name_refused',
      '#/__proto__',
    ),
  )
  t.ok(
    hasProblem(
      errorOf(() => read('{"a":[{"\\u005f_proto__":1}]}')),
      'name_refused',
      '#/a/0/__proto__',
    ),
  )
  t.ok(
    hasProblem(
      errorOf(() => read('{"a":{"constructor":1}}')),
      'name_refused',
      '#/a/constructor',
    ),
  )
  t.ok(
    hasProblem(
      errorOf(() => read('[{"prototype":1}]')),
      'name_refused',
      '#/0/prototype',
    ),
  )
  t.same(read('["__proto__",{"proto":"constructor"}]').value, ['__proto__', { proto: 'constructor' }])
})

t.test('nesting is read up to the bound, and a megabyte of brackets ends in an error', async (t) => {
  const nested = (open: string, levels: number, close: string) => open.repeat(levels) + close.repeat(levels)
  t.equal(depth(read(nested('[', MAX_DEPTH, ']')).text), MAX_DEPTH)
  for (const text of [
    nested('[', MAX_DEPTH + 1, ']'),
    '['.repeat(1_000_000),
    nested('[', 500_000, ']'),
    '{"a":'.repeat(200_000),
    '[{"a":'.repeat(150_000),
  ]) {
    t.match(
      errorOf(() => read(text)),
      { code: 'too_deep', extras: { limit: MAX_DEPTH } },
    )
  }
})

t.test('a pointer is an RFC 6901 fragment, and as long as is sensible', async (t) => {
  t.equal(pointerTo([]), '#')
  t.equal(pointerTo(['a/b', 'm~n', 0, '', 'é %']), '#/a~1b/m~0n/0//%C3%A9%20%25')
  t.equal(pointerTo(['a', '\ud800']), '#/a/%EF%BF%BD')
  t.equal(pointerTo(['a', 'b'.repeat(5000), 'c']), '#/a')
})

t.test('members have their texts exactly as sent, in the order sent', async (t) => {
  t.same(members('{ "b" :\t[ 1, 2 ] ,"10": 1.10,"9":12345678901234567890, "\\u0061\\"}": "}\\\\" , "o":{ }\n}'), [
    ['b', '[ 1, 2 ]'],
    ['10', '1.10'],
    ['9', '12345678901234567890'],
    ['a"}', '"}\\\\"'],
    ['o', '{ }'],
  ])
  t.same(members('{}'), [])
  t.same(elements('[ ]'), [])
  t.same(elements('[ {"a": "]"} ,null,"\\"", -1e5 ]'), ['{"a": "]"}', 'null', '"\\""', '-1e5'])
})

t.test('only an object has members', async (t) => {
  for (const text of ['[]', '1', 'null', '"{}"']) {
    t.match(
      errorOf(() => members(text)),
      { code: 'invalid_request', extras: { errors: [{ pointer: '#' }] } },
    )
  }
})

t.test('cutting a text that is no JSON ends in an error', async (t) => {
  for (const text of ['{', '{"a', '{"a":', '{"a":[', '{"a":"', '{a}']) t.throws(() => members(text), /not JSON/, text)
  for (const text of ['[', '[1', '[[', '["']) t.throws(() => elements(text), /not JSON/, text)
})

t.test('whatever an object holds, its members parse to the same', async () => {
  const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true })
  fc.assert(
    fc.property(object, fc.constantFrom('', ' ', '\n\t'), (object, space) => {
      const text = JSON.stringify(object, null, space)
      const parsed = members(text).map(([name, text]) => [name, JSON.stringify(JSON.parse(text))])
      const given = Object.entries(object).map(([name, value]) => [name, JSON.stringify(value)])
      return JSON.stringify(parsed) === JSON.stringify(given)
    }),
  )
})

t.test('depth counts containers in each other', async (t) => {
  for (const [text, levels] of [
    ['1', 0],
    ['"[[["', 0],
    ['[]', 1],
    ['[[]]', 2],
    ['[1,{"a":"\\"]"},[[ ]],2]', 3],
  ] as const) {
    t.equal(depth(text), levels, text)
  }
})

t.test('a key has 1 to so many bytes, and no half of a surrogate pair', async (t) => {
  checkKey('a', 4)
  checkKey('🎉', 4)
  checkKey('\u0000', 4)
  for (const key of ['', 'abcde', 'é🎉', '\ud83c', 'a\udf89', '\udf89\ud83c']) {
    t.match(
      errorOf(() => checkKey(key, 4)),
      { code: 'key_length', extras: { limit: 4 } },
      JSON.stringify(key),
    )
  }
  t.ok(
    hasProblem(
      errorOf(() => checkKey('', 4)),
      'key_length',
      '#/',
    ),
  )
})

t.test('settings are checked for their keys and nesting, of which they are the first level', async (t) => {
  const limits = { keyBytes: 8, depth: 3 }
  checkForm(members('{"a":[[]],"b":{"c":[1,2,3]},"d":"[[[["}'), limits)
  checkForm(new Map(), limits)
  t.match(
    errorOf(() => checkForm(members('{"a":1,"b/c":[[[]]]}'), limits)),
    {
      code: 'too_deep',
      extras: { errors: [{ pointer: '#/b~1c' }], limit: 3 },
    },
  )
  t.match(
    errorOf(() => checkForm(members('{"a":1,"too long a":1}'), limits)),
    {
      code: 'key_length',
      extras: { errors: [{ pointer: '#/too%20long%20a' }], limit: 8 },
    },
  )
  t.match(
    errorOf(() => checkForm([['a', '[]']], { keyBytes: 8, depth: 1 })),
    { code: 'too_deep' },
  )
  checkForm([['a', '1']], { keyBytes: 8, depth: 1 })
})

t.test('settings are written with their texts as they are', async (t) => {
  t.equal(objectText(new Map()), '{}')
  const settings = [
    ['theme', '"dark"'],
    ['a"\\\n', '[ 1.10 ]'],
    ['', '0'],
    ['é', 'null'],
  ] as const
  const text = objectText(settings)
  t.equal(text, '{"theme":"dark","a\\"\\\\\\n":[ 1.10 ],"":0,"é":null}')
  t.same(members(text), settings)
})

t.test('a change inside a value writes anew what is around it and nothing else', async (t) => {
  const value = fromText('{ "1": 1.10, "\\u0061": [ 1, { "x" : 1e400 } ], "0": { "k":  [ ] } }')
  const parts = membersOf(value)!
  itemsOf(parts.get('a')!.value)!.replace(0, fromText('"new"'))
  parts.get('a')!.value.text = undefined
  putMember(parts, 'b"', fromText('2'))
  value.text = undefined
  t.equal(textOf(value), '{"1":1.10,"\\u0061":["new",{ "x" : 1e400 }],"0":{ "k":  [ ] },"b\\"":2}')
  t.same(JSON.parse(textOf(value)), { 1: 1.1, a: ['new', { x: Infinity }], 0: { k: [] }, 'b"': 2 })
})

t.test('putting what is there already is no change', async (t) => {
  const parts = membersOf(fromText('{"\\u0061":1.0,"b":2}'))!
  t.notOk(putMember(parts, 'a', fromText('1.0')))
  t.ok(putMember(parts, 'a', fromText('1')))
  t.same(
    [...parts].map(([name, part]) => [name, part.name, part.value.text]),
    [
      ['a', '"\\u0061"', '1'],
      ['b', '"b"', '2'],
    ],
  )
})

t.test('only containers have parts', async (t) => {
  t.equal(itemsOf(fromText('{}')), undefined)
  t.equal(membersOf(fromText('[]')), undefined)
  t.equal(membersOf(fromText('"{}"')), undefined)
  t.equal(itemsOf(fromText('[]'))?.length, 0)
  t.equal(membersOf(fromText('{}'))?.size, 0)
})

const arrayOf = (value: Value): NonNullable<Value['items']> => {
  const items = itemsOf(fromText('[]'))!
  items.insert(0, value)
  return items
}

t.test('what was nested beyond the bound by changes is not written', async (t) => {
  let value = fromText('[]')
  for (let level = 0; level <= MAX_DEPTH; level++) value = { text: undefined, items: arrayOf(value) }
  t.match(
    errorOf(() => textOf(value)),
    { code: 'too_deep', extras: { limit: MAX_DEPTH } },
  )
})

t.test('a string is decoded as JSON.parse does', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeString(JSON.stringify(text)) === text))
})
