import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BatchDefaults, knownFacts } from './sidecar.ts'

const OWNER: BatchDefaults = { owner: 'ada@radio.test' }
const facts = (json: unknown, defaults = OWNER) =>
  knownFacts(json === undefined ? undefined : JSON.stringify(json), 'call-17', defaults)

describe('knownFacts (import guide, "The file beside it")', () => {
  it('needs nothing but an owner', () => {
    const want = { topic: 'call-17', ownerEmail: 'ada@radio.test', serviceType: 'calling' }
    assert.deepEqual(facts(undefined), want)
    assert.deepEqual(facts({ topic: null, ownerEmail: null }), want)
    assert.deepEqual(knownFacts('\uFEFF{}', 'call-17', OWNER), want)
    assert.match(String(facts({}, {})), /^nobody is named as its owner/)
  })

  it('lets the file win over the flags of the batch', () => {
    assert.deepEqual(facts({ topic: 'T', ownerId: 'o', serviceType: 'customerAssist', sha256: 'AB' }), {
      topic: 'T',
      ownerId: 'o',
      serviceType: 'customerAssist',
      sha256: 'ab',
    })
    const meetings = { ...OWNER, serviceType: 'meeting', siteUrl: 'flag.example' } as const
    assert.deepEqual(facts({ serviceType: 'calling' }, meetings), {
      topic: 'call-17',
      ownerEmail: 'ada@radio.test',
      serviceType: 'calling',
    })
    const { meeting } = facts({ meeting: { siteUrl: 'own.example', password: null } }, meetings) as {
      meeting?: unknown
    }
    assert.deepEqual(meeting, { siteUrl: 'own.example' })
  })

  it('takes a file for a meeting where it or the batch says so, and names its site where one is said', () => {
    const want = { topic: 'call-17', ownerEmail: 'ada@radio.test', serviceType: 'meeting' }
    const siteUrl = 'radio.example'
    for (const [json, defaults] of [
      [{ serviceType: 'meeting' }, { ...OWNER, siteUrl }],
      [undefined, { ...OWNER, siteUrl, serviceType: 'meeting' }],
      [{ meeting: { siteUrl } }, OWNER],
    ] as const)
      assert.deepEqual(facts(json, defaults), { ...want, meeting: { siteUrl } })
    assert.deepEqual(facts({ meeting: { meetingId: 'm' } }, OWNER), { ...want, meeting: { meetingId: 'm' } })
  })

  it('names what is not known, and what is no object', () => {
    for (const [json, words] of [
      ['', /it is no JSON/],
      ['[]', /it must be an object$/],
      ['null', /it must be an object$/],
      ['"x"', /it must be an object$/],
      ['{"topik":"a"}', /"topik" is not known here; known are topic, ownerEmail/],
      ['{"__proto__":{"topic":"a"}}', /"__proto__" is not known here/],
      ['{"meeting":[]}', /meeting: it must be an object$/],
      ['{"meeting":{"host":"x"}}', /meeting: "host" is not known here; known are meetingId/],
    ] as const) {
      const result = knownFacts(json, 't', OWNER)
      assert.ok(typeof result === 'string', json)
      assert.match(result, words)
      assert.match(result, /^the \.json file beside it: /)
    }
  })
})
