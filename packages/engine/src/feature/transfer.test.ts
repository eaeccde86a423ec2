import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallCommand, CallResult } from '../commands.ts'
import { actorOf, LIMITS, type Phone, World } from '../world.test.ts'

type Transfer = Extract<CallCommand, { readonly kind: 'transfer' }>

/** 101 talks to 102, who has called 103 as well; 103 rings, or has answered. */
function consulting(options: { answered: boolean; world?: World }): {
  world: World
  phones: [Phone, Phone, Phone]
  first: string
  second: string
} {
  const world = options.world ?? new World()
  const [a, b, c] = world.registered('u101', 'u102', 'u103')
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  a.invite('102')
  world.run(500)
  b.answer()
  world.run(500)
  b.invite('103')
  world.run(500)
  if (options.answered) c.answer()
  world.run(500)
  world.trace()
  const [first, second] = world.list('acme-102').map((call) => call.callId)
  assert.ok(first !== undefined && second !== undefined)
  return { world, phones: [a, b, c], first, second }
}

function transfer(
  world: World,
  person: string,
  ids: Omit<Transfer, 'kind' | 'actor'>,
): CallResult | undefined {
  return world.command({ kind: 'transfer', actor: actorOf(person), ...ids })
}

const errorOf = (result: CallResult | undefined): unknown =>
  result?.kind === 'refused' ? result.error : result?.kind

