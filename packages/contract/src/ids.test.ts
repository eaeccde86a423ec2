import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeBase64, encodeBase64 } from './base64.ts'
import {
  decodeCallId,
  decodeCallSessionId,
  decodeWebexId,
  encodeCallId,
  encodeCallSessionId,
  encodeWebexId,
  rawKey,
  sameId,
} from './ids.ts'

const uuid = '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210'

describe('ids', () => {
  it('writes and reads the ids of the contract’s examples (README §2)', () => {
    assert.equal(encodeCallId('callhalf-70397:0'), 'Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi03MDM5Nzow')
    assert.equal(decodeCallId('Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi03MDM5Nzow'), 'callhalf-70397:0')
    assert.equal(
      encodeWebexId('PEOPLE', 'd81c5b2f-40a7-4d93-b0c6-2f7e9a3d1504'),
      'Y2lzY29zcGFyazovL3VzL1BFT1BMRS9kODFjNWIyZi00MGE3LTRkOTMtYjBjNi0yZjdlOWEzZDE1MDQ',
    )
    assert.equal(
      decodeCallSessionId('M2I5ZjZjMWUtN2QyMC00YTU4LTljNDQtMWU4YTVmMGQyYjc3'),
      '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77',
    )
  })

  it('emits without padding and accepts both (README §2)', () => {
    const id = encodeWebexId('PEOPLE', uuid)
    assert.ok(!id.includes('='))
    assert.equal(decodeWebexId(`${id}=`)?.key, uuid)
    assert.equal(decodeWebexId(`${id}==`)?.key, uuid)
  })

  it('reads foreign clusters', () => {
    const id = encodeWebexId('PEOPLE', uuid, 'urn:TEAM:us-east-2_a')
    assert.deepEqual(decodeWebexId(id), { cluster: 'urn:TEAM:us-east-2_a', type: 'PEOPLE', key: uuid })
  })

  it('names nothing by what is no id', () => {
    for (const id of [
      '',
      '=',
      'x',
      '*',
      'Y2lz',
      uuid,
      '\u{1f600}',
      '//8',
      encodeBase64('a/b', { url: false }),
    ]) {
      assert.equal(decodeWebexId(id), undefined, id)
      assert.equal(decodeCallId(id), undefined, id)
    }
    assert.equal(decodeCallId(encodeWebexId('PEOPLE', uuid)), undefined)
    assert.equal(decodeCallId(encodeWebexId('CALL', 'OTHER/callhalf-1:0')), undefined)
  })

  it('takes a Webex id or the raw UUID for a person (README §2)', () => {
    for (const input of [uuid, uuid.toUpperCase(), uuid.replaceAll('-', ''), encodeWebexId('PEOPLE', uuid)])
      assert.equal(rawKey(input, ['PEOPLE']), uuid, input)
    assert.equal(rawKey(encodeWebexId('LOCATION', uuid), ['PEOPLE']), undefined)
    assert.equal(rawKey('somebody', ['PEOPLE']), undefined)
  })

  it('compares ids without hyphens, letter case and padding', () => {
    assert.ok(sameId(uuid, uuid.toUpperCase().replaceAll('-', '')))
    assert.ok(sameId(`${encodeWebexId('PEOPLE', uuid)}=`, encodeWebexId('PEOPLE', uuid)))
    assert.ok(sameId(encodeCallSessionId(uuid), uuid))
    assert.ok(!sameId(uuid, uuid.replace('0', '1')))
  })

  it('gives back any text that it encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, url) => {
        assert.equal(decodeBase64(encodeBase64(text, { url })), text.toWellFormed())
      }),
    )
  })

  it('never throws on foreign text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void [decodeBase64(text), decodeWebexId(text), rawKey(text, [])]),
    )
  })
})
