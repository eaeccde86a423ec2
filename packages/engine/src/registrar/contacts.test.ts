import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers, NO_BODY, type SipRequest } from '@tandem/sip'
import {
  CONTACT_LENGTH_MAX,
  PATHS_MAX,
  type RegisterContext,
  type RegisteredContact,
  register,
} from './contacts.ts'

const LIMITS = { bindingsPerDeviceMax: 3, registerExpiresMinSeconds: 60, registerExpiresMaxSeconds: 3_600 }

function request(headers: [string, string][], options: { callId?: string; cseq?: number } = {}): SipRequest {
  return {
    kind: 'request',
    method: 'REGISTER',
    uri: 'sip:acme.test',
    headers: new Headers([
      ['Call-ID', options.callId ?? 'c1'],
      ['CSeq', `${options.cseq ?? 1} REGISTER`],
      ...headers,
    ]),
    body: NO_BODY,
  }
}

function context(source = '198.51.100.7', wallNow = 0): RegisterContext {
  return {
    orgId: 'acme',
    deviceId: 'd',
    flow: {
      id: 'f',
      transport: 'udp',
      local: { host: '192.0.2.1', port: 5060 },
      remote: { host: source, port: 5060 },
    },
    wallNow,
    limits: LIMITS,
    isOurAddress: (host, port) => host === '192.0.2.1' && port === 5060,
  }
}

/** The contacts after, each as `contact for seconds`; or the status of the refusal. */
function after(
  current: readonly RegisteredContact[],
  headers: [string, string][],
  options: { source?: string; wallNow?: number; callId?: string; cseq?: number } = {},
): string[] | number {
  const result = register(current, request(headers, options), context(options.source, options.wallNow))
  if (result.kind === 'refused') return result.status
  return result.contacts.map(
    ({ binding }) => `${binding.contact} for ${(binding.expiresAt - (options.wallNow ?? 0)) / 1_000}`,
  )
}

function contacts(
  headers: [string, string][],
  options?: Parameters<typeof request>[1],
): readonly RegisteredContact[] {
  const result = register([], request(headers, options), context())
  assert.ok(result.kind === 'contacts')
  return result.contacts
}

const one = contacts([['Contact', '<sip:a@198.51.100.7>']])

