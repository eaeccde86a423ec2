import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { passwordSeal } from './password-seal.ts'

const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at)
const ID = '5B0C7F2E-6c1d-4e0f-9a53-0d5f6e1b8c77'

describe('the password of a meeting recording', () => {
  it('opens as it was stored by earlier releases, however its id is written', () => {
    const stored = '77T/bMCXNj3fmvqp3UxUZmXUm6R4DE+XnHY3qMsB+hlZHprxku4='
    assert.equal(passwordSeal(SECRET).open(ID, stored), 'Wörter 12')
    assert.equal(passwordSeal(SECRET).open(ID.toLowerCase().replaceAll('-', ''), stored), 'Wörter 12')
  })

  it('is empty for another recording, under another secret, and when it is none', () => {
    const sealed = passwordSeal(SECRET).seal(ID, 'word')
    assert.equal(passwordSeal(SECRET).open(ID, sealed), 'word')
    assert.equal(passwordSeal(SECRET).open(ID.replace('5', '6'), sealed), '')
    assert.equal(passwordSeal(SECRET.toReversed()).open(ID, sealed), '')
    for (const none of ['', 'x', 'AAAA']) assert.equal(passwordSeal(SECRET).open(ID, none), '')
  })
})
