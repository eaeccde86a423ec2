import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import type { DirectoryLine } from '../directory.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

/** Worlds that are walked through; each takes some fifty milliseconds. */
const SEEDS = 20
const STEPS = 60

const NUMBERS = ['101', '102', '103', '102', '103', '+4930555102', '999']
const CODES = [
  '*86',
  '*68',
  '*88',
  '*88102',
  '*98',
  '*97102',
  '*33102',
  '*11',
  '*26',
  '*44',
  '*45',
  '*55',
  '*55103',
  '*99',
]

/** A line with settings drawn at random: forwarding in circles, mailboxes, assistants, withheld names. */
function settings(random: Random): Partial<DirectoryLine> {
  const number = (): string => random.pick(NUMBERS)
  return {
    ringSeconds: random.pick([1, 5, 20]),
    forwarding: {
      ...(random.below(8) === 0 ? { always: number() } : {}),
      ...(random.below(3) === 0 ? { busy: number() } : {}),
      ...(random.below(3) === 0 ? { noAnswer: number() } : {}),
      ...(random.below(3) === 0 ? { unavailable: number() } : {}),
    },
    ...(random.below(2) === 0 ? { voicemail: { busy: true, noAnswer: random.below(2) === 0 } } : {}),
    ...(random.below(3) === 0 ? { assistants: ['acme-101', 'acme-102', 'acme-103'] } : {}),
    ...(random.below(3) === 0 ? { numberReach: ['103', '102'] } : {}),
    ...(random.below(6) === 0 ? { doNotDisturb: true } : {}),
    ...(random.below(4) === 0 ? { callerIdBlocked: true } : {}),
    recording: {
      mode: random.pick(['Always', 'Never', 'On Demand with User Initiated Start']),
      voicemail: true,
    },
  }
}

/** One thing that somebody does, by phone or by API. */
function act(world: World, random: Random, phones: readonly Phone[]): void {
  const phone = random.pick(phones)
  const person = random.pick(['acme-101', 'acme-102', 'acme-103'])
  const call = random.pick([undefined, ...world.list(person)])
  const named = { actor: actorOf(person), callId: call?.callId ?? 'none' }
  const sip = phone.calls.length === 0 ? undefined : random.pick(phone.calls)
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      phone.invite(random.pick(NUMBERS), random.below(4) === 0 ? { headers: [['Privacy', 'id']] } : {})
      return
    case 3:
      phone.invite(random.pick(CODES))
      return
    case 4:
      world.command({
        kind: 'reject',
        ...named,
        action: random.pick(['busy', 'temporarilyUnavailable', 'ignore']),
      })
      return
    case 5:
      world.command({ kind: 'divert', ...named, destination: random.pick([...NUMBERS, ...CODES]) })
      return
    case 6:
      world.command({ kind: 'divert', ...named, toVoicemail: true })
      return
    case 7:
      world.command({ kind: 'hangup', ...named })
      return
    case 8:
      world.command({
        kind: 'dial',
        actor: actorOf(person),
        destination: random.pick([...NUMBERS, ...CODES]),
      })
      return
    case 9:
      for (const leg of world.live)
        if (random.below(2) === 0)
          world.say({ kind: 'digit', leg, digit: random.pick(['#', '1', '3', '*', '4']) })
      return
    default:
      for (const call of random.below(2) === 0 ? phone.calls : [sip ?? 0]) phone.hangUp(call)
  }
}

/** What a phone does when it is called: refuses, sends on, rings, speaks early, answers, or nothing. */
function manner(world: World, random: Random, phone: Phone): void {
  phone.onInvited = (call) => {
    const choice = random.below(6)
    if (choice === 0) phone.act(phone.endpoint.reject(world.now, call, random.pick([486, 480, 603, 500])))
    else if (choice === 1) {
      const headers: [string, string][] = [['Contact', `<sip:${random.pick(NUMBERS)}@acme.test>`]]
      phone.act(phone.endpoint.reject(world.now, call, 302, { headers }))
    } else if (choice === 2) phone.act(phone.endpoint.progress(world.now, call, 180))
    else if (choice === 3)
      phone.act(phone.endpoint.progress(world.now, call, 183, { answer: phone.description() }))
    else if (choice === 4) phone.answer(call)
  }
}

describe('reachability at random', () => {
  it('leaves nothing behind, tells each end once, and shows nobody who withholds it', () => {
    let messages = 0
    let redirected = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new Random(seed)
      const lines = Object.fromEntries(
        ['acme-101', 'acme-102', 'acme-103'].map((id) => [id, settings(random)] as const),
      )
      const world = new World({ seed, lines })
      const phones = world.registered('u101', 'u102', 'u102b', 'u103')
      for (const phone of phones) manner(world, random, phone)
      if (random.below(3) === 0) world.media.failing.add(random.below(20))
      if (random.below(3) === 0) world.media.silent.add(random.below(20))
      for (let step = 0; step < STEPS; step++) {
        act(world, random, phones)
        world.run(random.pick([0, 1, 50, 500, 3_000, 6_000]))
      }
      for (const phone of phones) for (const call of phone.calls) phone.hangUp(call)
      world.run(400_000)
      world.assertAtRest(`seed ${seed}`)
      messages += world.commands.filter(
        (command) => command.kind === 'openRecording' && command.facts.includes('"purpose":"voicemail"'),
      ).length
      redirected += world.events.filter(
        (event) => event.kind === 'call' && event.call.redirections !== undefined,
      ).length
      const deleted = world.events.flatMap((event) =>
        event.kind === 'call' && event.event === 'deleted' ? [event.call.callId] : [],
      )
      const created = world.events.flatMap((event) =>
        event.kind === 'call' && event.event === 'created' ? [event.call.callId] : [],
      )
      assert.deepEqual(deleted.toSorted(), created.toSorted(), `seed ${seed}: every call ends once`)
      for (const event of world.events)
        if (event.kind === 'call' && event.call.remoteParty.privacyEnabled)
          assert.deepEqual(Object.keys(event.call.remoteParty).toSorted(), ['callType', 'privacyEnabled'])
    }
    assert.ok(
      messages > SEEDS / 2 && redirected > SEEDS / 2,
      `something happened: ${messages}, ${redirected}`,
    )
  })
})
