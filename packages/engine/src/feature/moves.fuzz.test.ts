/**
 * Random people press random buttons, on the API and on their phones, while messages are lost and overtake each other.
 * Whatever happens, nobody is heard who is not in the call, what is shown agrees, and nothing is left at the end.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Random, STORM } from '@tandem/testing'
import type { CallCommand } from '../commands.ts'
import { actorOf, type Phone, World } from '../world.test.ts'

const PEOPLE = ['acme-101', 'acme-102', 'acme-103', 'acme-104']
const GROUPS = (['pickup', 'park'] as const).map((kind) => ({
  id: kind,
  orgId: 'acme',
  kind,
  name: kind,
  lineIds: PEOPLE,
}))

const SEEDS = 20
const STEPS = 120

/** A random command about the calls that a person has now, or about somebody's. */
function randomCommand(random: Random, world: World): CallCommand {
  const busy = PEOPLE.filter((each) => world.list(each).length > 0)
  const person = random.pick(busy.length > 0 && random.chance(0.8) ? busy : PEOPLE)
  const actor = actorOf(person)
  const calls = world.list(person)
  const callId = calls.length === 0 ? 'nowhere' : random.pick(calls).callId
  const other = calls.length === 0 ? 'nowhere' : random.pick(calls).callId
  const number = random.pick(PEOPLE).slice(-3)
  switch (random.below(15)) {
    case 0:
      return { kind: 'dial', actor, destination: number }
    case 1:
      return { kind: 'transfer', actor, callId1: callId, callId2: other }
    case 2:
      return { kind: 'transfer', actor, callId1: callId, destination: number }
    case 3:
      return { kind: 'transfer', actor }
    case 4:
      return { kind: 'park', actor, callId, destination: number }
    case 5:
      return { kind: 'park', actor, callId, isGroupPark: true }
    case 6:
      return { kind: 'retrieve', actor, destination: number }
    case 7:
      return { kind: 'pickup', actor, ...(random.chance(0.5) ? { target: number } : {}) }
    case 8:
      return { kind: 'bargeIn', actor, target: number }
    case 9:
      return { kind: 'pull', actor }
    case 10:
      return { kind: 'startConference', actor, callIds: calls.map((call) => call.callId) }
    case 11:
      return { kind: 'addParticipant', actor, callId }
    case 12:
      return {
        kind: random.pick(['holdConference', 'resumeConference', 'releaseConference'] as const),
        actor,
      }
    case 13:
      return { kind: random.pick(['deafen', 'undeafen', 'muteParticipant'] as const), actor, callId }
    default:
      return { kind: 'hangup', actor, callId }
  }
}

/** Something that a phone does by itself: mostly it answers what rings. */
function press(random: Random, phone: Phone): void {
  const number = random.pick(PEOPLE).slice(-3)
  if (phone.calls.length === 0 || random.chance(0.15)) {
    phone.invite(number)
    return
  }
  const call = random.pick(phone.calls)
  switch (random.below(10)) {
    case 0:
      phone.reinvite(random.pick(['sendonly', 'sendrecv']), undefined, call)
      return
    case 1:
      phone.refer(`<sip:${number}@acme.test>`, call)
      return
    case 2:
    case 3: {
      const dialog = phone.endpoint.describe(random.pick(phone.calls))
      if (dialog?.remoteTag === undefined) return
      const value = `${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`
      if (random.chance(0.5))
        phone.refer(`<sip:${number}@acme.test?Replaces=${encodeURIComponent(value)}>`, call)
      else phone.invite(number, { headers: [['Replaces', value]] })
      return
    }
    case 4:
      phone.hangUp(call)
      forget(phone, call)
      return
    default:
      phone.answer(call)
  }
}

/** A phone has only calls that are not over. */
function remember(phone: Phone): void {
  phone.onOutput = (output) => {
    if (output.kind === 'ended' || output.kind === 'cancelled' || output.kind === 'rejected')
      forget(phone, output.call)
  }
}

function forget(phone: Phone, call: number): void {
  const place = phone.calls.indexOf(call)
  if (place >= 0) phone.calls.splice(place, 1)
}

/** Who is shown as talking talks to somebody. */
function assertSound(world: World, why: string): void {
  const views = PEOPLE.flatMap((person) => world.list(person))
  for (const view of views) assert.notEqual(view.state, 'disconnected', why)
  const sessions = Map.groupBy(views, (view) => view.callSessionId)
  for (const [session, calls] of sessions)
    if (calls.every((call) => call.state === 'connected'))
      assert.ok(calls.length > 1, `${why}: nobody talks alone in ${session}`)
}

/** Which legs the media port joins at one moment, and what the calls were then. */
interface Moment {
  readonly why: string
  readonly pairs: readonly (readonly [string, string])[]
  /** By call: its conversation, which a conference widens, whose it is, and its state. */
  readonly calls: ReadonlyMap<
    string,
    { readonly room: string; readonly person: string; readonly confers: boolean; readonly state: string }
  >
}

