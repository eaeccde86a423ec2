import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SipRequest } from '@tandem/sip'
import { type Phone, World } from '../world.test.ts'

/** The INVITE that a phone got last. */
function invite(phone: Phone | undefined): SipRequest {
  const request = phone?.requests.at(-1)
  assert.ok(request?.kind === 'request' && request.method === 'INVITE')
  return request
}

function text(request: SipRequest): string {
  return [...request.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
}

describe('a caller who withholds who they are (RFC 3323, RFC 3325)', () => {
  for (const [name, options] of [
    ['Privacy: id', { headers: [['Privacy', 'id']] as [string, string][] }],
    ['Privacy: header;user', { headers: [['Privacy', 'header;user']] as [string, string][] }],
    ['an anonymous From', { from: '"Anonymous" <sip:anonymous@anonymous.invalid>' }],
  ] as const)
    it(`is named in no view, event, history or header field: ${name}`, () => {
      const world = new World()
      const [caller, callee] = world.registered('u101', 'u102')
      caller?.invite('102', options)
      world.run(500)
      const [ringing] = world.list('acme-102')
      assert.deepEqual(ringing?.remoteParty, { privacyEnabled: true, callType: 'location' })
      assert.doesNotMatch(text(invite(callee)), /101/)
      assert.equal(invite(callee).headers.get('P-Asserted-Identity'), undefined)
      assert.match(invite(callee).headers.get('From') ?? '', /anonymous\.invalid/)
      callee?.answer()
      world.run(500)
      assert.deepEqual(world.list('acme-102')[0]?.remoteParty, { privacyEnabled: true, callType: 'location' })
      assert.equal(world.list('acme-101')[0]?.remoteParty.number, '102')
      caller?.hangUp()
      world.run(60_000)
      const told = world.events.filter((event) => event.kind === 'call' && event.lineId === 'acme-102')
      assert.doesNotMatch(JSON.stringify(told), /acme[ -]101|"101"/)
      world.assertAtRest()
    })

  it('is one whose line is set so, unless the phone asks for none of it (Privacy: none)', () => {
    for (const [headers, isPrivate] of [
      [[], true],
      [[['Privacy', 'none']] as [string, string][], false],
    ] as const) {
      const world = new World({ lines: { 'acme-101': { callerIdBlocked: true } } })
      const [caller] = world.registered('u101', 'u102')
      caller?.invite('102', { headers: [...headers] })
      world.run(500)
      assert.equal(world.list('acme-102')[0]?.remoteParty.privacyEnabled, isPrivate)
    }
  })
})

describe('who a phone is told that it is connected with (RFC 3325, RFC 3311)', () => {
  it('asserts the caller in the INVITE, and never what a phone asserts of itself', () => {
    const world = new World()
    const [caller, callee] = world.registered('u101', 'u102')
    caller?.invite('102', { headers: [['P-Asserted-Identity', '<sip:boss@acme.test>']] })
    world.run(500)
    assert.equal(invite(callee).headers.get('P-Asserted-Identity'), '"acme 101" <sip:101@acme.test>')
  })

  it('says by UPDATE who is there after a divert, to the one who stayed', () => {
    const world = new World()
    const updates: string[] = []
    const [first, second, third] = world.registered('u101', 'u102', 'u103')
    for (const phone of [first, second, third]) {
      if (phone === undefined) continue
      const receive = phone.endpoint.receive.bind(phone.endpoint)
      phone.endpoint.receive = (now, message, flow) => {
        if (message.kind === 'request' && message.method === 'UPDATE')
          updates.push(`${phone.user} ${message.headers.get('P-Asserted-Identity')}`)
        return receive(now, message, flow)
      }
    }
    first?.invite('102')
    world.run(500)
    second?.answer()
    world.run(500)
    assert.deepEqual(updates, [])
    const [call] = world.list('acme-102')
    world.command({
      kind: 'divert',
      actor: { orgId: 'acme', lineId: 'acme-102' },
      callId: call?.callId ?? '',
      destination: '103',
    })
    world.run(500)
    third?.answer()
    world.run(500)
    assert.deepEqual(updates, ['u101 "acme 103" <sip:103@acme.test>'])
    third?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