describe('register (RFC 3261 §10.3)', () => {
  it('takes the expiry of the contact before that of the header, and the most when there is none', () => {
    assert.deepEqual(
      after(
        [],
        [
          ['Contact', '<sip:a@198.51.100.7>;expires=100'],
          ['Expires', '200'],
        ],
      ),
      ['sip:a@198.51.100.7 for 100'],
    )
    assert.deepEqual(
      after(
        [],
        [
          ['Contact', '<sip:a@198.51.100.7>'],
          ['Expires', '200'],
        ],
      ),
      ['sip:a@198.51.100.7 for 200'],
    )
    assert.deepEqual(after([], [['Contact', '<sip:a@198.51.100.7>']]), ['sip:a@198.51.100.7 for 3600'])
  })

  it('clamps at the most, takes the least, and refuses one second less with 423', () => {
    assert.deepEqual(after([], [['Contact', '<sip:a@198.51.100.7>;expires=3601']]), [
      'sip:a@198.51.100.7 for 3600',
    ])
    assert.deepEqual(after([], [['Contact', '<sip:a@198.51.100.7>;expires=60']]), [
      'sip:a@198.51.100.7 for 60',
    ])
    assert.equal(after([], [['Contact', '<sip:a@198.51.100.7>;expires=59']]), 423)
  })

  it('keeps several contacts up to the limit; one more takes the place of the longest unrefreshed', () => {
    const three: [string, string][] = ['a', 'b', 'c'].map((user) => ['Contact', `<sip:${user}@198.51.100.7>`])
    assert.equal(contacts(three).length, 3)
    assert.deepEqual(after(contacts(three), [['Contact', '<sip:d@198.51.100.7>']]), [
      'sip:b@198.51.100.7 for 3600',
      'sip:c@198.51.100.7 for 3600',
      'sip:d@198.51.100.7 for 3600',
    ])
    assert.equal(after([], [...three, ['Contact', '<sip:d@198.51.100.7>']]), 403, 'four at once are too many')
  })

  it('removes one contact with expires 0, and all with a lone star', () => {
    assert.deepEqual(after(one, [['Contact', '<sip:a@198.51.100.7>;expires=0']]), [])
    assert.deepEqual(
      after(one, [
        ['Contact', '*'],
        ['Expires', '0'],
      ]),
      [],
    )
    assert.equal(
      after(one, [
        ['Contact', '*'],
        ['Expires', '10'],
      ]),
      400,
    )
    assert.equal(after(one, [['Contact', '*']]), 400)
    assert.equal(
      after(one, [
        ['Contact', '*'],
        ['Contact', '<sip:b@198.51.100.7>'],
        ['Expires', '0'],
      ]),
      400,
    )
  })

  it('lists what there is when there is no Contact, without what has run out', () => {
    assert.deepEqual(after(one, []), ['sip:a@198.51.100.7 for 3600'])
    assert.deepEqual(after(one, [], { wallNow: 3_600_000 }), [])
  })

  it('accepts a phone that starts its Call-ID or CSeq again after a restart', () => {
    const old = contacts([['Contact', '<sip:a@198.51.100.7>']], { callId: 'x', cseq: 90 })
    const contact: [string, string][] = [['Contact', '<sip:a@198.51.100.7>;expires=70']]
    assert.deepEqual(after(old, contact, { callId: 'x', cseq: 1 }), ['sip:a@198.51.100.7 for 70'])
    assert.deepEqual(after(old, contact, { callId: 'y', cseq: 1 }), ['sip:a@198.51.100.7 for 70'])
  })

  it('replaces the contact of the same +sip.instance, whatever its address was (RFC 5626 §4.1)', () => {
    const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'
    const old = contacts([['Contact', `<sip:a@198.51.100.7>;${instance}`]])
    assert.deepEqual(after(old, [['Contact', `<sip:a@198.51.100.7:6060>;${instance}`]]), [
      'sip:a@198.51.100.7:6060 for 3600',
    ])
  })

  it('calls a phone in the open at the port of its Contact, and one behind NAT by the way it came (RFC 3581 §5)', () => {
    const port = (contact: string, via: string): number | undefined =>
      contacts([
        ['Via', `SIP/2.0/UDP ${via};branch=z9hG4bK1`],
        ['Contact', `<sip:a@${contact}>`],
      ])[0]?.binding.received.port
    assert.equal(port('198.51.100.7:6060', '198.51.100.7:5060'), 6060)
    assert.equal(port('198.51.100.7', '198.51.100.7'), 5060)
    assert.equal(port('198.51.100.7:6060', '10.0.0.1:5060'), 5060, 'a Via that hides the source tells of NAT')
    assert.equal(port('198.51.100.7:6060', '198.51.100.7:40000'), 5060, 'so does a mapped port')
    assert.equal(port('203.0.113.9:6060', '198.51.100.7:5060'), 5060, 'another host is never called')
  })

  it('keeps where the request came from, and its Path (RFC 3327)', () => {
    const [kept] = contacts([
      ['Contact', '<sip:a@10.0.0.1>'],
      ['Path', '<sip:edge.test;lr>'],
    ])
    assert.deepEqual(kept?.binding.received, { transport: 'udp', host: '198.51.100.7', port: 5060 })
    assert.deepEqual(kept?.binding.path, ['<sip:edge.test;lr>'])
    const paths = (count: number): [string, string][] => [
      ['Contact', '<sip:a@198.51.100.7>'],
      ...Array.from({ length: count }, (): [string, string] => ['Path', '<sip:edge.test;lr>']),
    ]
    assert.equal(contacts(paths(PATHS_MAX)).length, 1)
    assert.equal(after([], paths(PATHS_MAX + 1)), 400)
  })

  it('refuses contacts that name us, nobody, a group or a neighbour it cannot have (case S36)', () => {
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '169.254.1.1',
      '[fe80::1]',
      '224.0.0.1',
      '0.0.0.0',
      '[ff02::1]',
      '192.0.2.1',
    ])
      assert.equal(after([], [['Contact', `<sip:a@${host}>`]]), 403, host)
    assert.deepEqual(after([], [['Contact', '<sip:a@127.0.0.1>']], { source: '127.0.0.1' }), [
      'sip:a@127.0.0.1 for 3600',
    ])
    assert.equal(after([], [['Contact', '<tel:+49301>']]), 403)
  })

  it('keeps a contact at the limit of length, and refuses one past it', () => {
    const contact = (length: number): [string, string][] => {
      const uri = 'sip:a@198.51.100.7;x='
      return [['Contact', `<${uri}${'x'.repeat(length - uri.length)}>`]]
    }
    assert.equal(contacts(contact(CONTACT_LENGTH_MAX)).length, 1)
    assert.equal(after([], contact(CONTACT_LENGTH_MAX + 1)), 403)
  })

  it('refuses what it cannot read with 400', () => {
    assert.equal(after([], [['Contact', '<sip:a@']]), 400)
  })
})
