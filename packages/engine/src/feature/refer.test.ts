import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LIMITS, type Phone, World } from '../world.test.ts'

/** Nothing overtakes anything: a NOTIFY and the BYE that follows it leave together. */
const ORDERLY = { delayMsMin: 2, delayMsMax: 2, loss: 0, duplication: 0 }

/** 101 talks to 102. */
function talking(world: World = new World({ weather: ORDERLY })): {
  world: World
  phones: [Phone, Phone, Phone, Phone]
} {
  const [a, b, c, d] = world.registered('u101', 'u102', 'u103', 'u104')
  assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined)
  a.invite('102')
  world.run(500)
  b.answer()
  world.run(500)
  world.trace()
  return { world, phones: [a, b, c, d] }
}

const notOptions = (line: string): boolean => !line.endsWith(' 200')

describe('blind transfer by REFER (RFC 3515, RFC 5589 §6)', () => {
  it('lets the other side wait for the destination, reports, and lets the transferor go', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:103@acme.test>')
    world.run(500)
    assert.deepEqual(world.trace(), [
      'acme-101 updated/updated originator connecting',
      'acme-103 created/received terminator alerting',
      'acme/u102 in call 202',
      'acme/u102 NOTIFY SIP/2.0 100 Trying',
      'acme/u103 INVITE',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    assert.deepEqual(
      world
        .list('acme-103')[0]
        ?.redirections?.map(({ reason, redirectingParty }) => [reason, redirectingParty.number]),
      [['divert', '102']],
    )
    const notify = phones[1].requests.at(-1)
    assert.equal(notify?.headers.get('Event'), 'refer')
    assert.equal(notify?.headers.get('Subscription-State'), 'active;expires=180')
    assert.equal(notify?.headers.get('Content-Type'), 'message/sipfrag;version=2.0')
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.trace().filter(notOptions), [
      'acme-102 deleted/forwarded terminator disconnected',
      'acme-103 updated/answered terminator connected',
      'acme-101 updated/updated originator connected',
      'acme/u102 NOTIFY SIP/2.0 200 OK',
      'acme/u102 ended bye',
    ])
    assert.equal(phones[1].requests.at(-1)?.headers.get('Subscription-State'), 'terminated;reason=noresource')
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('gives the call back to a phone that has stayed, when nobody answers or the number leads nowhere', () => {
    for (const [target, status] of [
      ['103', 480],
      ['999', 404],
      ['101', 486],
    ] as const) {
      const { world, phones } = talking()
      phones[1].refer(`<sip:${target}@acme.test>`)
      world.run(LIMITS.ringMsMax + 1_000)
      const notifies = world.trace().filter((line) => line.includes('NOTIFY'))
      assert.equal(notifies.length, 2, target)
      assert.ok(notifies[1]?.includes(`SIP/2.0 ${status}`), `${target}: ${notifies[1]}`)
      assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
      assert.deepEqual(world.brief('acme-102'), ['terminator connected 101'])
      phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest(target)
    }
  })

  it('goes on without a transferor that hangs up at the 202, which shows as forwarded', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:103@acme.test>')
    world.run(500)
    phones[1].hangUp()
    world.run(500)
    assert.ok(world.trace().includes('acme-102 deleted/forwarded terminator disconnected'))
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('says nothing on the way when the phone wants to hear nothing (RFC 4488 §4)', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:103@acme.test>', undefined, [['Refer-Sub', 'false']])
    world.run(500)
    phones[2].answer()
    world.run(500)
    assert.deepEqual(
      world.trace().filter((line) => line.includes('NOTIFY')),
      [],
    )
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('names the subscription of a second REFER by its number (RFC 3515 §2.4.6)', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:999@acme.test>')
    world.run(500)
    phones[1].refer('<sip:998@acme.test>')
    world.run(500)
    assert.match(phones[1].requests.at(-1)?.headers.get('Event') ?? '', /^refer;id=\d+$/)
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses what cannot be carried out, and the call goes on untouched (cases S21, S50)', () => {
    const { world, phones } = talking()
    const status = (to: string, headers: [string, string][] = []): string[] => {
      phones[1].refer(to, undefined, headers)
      world.run(500)
      return world.trace()
    }
    for (const [to, expected] of [
      ['broken', 400],
      ['<sip:acme.test>', 400],
      ['<sip:103@acme.test;method=BYE>', 405],
      ['<sip:102@acme.test>', 482],
      ['<sip:+4930555102@acme.test>', 482],
      ['<sip:103@zeta.test>', 403],
      ['<sip:103@elsewhere.example>', 403],
      ['<sip:*33103@acme.test>', 403],
      ['<sip:103@acme.test?Replaces=nobody%3Bto-tag%3D1%3Bfrom-tag%3D2>', 404],
      ['<sip:103@acme.test?Replaces=nobody>', 400],
    ] as const)
      assert.deepEqual(status(to), [`acme/u102 in call ${expected}`], to)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-103'), [])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('takes our own address for the domain, as phones write it that know nothing else', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:103@192.0.2.1>')
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses a second REFER while the first is under way, and one for a call that waits itself', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:103@acme.test>')
    world.run(500)
    world.trace()
    phones[1].refer('<sip:104@acme.test>')
    phones[0].refer('<sip:104@acme.test>')
    world.run(500)
    assert.deepEqual(world.trace(), ['acme/u102 in call 491', 'acme/u101 in call 403'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: REFER and a re-INVITE of the same phone cross; both are carried out', () => {
    const { world, phones } = talking()
    phones[1].reinvite('sendonly')
    phones[1].refer('<sip:103@acme.test>')
    world.run(500)
    phones[1].reinvite('sendrecv')
    phones[2].answer()
    world.run(1_000)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-102'), [])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('ends cleanly when whoever waits hangs up', () => {
    const { world, phones } = talking()
    phones[1].refer('<sip:103@acme.test>')
    world.run(500)
    phones[0].hangUp()
    world.run(500)
    for (const person of ['acme-101', 'acme-102', 'acme-103']) assert.deepEqual(world.brief(person), [])
    world.run(60_000)
    world.assertAtRest()
  })
})

describe('attended transfer by REFER with Replaces (RFC 5589 §7)', () => {
  function consulting(options: { answered: boolean }): ReturnType<typeof talking> {
    const made = talking()
    const { world, phones } = made
    phones[1].reinvite('sendonly')
    world.run(500)
    phones[1].invite('103')
    world.run(500)
    phones[2].ring()
    world.run(500)
    if (options.answered) phones[2].answer()
    world.run(500)
    world.trace()
    return made
  }

  function replace(phone: Phone, options: { first: number; second: number }): void {
    const [first, second] = [phone.calls[options.first], phone.calls[options.second]]
    assert.ok(first !== undefined && second !== undefined)
    phone.refer(`<sip:103@acme.test?Replaces=${encodeURIComponent(phone.replacesOf(second))}>`, first)
  }

  it('joins the other sides of the phone’s two calls', () => {
    const { world, phones } = consulting({ answered: true })
    replace(phones[1], { first: 0, second: 1 })
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    const lines = world.trace().filter((line) => line.startsWith('acme/u102'))
    assert.deepEqual(lines, [
      'acme/u102 in call 202',
      'acme/u102 NOTIFY SIP/2.0 200 OK',
      'acme/u102 ended bye',
      'acme/u102 ended bye',
    ])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('joins with a destination that still rings', () => {
    const { world, phones } = consulting({ answered: false })
    replace(phones[1], { first: 0, second: 1 })
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
    assert.deepEqual(world.brief('acme-102'), [])
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('refuses another line’s dialog, the call itself, and an answered one that had to ring', () => {
    const { world, phones } = consulting({ answered: true })
    const [first, second] = phones[1].calls
    assert.ok(first !== undefined && second !== undefined)
    const target = (value: string): string => `<sip:103@acme.test?Replaces=${encodeURIComponent(value)}>`
    for (const [value, expected] of [
      [phones[0].replacesOf(phones[0].call), 403],
      [phones[2].replacesOf(phones[2].call), 403],
      [phones[1].replacesOf(first), 403],
      [`${phones[1].replacesOf(second)};early-only`, 486],
    ] as const) {
      phones[1].refer(target(value), first)
      world.run(500)
      assert.deepEqual(world.trace(), [`acme/u102 in call ${expected}`])
    }
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101', 'originator connected 103'])
    phones[0].hangUp()
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })
})
