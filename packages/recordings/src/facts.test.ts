import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseClosing, parseNote, parseOpening } from './facts.ts'

describe('parseOpening', () => {
  it('needs an organisation and an owner, and has a neutral value for all else', () => {
    assert.equal(parseOpening('{"orgId":"o"}', 5), undefined)
    assert.deepEqual(parseOpening('{"orgId":"o","ownerId":"p"}', 5), {
      orgId: 'o',
      ownerId: 'p',
      ownerType: 'user',
      ownerName: '',
      ownerEmail: '',
      locationId: '',
      callSessionId: '',
      callId: '',
      personality: 'originator',
      callingParty: { actor: { type: 'EXTERNAL' } },
      calledParty: { actor: { type: 'EXTERNAL' } },
      recordingType: 'alwaysON',
      remoteName: '',
      startedAt: 5,
    })
  })

  it('keeps a party with its actor, and drops what is of the wrong type', () => {
    const json = JSON.stringify({
      orgId: 'o',
      ownerId: 'p',
      callingParty: { actor: { type: 'PLACE', id: 'x', email: 7 }, name: 'N', number: null },
      startedAt: 9,
    })
    const facts = parseOpening(json, 5)
    assert.deepEqual(facts?.callingParty, { actor: { type: 'PLACE', id: 'x' }, name: 'N' })
    assert.equal(facts?.startedAt, 9)
  })
})

describe('parseNote', () => {
  it('knows actions and activities, and passes over the rest', () => {
    assert.deepEqual(parseNote('{"kind":"action","action":"PAUSE","at":1}'), {
      kind: 'action',
      action: 'PAUSE',
      at: 1,
    })
    assert.deepEqual(
      parseNote('{"kind":"activity","at":1,"participants":[{"actor":{"type":"USER"},"aor":"a"},{}]}'),
      {
        kind: 'activity',
        at: 1,
        participants: [{ actor: { type: 'USER' }, aor: 'a' }],
      },
    )
    assert.equal(parseNote('{"kind":"telepathy","at":1}'), undefined)
    assert.equal(parseNote('{"kind":"action","action":"PAUSE"}'), undefined)
  })
})

it('throws on nothing, whatever the journal holds', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
      parseOpening(json, 0)
      parseNote(json)
      assert.equal(typeof parseClosing(json, 7).stoppedAt, 'number')
    }),
  )
})
