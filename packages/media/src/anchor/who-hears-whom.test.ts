import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NEVER } from '@tandem/base'
import { Random } from '@tandem/testing'
import { PCMA, PCMU, Rig } from './media-rig.test.ts'
import { levelOf, TonePhone, talk, VOICE_PEAK } from './tone-phone.test.ts'

const LEGS = 5
const SEEDS = 25
const STEPS = 8
/** Long enough for every fade and every buffer to be through, and for the windows below. */
const SETTLE_MS = 240
const WINDOW_SAMPLES = 800

/** A leg as a reader of the port's documentation would expect it. */
interface Expected {
  phone: TonePhone
  place:
    | { readonly kind: 'alone' }
    | { readonly kind: 'bridge'; readonly with: string }
    | {
        readonly kind: 'room'
        readonly room: string
        readonly speaks: boolean
        readonly hears: boolean
        readonly group?: string
      }
  muted: boolean
  send: boolean
  receive: boolean
}

/** Machine and model side by side. */
class World {
  readonly rig: Rig = new Rig(LEGS + 2)
  readonly legs = new Map<string, Expected>()
  readonly log: string[] = []
  readonly #random: Random
  #phones = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
    for (let index = 0; index < LEGS; index++) this.#allocate(`leg${index}`)
  }

  step(): void {
    const leg = `leg${this.#random.below(LEGS)}`
    const other = `leg${this.#random.below(LEGS)}`
    const kind = this.#random.pick(['bridge', 'unbridge', 'mix', 'mix', 'mute', 'configure', 'release'])
    this.log.push(`${kind} ${leg} ${other}`)
    const expected = this.#leg(leg)
    switch (kind) {
      case 'bridge':
        this.rig.command({ kind, a: leg, b: other })
        if (leg === other) return
        if (expected.place.kind === 'bridge' && expected.place.with === other) return
        this.#leave(leg)
        this.#leave(other)
        expected.place = { kind: 'bridge', with: other }
        this.#leg(other).place = { kind: 'bridge', with: leg }
        return
      case 'unbridge':
        this.rig.command({ kind, leg })
        this.#leave(leg)
        return
      case 'mix': {
        const part = {
          room: this.#random.pick(['one', 'two']),
          speaks: this.#random.chance(0.8),
          hears: this.#random.chance(0.8),
          ...(this.#random.chance(0.4) ? { group: this.#random.pick(['x', 'y']) } : {}),
        }
        this.log.push(JSON.stringify(part))
        this.rig.command({ kind, leg, ...part })
        this.#leave(leg)
        expected.place = { kind: 'room', ...part }
        return
      }
      case 'mute':
        expected.muted = this.#random.chance(0.5)
        this.rig.command({ kind, leg, muted: expected.muted })
        return
      case 'configure':
        expected.send = this.#random.chance(0.7)
        expected.receive = this.#random.chance(0.7)
        this.rig.configure(leg, expected.phone.phone.from, {
          format: expected.phone.format,
          send: expected.send,
          receive: expected.receive,
        })
        return
      case 'release':
        this.#leave(leg)
        this.rig.command({ kind, leg })
        this.#allocate(leg)
        return
    }
  }

  /** Who hears whom, by the model, as `listener<speaker`. */
  get model(): string[] {
    const pairs: string[] = []
    for (const [listener, hearing] of this.legs) {
      for (const [speaker, speaking] of this.legs) {
        if (listener === speaker || !hearing.send || !speaking.receive || speaking.muted) continue
        if (joined(listener, hearing.place, speaker, speaking.place)) pairs.push(`${listener}<${speaker}`)
      }
    }
    return pairs.sort()
  }

  /** Who hears whom, by what came out of the sockets. */
  get truth(): string[] {
    const phones = Array.from(this.legs.values(), ({ phone }) => phone)
    talk(this.rig, phones, SETTLE_MS - 120)
    for (const phone of phones) phone.forget()
    talk(this.rig, phones, 120)
    const pairs: string[] = []
    for (const [listener, { phone }] of this.legs) {
      const { samples } = phone
      if (samples.length < WINDOW_SAMPLES) continue
      const window = samples.subarray(samples.length - WINDOW_SAMPLES)
      for (const [speaker, { phone: other }] of this.legs) {
        const level = levelOf(window, other.hertz)
        // Either at full level or not at all: nothing between may be left.
        if (level > 0.8 * VOICE_PEAK) pairs.push(`${listener}<${speaker}`)
        else if (level > 100) pairs.push(`${listener}<${speaker} at ${Math.round(level)}`)
      }
    }
    return pairs.sort()
  }

  end(): void {
    for (const leg of this.legs.keys()) this.rig.command({ kind: 'release', leg })
    this.rig.run(10_000)
    assert.equal(this.rig.machine.counts.rooms, 0)
    assert.equal(this.rig.machine.deadline, NEVER)
  }

  #leg(leg: string): Expected {
    return this.legs.get(leg) ?? assert.fail(`no ${leg}`)
  }

  #allocate(leg: string): void {
    const hertz = 350 + 250 * Number(leg.slice(3))
    const format = Number(leg.slice(3)) % 2 === 0 ? PCMU : PCMA
    const phone = new TonePhone(this.rig, leg, { number: ++this.#phones, hertz, format })
    this.legs.set(leg, { phone, place: { kind: 'alone' }, muted: false, send: true, receive: true })
  }

  #leave(leg: string): void {
    const { place } = this.#leg(leg)
    if (place.kind === 'bridge') this.#leg(place.with).place = { kind: 'alone' }
    this.#leg(leg).place = { kind: 'alone' }
  }
}

function joined(
  listener: string,
  hearing: Expected['place'],
  speaker: string,
  speaking: Expected['place'],
): boolean {
  if (hearing.kind === 'bridge') return hearing.with === speaker
  if (hearing.kind !== 'room' || speaking.kind !== 'room' || hearing.room !== speaking.room) return false
  if (!hearing.hears || !speaking.speaks || listener === speaker) return false
  return hearing.group === undefined || hearing.group !== speaking.group
}

it('a voice reaches exactly those that it should, after whatever commands (P9)', () => {
  let pairs = 0
  for (let seed = 0; seed < SEEDS; seed++) {
    const world = new World(seed)
    for (let step = 0; step < STEPS; step++) {
      world.step()
      world.step()
      pairs += world.model.length
      assert.deepEqual(world.truth, world.model, `seed ${seed}: ${world.log.join('; ')}`)
    }
    world.end()
  }
  assert.ok(pairs > 100, `only ${pairs} times did anybody hear anybody`)
})
