import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalName } from './header-names.ts'
import { Headers } from './headers.ts'

const FIELDS = [
  ['Via', 'one'],
  ['To', 'bob'],
  ['Via', 'two'],
] as const

describe('Headers', () => {
  it('keeps the order of the fields and gives the first or all of a name', () => {
    const headers = new Headers(FIELDS)
    assert.equal(headers.get('Via'), 'one')
    assert.deepEqual(headers.all('Via'), ['one', 'two'])
    assert.deepEqual([...headers], FIELDS)
    assert.equal(headers.get('via'), undefined)
  })

  it('replaces every value by one, in the place of the first', () => {
    const headers = new Headers(FIELDS).set('Via', 'new').set('From', 'ada')
    assert.deepEqual(
      [...headers],
      [
        ['Via', 'new'],
        ['To', 'bob'],
        ['From', 'ada'],
      ],
    )
  })

  it('adds at both ends, takes the first away, and replaces the first alone', () => {
    const headers = new Headers(FIELDS)
      .prepend('Via', 'zero')
      .append('Via', 'three')
      .replaceFirst('Via', 'top')
    assert.equal(headers.shift('Via'), 'top')
    assert.deepEqual(headers.all('Via'), ['one', 'two', 'three'])
    assert.equal(headers.delete('Via').has('Via'), false)
    assert.equal(headers.shift('Via'), undefined)
  })

  it('makes copies that do not share their fields', () => {
    const headers = new Headers(FIELDS)
    headers.clone().delete('Via')
    assert.equal(headers.all('Via').length, 2)
  })

  it('lets no value smuggle in a line of its own', () => {
    const evil = 'x\r\nRecord-Route: <sip:evil.test>'
    const headers = new Headers([['Subject', evil]]).append('A', evil).prepend('B', evil).set('A', evil)
    for (const [, value] of headers.replaceFirst('B', evil))
      assert.equal(value, 'x Record-Route: <sip:evil.test>')
  })

  it('knows long and compact names in any case, and spells unknown ones one way (RFC 3261 §7.3.3)', () => {
    const pairs = ['i', 'CALL-ID', 'call-id', 'v', 'k', 'M', 'x-tandem-trace', 'X-TANDEM-TRACE', 'cseq']
    assert.deepEqual(pairs.map(canonicalName), [
      'Call-ID',
      'Call-ID',
      'Call-ID',
      'Via',
      'Supported',
      'Contact',
      'X-Tandem-Trace',
      'X-Tandem-Trace',
      'CSeq',
    ])
  })
})
