import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { members, objectText } from '../../../src/domain/json/json-text.ts'
import { readJson } from '../../../src/domain/json/read-json.ts'
import { mergeValue, readMergePatch } from '../../../src/domain/settings/merge-patch.ts'
import { SLOWED } from '../../helpers/until.ts'

/** Applies a merge patch to whole settings, as a write does. */
const merge = (settings: string, text: string): string => {
  const present = new Map(members(settings))
  const patch = readMergePatch(text)
  for (const key of patch.remove) present.delete(key)
  for (const [key, value] of patch.set) present.set(key, value)
  for (const [key, value] of patch.merge) present.set(key, mergeValue(present.get(key), value))
  return objectText(present)
}

/** RFC 7396, appendix A: original, patch, result. */
const APPENDIX_A = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
] as const

t.test('the examples of RFC 7396 hold for a value', async (t) => {
  for (const [target, patch, result] of APPENDIX_A) t.equal(mergeValue(target, patch), result, `${target} ${patch}`)
})

t.test('the examples of RFC 7396 hold for whole settings, where they are an object', async (t) => {
  for (const [target, patch, result] of APPENDIX_A) {
    if (target.startsWith('{') && patch.startsWith('{')) t.equal(merge(target, patch), result, `${target} ${patch}`)
  }
})

t.test('a patch of the settings tells what it needs to know before anything is read', async (t) => {
  t.same(readMergePatch('{"a":null,"b":[ null ],"c": {"d" : null},"e":"null","f":{}}'), {
    remove: ['a'],
    set: new Map([
      ['b', '[ null ]'],
      ['e', '"null"'],
    ]),
    merge: new Map([
      ['c', '{"d" : null}'],
      ['f', '{}'],
    ]),
  })
})

t.test('half a surrogate pair takes no key away', async (t) => {
  t.same(readMergePatch('{"\\ud800":null,"\\ud83c\\udf89":null}').remove, ['🎉'])
})

t.test('settings are only patched by an object', async (t) => {
  for (const text of ['[]', 'null', '1']) t.throws(() => readMergePatch(text), { code: 'invalid_request' }, text)
})

t.test('what a patch puts in keeps its text, where no null is taken out', async (t) => {
  t.equal(mergeValue(undefined, '{ "2": 1.10, "1": [ null ] }'), '{ "2": 1.10, "1": [ null ] }')
  t.equal(mergeValue('1', '{ "a" : { "b" :  1e400 }, "c": null }'), '{"a":{ "b" :  1e400 }}')
  t.equal(mergeValue('{ }', '{"\\u0061": { "x": null, "y" : [ {"z": null} ] } }'), '{"\\u0061":{"y":[ {"z": null} ]}}')
  t.equal(mergeValue(undefined, '{ "a": "null" }'), '{ "a": "null" }')
})

t.test('what a patch leaves alone keeps its text and its place', async (t) => {
  t.equal(
    mergeValue('{ "9": 12345678901234567890, "1": { "\\u0078" : 1.0, "y": [ ] }, "0": null }', '{"1":{"y":2},"b":3}'),
    '{"9":12345678901234567890,"1":{"\\u0078":1.0,"y":2},"0":null,"b":3}',
  )
  t.equal(mergeValue('{"\\u0061":1}', '{"a":2}'), '{"\\u0061":2}')
})

t.test('a patch that changes nothing gives back the text that was there', async (t) => {
  const target = '{ "a": { "b": 1.0 },  "c": [ 1 ] }'
  for (const patch of ['{}', '{"a":{}}', '{"a":{"b":1.0}}', '{"x":null,"a":{"y":null}}', '{"c":[ 1 ]}']) {
    t.equal(mergeValue(target, patch), target, patch)
  }
  t.not(mergeValue(target, '{"a":{"b":1}}'), target, 'another spelling of a number is a change')
})

t.test('names of a JavaScript object are names like any other to a merge', async (t) => {
  t.equal(mergeValue('{"a":1}', '{"toString":{"x":1},"hasOwnProperty":null}'), '{"a":1,"toString":{"x":1}}')
})

t.test('a patch nested as deeply as can be read is merged at once', async (t) => {
  const nested = (inner: string) => '{"a":'.repeat(128) + inner + '}'.repeat(128)
  const before = process.cpuUsage()
  t.equal(mergeValue(nested('1'), nested('2')), nested('2'))
  t.equal(mergeValue(undefined, nested('null')), `${'{"a":'.repeat(127)}{}${'}'.repeat(127)}`)
  t.ok(process.cpuUsage(before).user < 1_000_000 * SLOWED)
})

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const isPlain = (value: unknown): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The pseudocode of RFC 7396, §2. */
const reference = (target: Json | undefined, patch: Json): Json => {
  if (!isPlain(patch)) return patch
  const result: { [name: string]: Json } = isPlain(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = reference(result[name], value)
  }
  return result
}

t.test('any patch of any value gives what the pseudocode of RFC 7396 gives', async () => {
  const { value: json } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<Json>(null, true, 0, 1.5, '', 'null', 'x'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', '1', 'é"'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(fc.option(json, { nil: undefined }), json, fc.constantFrom('', ' '), (target, patch, space) => {
      const before = target === undefined ? undefined : JSON.stringify(target, null, space)
      const result = mergeValue(before, JSON.stringify(patch, null, space))
      return isDeepStrictEqual(JSON.parse(readJson(Buffer.from(result))), reference(target, patch))
    }),
    { numRuns: 500 },
  )
})
