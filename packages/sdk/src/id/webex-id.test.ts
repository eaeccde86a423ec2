import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeWebexId, encodeWebexId, sameId } from './webex-id.ts'

const UUID = '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77'

describe('Webex ids (contract README §2)', () => {
  it('are unpadded base64 of their address', () => {
    const id = encodeWebexId('CALL', 'BCLD/callhalf-70397:0')
    assert.equal(id, 'Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi03MDM5Nzow')
    assert.deepEqual(decodeWebexId(id), { cluster: 'us', type: 'CALL', key: 'BCLD/callhalf-70397:0' })
  })

  it('are read padded, and with another cluster', () => {
    const text = `ciscospark://urn:TEAM:us-east-2_a/PEOPLE/${UUID}`
    assert.deepEqual(decodeWebexId(btoa(text)), {
      cluster: 'urn:TEAM:us-east-2_a',
      type: 'PEOPLE',
      key: UUID,
    })
  })

  it('come back as they went in', () => {
    const word = fc
      .string({ minLength: 1 })
      .filter((text) => !/[\n\r\u2028\u2029]/.test(text) && text.isWellFormed())
    fc.assert(
      fc.property(fc.constantFrom('PEOPLE', 'VIRTUAL_LINE'), word, (type, key) => {
        assert.deepEqual(decodeWebexId(encodeWebexId(type, key)), { cluster: 'us', type, key })
      }),
    )
  })

  it('are undefined for anything else', () => {
    for (const text of ['', 'x', '%%%', btoa('hello'), btoa('\xff\xfe'), UUID])
      assert.equal(decodeWebexId(text), undefined)
  })
})

describe('sameId', () => {
  const person = encodeWebexId('PEOPLE', UUID)
  const same: readonly (readonly [string, string])[] = [
    [UUID, UUID.toUpperCase().replaceAll('-', '')],
    [person, UUID],
    [person, `${btoa(`ciscospark://us/PEOPLE/${UUID}`)}`],
    [btoa(UUID), UUID],
    ['other', 'other'],
  ]
  for (const [a, b] of same)
    it(`finds ${a.slice(0, 20)} and ${b.slice(0, 20)} the same`, () =>
      assert.ok(sameId(a, b) && sameId(b, a)))
  it('tells types and keys apart', () => {
    assert.ok(!sameId(person, encodeWebexId('PLACE', UUID)))
    assert.ok(!sameId(person, 'ffffffff-7d20-4a58-9c44-1e8a5f0d2b77'))
    assert.ok(!sameId(encodeWebexId('CALL', 'BCLD/a'), encodeWebexId('CALL', 'BCLD/A')))
  })
})
