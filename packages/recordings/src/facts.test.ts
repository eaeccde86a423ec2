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

describe('parseNote of a redirection or an announcement', () => {
  it('keeps who redirected, why and when, and the leg that took over', () => {
    const by = { actor: { type: 'USER', id: 'b' }, number: 'sip:2144@pbx.example.com' }
    const to = { actor: { type: 'EXTERNAL' }, number: 'sip:+4930@pbx.example.com' }
    const note = {
      kind: 'activity',
      at: 9,
      participants: [],
      redirection: { reason: 'divert', redirectingParty: by, at: 8 },
      redirectedCall: { callId: 'callhalf-2:0', callSessionId: 's', party: to },
    }
    assert.deepEqual(parseNote(JSON.stringify(note)), note)
  })

  it('fills in what is missing, and leaves out a leg without an id', () => {
    const json =
      '{"kind":"activity","at":9,"participants":[],"redirection":{"reason":"busy"},"redirectedCall":{}}'
    assert.deepEqual(parseNote(json), {
      kind: 'activity',
      at: 9,
      participants: [],
      redirection: { reason: 'busy', redirectingParty: { actor: { type: 'EXTERNAL' } }, at: 9 },
    })
    assert.deepEqual(parseNote('{"kind":"announcement","at":3,"heardBy":["a",5,""]}'), {
      kind: 'announcement',
      at: 3,
      file: '',
      heardBy: ['a'],
      level: 'USER_LEVEL',
    })
  })
})

describe('parseClosing', () => {
  it('knows what is to be discarded and what goes on, and takes only true for true', () => {
    const managedBy = { actor: { type: 'USER', id: 'm' } }
    const json = JSON.stringify({ stoppedAt: 4, managedBy, discarded: true, callContinues: true })
    assert.deepEqual(parseClosing(json, 7), { stoppedAt: 4, managedBy, discarded: true, callContinues: true })
    assert.deepEqual(parseClosing('{"discarded":"no","callContinues":1}', 7), { stoppedAt: 7 })
  })
})

it('takes moments of the years 0000 to 9999 and none beyond (RFC 3339 §5.6)', () => {
  const at = (moment: number) => parseNote(JSON.stringify({ kind: 'action', action: 'STOP', at: moment }))?.at
  const first = Date.UTC(-1, 12)
  const last = Date.UTC(10_000, 0) - 1
  assert.deepEqual([at(first), at(last)], [first, last])
  assert.deepEqual([at(first - 1), at(last + 1)], [undefined, undefined])
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
