/**
 * People who press anything at any time, over a network that loses, copies and reorders. Nothing is expected of the
 * calls themselves; at the end nothing may be left of them. A failing seed is named.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CALM, Random, STORM } from '@tandem/testing'
import { actorOf, type Phone, World } from './world.test.ts'

const USERS = ['u101', 'u101b', 'u102', 'u102b', 'u103', 'zeta/u101', 'zeta/u102']
const PEOPLE = ['acme-101', 'acme-102', 'acme-103', 'zeta-101', 'zeta-102']

/** Registers everybody on a calm network, so that the storm has somebody to hit. */
function crowd(seed: number, random: Random): World {
  const world = new World({
    seed,
    recording: { 'acme-101': 'Always', 'acme-102': 'Always with Pause/Resume', 'zeta-102': 'Always' },
    limits: {
      ringMsMax: 8_000,
      clickToDialRingMsMax: 6_000,
      recordingFailure: random.pick(['proceed', 'proceedWithAnnouncement', 'endCallWithAnnouncement']),
    },
  })
  world.registered(...USERS)
  world.shows.events = false
  for (const phone of world.phones.values())
    phone.onInvited = (call) => {
      if (random.chance(0.3)) phone.answer(call)
      else if (random.chance(0.6)) phone.ring()
    }
  world.network.weather = random.chance(0.7) ? STORM : CALM
  world.media.allocateMs = random.pick([0, 2, 50, 700])
  for (let i = 0; i < 40; i++) {
    if (random.chance(0.05)) world.media.failing.add(i)
    if (random.chance(0.03)) world.media.silent.add(i)
  }
  return world
}

/** One press of one button. */
function press(world: World, random: Random, phone: Phone): void {
  const call = phone.calls.length === 0 ? undefined : random.pick(phone.calls)
  const person = random.pick(PEOPLE)
  const button = random.below(14)
  if (button === 0)
    phone.invite(random.pick(['101', '102', '103', '999']), random.chance(0.2) ? { offer: null } : {})
  if (button === 1)
    world.command({
      kind: 'dial',
      actor: actorOf(person),
      destination: random.pick(['101', '102', '103', '7']),
    })
  if (button === 2) {
    const [first] = world.list(person)
    if (first !== undefined) world.hangup(person, first.callId)
  }
  if (button === 3) world.media.recording = random.pick(['opens', 'opens', 'opens', 'fails', 'hangs'])
  if (button === 4) phone.register({ expires: random.pick([60, 3_600]) })
  if (call === undefined) return
  const { endpoint } = phone
  const { now } = world
  if (button === 5) phone.act(endpoint.progress(now, call, 180))
  if (button === 6) phone.act(endpoint.progress(now, call, 183, { answer: phone.description() }))
  if (button === 7 || button === 8 || button === 9) phone.answer(call)
  if (button === 10) phone.act(endpoint.reject(now, call, random.pick([480, 486, 603, 500])))
  if (button === 11) phone.hangUp(call)
  if (button === 12)
    phone.act(endpoint.offer(now, call, phone.description(random.pick(['sendrecv', 'sendonly', 'inactive']))))
  if (button === 13)
    phone.act(
      endpoint.requestInCall(now, call, { method: random.pick(['INFO', 'REFER', 'MESSAGE']) }).outputs,
    )
}

/** Everybody hangs up, and answers no more: twice, since a phone may have been called in the meantime. */
function goHome(world: World): void {
  for (const phone of world.phones.values()) phone.onInvited = () => {}
  for (const waitMs of [30_000, 200_000]) {
    for (const phone of world.phones.values()) for (const call of phone.calls) phone.hangUp(call)
    world.run(waitMs)
  }
}

describe('the engine under random presses', () => {
  it('ends with nothing left: no session, leg, recording or transaction, whatever was pressed and lost', () => {
    let connected = 0
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed)
      const world = crowd(seed, random)
      try {
        for (let step = 0; step < 120; step++) {
          press(world, random, random.pick([...world.phones.values()]))
          if (random.chance(0.5)) world.run(random.below(1_500))
          const { sessions, halves } = world.engine.counts
          assert.ok(halves <= 2 * sessions, 'a half has its session')
        }
        goHome(world)
        world.assertAtRest()
        for (const record of world.records) {
          if (record.answeredAt !== undefined) connected += 1
          const deleted = world.events.filter(
            (event) =>
              event.kind === 'call' &&
              event.event === 'deleted' &&
              event.call.callSessionId === record.callSessionId,
          )
          assert.equal(deleted.length, record.halves.length, 'each half is deleted once')
          assert.equal(new Set(record.halves.map((half) => half.callId)).size, record.halves.length)
          for (const half of record.halves) assert.equal(half.view.state, 'disconnected')
        }
        assert.equal(new Set(world.records.map((record) => record.callSessionId)).size, world.records.length)
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
      }
    }
    assert.ok(connected > 60, `enough calls were answered to mean something: ${connected}`)
  })
})