/** Follows who hears whom from what the media port was told. */
class Ear {
  readonly #partner = new Map<string, string>()
  readonly #room = new Map<string, string>()
  #seen = 0

  moment(world: World, why: string): Moment {
    for (const command of world.commands.slice(this.#seen)) {
      if (command.kind === 'bridge') {
        for (const leg of [command.a, command.b]) this.#leave(leg)
        this.#partner.set(command.a, command.b)
        this.#partner.set(command.b, command.a)
      } else if (command.kind === 'mix') {
        this.#leave(command.leg)
        this.#room.set(command.leg, command.room)
      } else if (command.kind === 'unbridge' || command.kind === 'release') this.#leave(command.leg)
    }
    this.#seen = world.commands.length
    const rooms = [...this.#room]
    const mixed = rooms.flatMap(([a, room], index) =>
      rooms.slice(index + 1).flatMap(([b, other]) => (room === other ? [[a, b] as const] : [])),
    )
    return { why, pairs: [...this.#partner, ...mixed], calls: callsOf(world) }
  }

  #leave(leg: string): void {
    const partner = this.#partner.get(leg)
    this.#partner.delete(leg)
    if (partner !== undefined) this.#partner.delete(partner)
    this.#room.delete(leg)
  }
}

function callsOf(world: World): Moment['calls'] {
  const calls = new Map<string, { room: string; person: string; confers: boolean; state: string }>()
  for (const person of PEOPLE)
    for (const { callId, callSessionId, state } of world.list(person))
      calls.set(callId, { room: callSessionId, person, confers: false, state })
  for (const person of PEOPLE) {
    const result = world.command({ kind: 'conference', actor: actorOf(person) })
    const hosts = result?.kind === 'conference' ? (result.conference?.participants ?? []) : []
    for (const { callId } of hosts) {
      const call = calls.get(callId)
      if (call !== undefined) call.confers = true
    }
    const rooms = new Set(hosts.map(({ callId }) => calls.get(callId)?.room))
    const [first] = rooms
    if (first !== undefined) for (const call of calls.values()) if (rooms.has(call.room)) call.room = first
  }
  return calls
}

/** Nobody is ever joined with somebody of another conversation, nor while one of them holds. */
function assertPrivate(world: World, moments: readonly Moment[]): void {
  const callOf = new Map(world.records.flatMap(({ legs }) => legs.map(({ leg, callId }) => [leg, callId])))
  for (const { why, pairs, calls } of moments)
    for (const pair of pairs) {
      const [a, b] = pair.map((leg) => calls.get(callOf.get(leg) ?? ''))
      assert.ok(a !== undefined && b !== undefined, `${why}: ${pair} are legs of calls that go on`)
      assert.equal(a.room, b.room, `${why}: ${pair} are in one conversation`)
      if (a.confers && b.confers && a.person === b.person) continue // Two legs of one host do not hear each other.
      for (const { confers, state } of [a, b])
        assert.ok(
          state !== 'held' && (state !== 'remoteHeld' || confers),
          `${why}: ${pair} are joined though ${state}`,
        )
    }
}

it('moves calls in a storm, and comes to rest', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = new Random(seed)
    const world = new World({
      seed,
      limits: { parkRecallMs: 8_000, ringMsMax: 10_000 },
      recording: { 'acme-101': 'Always', 'acme-103': 'Always' },
      change: (directory) => ({ ...directory, groups: GROUPS }),
    })
    const phones = world.registered('u101', 'u101b', 'u102', 'u103', 'u104')
    for (const phone of phones) remember(phone)
    const ear = new Ear()
    const moments: Moment[] = []
    if (random.chance(0.5)) world.network.weather = STORM
    for (let step = 0; step < STEPS; step++) {
      if (random.chance(0.4)) world.command(randomCommand(random, world))
      else press(random, random.pick(phones))
      world.run(random.below(800))
      assertSound(world, `seed ${seed}, step ${step}`)
      moments.push(ear.moment(world, `seed ${seed}, step ${step}`))
    }
    for (const phone of phones) for (const call of [...phone.calls]) phone.hangUp(call)
    world.run(40_000)
    for (const person of PEOPLE) for (const { callId } of world.list(person)) world.hangup(person, callId)
    world.run(120_000)
    world.assertAtRest(`seed ${seed}`)
    assertAccounted(world, `seed ${seed}`)
    assertPrivate(world, moments)
  }
})

/** Each call was created once and deleted once, in that order, with nothing after (contract, webhooks §6). */
function assertAccounted(world: World, why: string): void {
  const lives = new Map<string, string[]>()
  for (const event of world.events)
    if (event.kind === 'call') {
      const life = lives.get(event.call.callId) ?? []
      lives.set(event.call.callId, [...life, event.event])
    }
  for (const [callId, life] of lives) {
    assert.equal(life[0], 'created', `${why}: ${callId} begins`)
    assert.equal(life.indexOf('deleted'), life.length - 1, `${why}: ${callId} ends once, at the end: ${life}`)
  }
}