describe('transfer of two calls (contract, call controls §5.4)', () => {
  it('joins the other sides, and the transferor leaves both calls as forwarded', () => {
    const { world, phones, first, second } = consulting({ answered: true })
    assert.deepEqual(world.brief('acme-102'), ['terminator held 101', 'originator connected 103'])
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 102'])
    const session = world.list('acme-101')[0]?.callSessionId
    world.shows.media = true
    assert.deepEqual(transfer(world, 'acme-102', { callId1: first, callId2: second }), { kind: 'done' })
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    assert.equal(world.list('acme-103')[0]?.callSessionId, session)
    world.run(500)
    assert.deepEqual(
      world.trace().filter((line) => !line.includes('200')),
      [
        'media release #2',
        'acme-102 deleted/forwarded terminator disconnected',
        'media release #3',
        'acme-102 deleted/forwarded originator disconnected',
        'media bridge #1 #4',
        'acme-101 updated/updated originator connected',
        'acme-103 updated/updated terminator connected',
        'session transferred',
        'acme/u102 ended bye',
        'acme/u102 ended bye',
      ],
    )
    phones[0].hangUp()
    world.run(60_000)
    assert.deepEqual(world.brief('acme-103'), [])
    world.assertAtRest()
    assert.deepEqual(
      world.records.map(({ cause }) => cause),
      ['transferred', 'normal'],
    )
  })

  it('takes the only two calls when none is named, and refuses fewer and more', () => {
    const { world, phones } = consulting({ answered: true })
    assert.equal(errorOf(transfer(world, 'acme-101', {})), 'transfer_calls_invalid')
    world.registered('u104')
    phones[1].invite('104')
    world.run(200)
    assert.equal(world.list('acme-102').length, 3)
    assert.equal(errorOf(transfer(world, 'acme-102', {})), 'transfer_calls_invalid')
    world.run(60_000)
    assert.equal(world.list('acme-102').length, 2)
    assert.deepEqual(transfer(world, 'acme-102', {}), { kind: 'done' })
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('lets the first wait with ringback for a destination that still rings', () => {
    const { world, phones, first, second } = consulting({ answered: false })
    world.shows.media = true
    assert.deepEqual(transfer(world, 'acme-102', { callId1: first, callId2: second }), { kind: 'done' })
    assert.deepEqual(world.brief('acme-101'), ['originator connecting 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 101'])
    const redirections = world.list('acme-103')[0]?.redirections
    assert.deepEqual(
      redirections?.map(({ reason, redirectingParty }) => `${reason} ${redirectingParty.number}`),
      ['divert 102'],
    )
    assert.ok(world.trace().includes('media play #1 ringback'))
    world.run(500)
    phones[2].answer()
    world.run(500)
    assert.ok(world.trace().includes('media bridge #1 #4'))
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('finds the ringing one by itself when none is named, whichever call is older', () => {
    const { world, phones } = consulting({ answered: false })
    assert.deepEqual(transfer(world, 'acme-102', {}), { kind: 'done' })
    phones[2].reject(486)
    world.run(60_000)
    world.assertAtRest('the one who waited heard busy and was hung up on')
  })

  it('refuses calls that are unanswered, unknown, the same or somebody else’s', () => {
    const { world, phones, first, second } = consulting({ answered: true })
    const [other] = world.list('acme-101')
    const error = (ids: Omit<Transfer, 'kind' | 'actor'>): unknown =>
      errorOf(transfer(world, 'acme-102', ids))
    assert.equal(error({ callId1: first }), 'transfer_calls_invalid')
    assert.equal(error({ callId2: second }), 'transfer_calls_invalid')
    assert.equal(error({ destination: '104' }), 'transfer_calls_invalid')
    assert.equal(error({ callId1: first, callId2: first }), 'transfer_calls_invalid')
    assert.equal(error({ callId1: first, callId2: second, destination: '104' }), 'transfer_calls_invalid')
    assert.equal(error({ callId1: first, callId2: 'nowhere' }), 'call_not_found')
    assert.equal(error({ callId1: first, callId2: other?.callId ?? '' }), 'call_not_found')
    assert.equal(error({ callId1: first, destination: '' }), 'destination_invalid')
    assert.equal(error({ callId1: first, destination: '*98' }), 'destination_invalid')
    const [d] = world.registered('u104')
    d?.invite('102')
    world.run(500)
    const third = world.list('acme-102')[2]?.callId ?? ''
    assert.equal(error({ callId1: first, callId2: third }), 'call_state_forbids')
    assert.equal(error({ callId1: third, destination: '101' }), 'call_state_forbids')
    assert.deepEqual(world.brief('acme-101'), ['originator remoteHeld 102'])
    phones[1].hangUp(phones[1].calls[0])
    phones[1].hangUp(phones[1].calls[1])
    d?.hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves held who holds by itself: the other side hears music until it resumes', () => {
    const { world, phones, first, second } = consulting({ answered: true })
    phones[0].reinvite('sendonly')
    world.run(500)
    assert.deepEqual(transfer(world, 'acme-102', { callId1: first, callId2: second }), { kind: 'done' })
    assert.deepEqual(world.brief('acme-101'), ['originator held 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator remoteHeld 101'])
    phones[0].reinvite('sendrecv')
    world.run(500)
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: transfer to a party that hangs up, before and after', () => {
    for (const isBefore of [true, false]) {
      const { world, phones, first, second } = consulting({ answered: true })
      if (isBefore) phones[2].hangUp()
      const result = transfer(world, 'acme-102', { callId1: first, callId2: second })
      assert.deepEqual(result, { kind: 'done' })
      if (!isBefore) phones[2].hangUp()
      world.run(60_000)
      for (const person of ['acme-101', 'acme-102', 'acme-103']) assert.deepEqual(world.brief(person), [])
      world.assertAtRest()
    }
  })
})

describe('mute transfer (contract, call controls §5.4)', () => {
  function started(held = false): ReturnType<typeof consulting> & { transferId: string } {
    const made = consulting({ answered: false })
    const { world, phones, second, first } = made
    phones[1].hangUp()
    world.run(500)
    phones[1].calls.pop()
    // Placing the second call has held the first.
    world.command({ kind: 'resume', actor: actorOf('acme-102'), callId: first })
    if (held) phones[1].reinvite('sendonly')
    world.run(500)
    assert.deepEqual(world.brief('acme-102'), [`terminator ${held ? 'held' : 'connected'} 101`])
    phones[2].calls.pop()
    world.trace()
    const result = transfer(world, 'acme-102', { callId1: first, destination: '103' })
    assert.ok(result?.kind === 'placed', JSON.stringify(result))
    assert.notEqual(result.callId, second)
    world.run(500)
    return { ...made, transferId: result.callId }
  }

  it('rings the destination for the transferor, and moves the call once it answers', () => {
    const { world, phones } = started()
    assert.deepEqual(world.trace(), [
      'acme-102 created/originated originator connecting',
      'acme-103 created/received terminator alerting',
      'acme/u103 INVITE',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 102'])
    assert.deepEqual(world.brief('acme-102'), ['terminator connected 101', 'originator connecting 103'])
    assert.deepEqual(world.brief('acme-103'), ['terminator alerting 102'])
    phones[2].answer()
    world.run(500)
    const events = world.trace().filter((line) => /^acme-10[13] (?:updated|deleted)/.test(line))
    assert.deepEqual(events, [
      'acme-101 updated/updated originator connected',
      'acme-103 updated/answered terminator connected',
    ])
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    assert.deepEqual(world.brief('acme-102'), [])
    assert.deepEqual(world.brief('acme-103'), ['terminator connected 101'])
    phones[0].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('leaves the call as it was when nobody answers, held or not', () => {
    for (const held of [true, false]) {
      const { world, phones } = started(held)
      const before = world.brief('acme-101')
      world.run(LIMITS.ringMsMax)
      assert.deepEqual(world.brief('acme-101'), before)
      assert.deepEqual(world.brief('acme-102'), [`terminator ${held ? 'held' : 'connected'} 101`])
      assert.deepEqual(world.brief('acme-103'), [])
      phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })

  it('is given up by hanging up the second call, and by the end of the first', () => {
    for (const giveUp of ['second', 'transferor', 'peer'] as const) {
      const { world, phones, transferId } = started()
      if (giveUp === 'second') assert.deepEqual(world.hangup('acme-102', transferId), { kind: 'done' })
      if (giveUp === 'transferor') phones[1].hangUp()
      if (giveUp === 'peer') phones[0].hangUp()
      world.run(500)
      assert.deepEqual(world.brief('acme-103'), [], giveUp)
      assert.equal(world.brief('acme-102').length, giveUp === 'second' ? 1 : 0)
      if (giveUp === 'second') phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest(giveUp)
    }
  })

  it('comes too late for a call that the other side has parked or sent elsewhere (race)', () => {
    for (const meanwhile of ['parked', 'diverted', 'referred'] as const) {
      const { world, phones } = started()
      const [a, , c] = phones
      const [d] = world.registered('u104')
      const actor = actorOf('acme-101')
      const callId = world.list('acme-101')[0]?.callId ?? ''
      if (meanwhile === 'parked') world.command({ kind: 'park', actor, callId })
      else if (meanwhile === 'diverted') world.command({ kind: 'divert', actor, callId, destination: '104' })
      else a.refer('<sip:104@acme.test>', a.call)
      world.run(500)
      const before = world.brief('acme-102')[0]
      c.answer()
      world.run(500)
      assert.deepEqual(world.brief('acme-102'), [before], meanwhile)
      assert.deepEqual(world.brief('acme-103'), [], meanwhile)
      if (meanwhile !== 'parked') d?.answer()
      world.run(500)
      if (meanwhile !== 'parked') assert.deepEqual(world.brief('acme-104'), ['terminator connected 102'])
      for (const phone of [phones[1], d]) if (phone?.calls.length) phone.hangUp()
      world.run(60_000)
      world.assertAtRest(meanwhile)
    }
  })

  it('allows one at a time, and no park of the call meanwhile (race: park of a call being transferred)', () => {
    const { world, phones, first, transferId } = started()
    assert.equal(
      errorOf(transfer(world, 'acme-102', { callId1: first, destination: '104' })),
      'call_state_forbids',
    )
    const park = { kind: 'park', actor: actorOf('acme-102') } as const
    assert.equal(errorOf(world.command({ ...park, callId: first })), 'call_state_forbids')
    assert.equal(errorOf(world.command({ ...park, callId: transferId })), 'call_state_forbids')
    phones[2].answer()
    world.run(500)
    assert.deepEqual(world.brief('acme-101'), ['originator connected 103'])
    phones[2].hangUp()
    world.run(60_000)
    world.assertAtRest()
  })

  it('race: the transferor hangs up while the answer is on its way: whichever comes first counts', () => {
    for (const isAnswerFirst of [true, false]) {
      const { world, phones } = started()
      if (isAnswerFirst) phones[2].answer()
      phones[1].hangUp()
      if (!isAnswerFirst) phones[2].answer()
      world.run(500)
      assert.deepEqual(world.brief('acme-102'), [])
      assert.deepEqual(world.brief('acme-103'), isAnswerFirst ? ['terminator connected 101'] : [])
      if (isAnswerFirst) phones[0].hangUp()
      world.run(60_000)
      world.assertAtRest()
    }
  })
})
