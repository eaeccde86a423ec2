import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { openText, sealText } from './sealed-text.ts'

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at)

describe('a sealed text', () => {
  it('opens as it was stored by earlier releases', () => {
    const secret = Buffer.from('Q2OeUQxDMW14OmSDGsX7F8TMhuH7TkW9ezLCWkmC+BBakwP1uBX2kJkR', 'base64')
    assert.equal(openText(KEY, 'sip:owner', secret), 'secret of Zoë')
    const signing = Buffer.from('Wzh3MEl32jvCTYOF85LuY9PWJN8CBAq429crKICbzpHzReAtYqmLpFw=', 'base64')
    assert.equal(openText(KEY, 'signing key', signing), 'text of a key')
  })

  it('opens with the same key in the same place only, and never looks the same', () => {
    const sealed = sealText(KEY, 'org/device', 'secret')
    assert.equal(openText(KEY, 'org/device', sealed), 'secret')
    assert.equal(openText(KEY, 'org/other', sealed), undefined)
    assert.equal(openText(randomBytes(32), 'org/device', sealed), undefined)
    assert.notDeepEqual(sealText(KEY, 'org/device', 'secret'), sealed)
    assert.equal(openText(KEY, 'nothing', sealText(KEY, 'nothing', '')), '')
  })

  it('shows every changed byte and every cut', () => {
    const sealed = sealText(KEY, 'place', 'secret')
    for (let at = 0; at < sealed.length; at++) {
      const bent = Uint8Array.from(sealed)
      bent[at] = (bent[at] as number) ^ 1
      assert.equal(openText(KEY, 'place', bent), undefined)
      assert.equal(openText(KEY, 'place', sealed.subarray(0, at)), undefined)
    }
  })
})
