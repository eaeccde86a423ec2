import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'
import {
  boundedDetail,
  boundedText,
  DETAIL_CHARACTERS_MAX,
  DETAIL_DEPTH_MAX,
  DETAIL_ITEMS_MAX,
  DETAIL_TEXT_CHARACTERS_MAX,
} from './detail.ts'

describe('canonicalJson', () => {
  it('sorts members, leaves out absent ones, and writes no blanks', () => {
    const value = { b: [1, null, undefined, 'ä\n'], a: { d: undefined, c: -0 }, é: true, Z: 1.5e21 }
    assert.equal(canonicalJson(value), '{"Z":1.5e+21,"a":{"c":0},"b":[1,null,null,"ä\\n"],"é":true}')
  })

  it('is the same text after any number of readings, whatever JSON holds', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = canonicalJson(JSON.parse(json))
        assert.equal(canonicalJson(JSON.parse(text)), text)
      }),
    )
  })

  it('refuses what JSON cannot say', () => {
    for (const value of [1n, Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol('s')])
      assert.throws(() => canonicalJson({ value }), TypeError)
  })
})

describe('boundedDetail', () => {
  const read = (detail: Record<string, unknown>) =>
    JSON.parse(boundedDetail(detail)) as Record<string, unknown>

  it('cuts at each limit, not before it, and marks the cut', () => {
    const fits = 'x'.repeat(DETAIL_TEXT_CHARACTERS_MAX)
    assert.equal(boundedText(fits), fits)
    assert.equal(boundedText(`${fits}x`), `${fits.slice(1)}…`)
    const list = Array.from({ length: DETAIL_ITEMS_MAX }, (_, n) => n)
    assert.deepEqual(read({ list }), { list })
    assert.deepEqual(read({ list: [...list, 1] }), { list: [...list, '… 1 more'] })
    const nested = (levels: number): unknown => (levels === 0 ? 'end' : { in: nested(levels - 1) })
    assert.deepEqual(read({ in: nested(DETAIL_DEPTH_MAX - 1) }), nested(DETAIL_DEPTH_MAX))
    assert.match(boundedDetail({ in: nested(DETAIL_DEPTH_MAX) }), /"…"/)
  })

  it('never exceeds its size, and says that something is missing', () => {
    const member = (n: number): [string, string] => [`m${n}`, 'x'.repeat(DETAIL_TEXT_CHARACTERS_MAX)]
    const detail = Object.fromEntries(Array.from({ length: 40 }, (_, n) => member(n)))
    const text = boundedDetail(detail)
    assert.ok(text.length <= DETAIL_CHARACTERS_MAX, `${text.length}`)
    assert.equal(read(detail)['truncated'], true)
    assert.equal(read(detail)['m0'], detail['m0'])
  })

  it('takes anything at all, and keeps nothing that a database would change', () => {
    assert.deepEqual(read({ a: 'x\0y', b: '\ud800', c: 1n, d: Number.NaN, e: undefined, f: null }), {
      a: 'x\u{FFFD}y',
      b: '\u{FFFD}',
      c: '1',
      d: 'NaN',
      f: null,
    })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (detail) => {
        assert.ok(boundedDetail(detail).length <= DETAIL_CHARACTERS_MAX)
      }),
    )
  })
})
