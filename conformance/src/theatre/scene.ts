/**
 * A scene: people of one table, what they do, and what is seen of it from every side: the list of each party before and
 * after, the events in the outbox, the messages at each phone, and who hears whom.
 */
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Call } from '@tandem/sdk'
import { ROLES, type Role } from './company.ts'
import type { Outbox, OutboxEvent } from './outbox.ts'
import type { Person } from './person.ts'
import type { Programme } from './programme.ts'

const SETTLE_MS_MAX = 6_000
const LOOK_MS = 40
/** One window of listening. */
const LISTEN_MS = 400
/** A change of the audio is heard within this: ringing alone has pauses of four seconds. */
const AUDIO_MS_MAX = 7_000

/** Something per person; who is not named is not looked at. */
export type PerRole<T> = Partial<Readonly<Record<Role, T>>>

/** What an act must lead to. */
export interface Expected {
  /** The calls of each, as `originator connected ben`, commas between; `-` for none. */
  readonly states: PerRole<string>
  /** Event and type of each, as `updated:held`, in order, spaces between. */
  readonly events?: PerRole<string>
  /** Exchanges at each phone that must be among those that were seen. */
  readonly wire?: PerRole<readonly string[]>
  /** Who is heard by each: roles, `sound` for music and tones, '' for silence. */
  readonly hears?: PerRole<string>
}

/** Parts of a scene. */
export interface SceneParts {
  readonly table: number
  readonly people: ReadonlyMap<Role, Person>
  /** Roles and other lines of the table by extension. */
  readonly names: ReadonlyMap<string, string>
  readonly tones: ReadonlyMap<string, number>
  readonly outbox: Outbox
  readonly programme: Programme
  readonly said: string[]
}

/** One scene. Made by `Theatre.play`. */
export class Scene {
  readonly #parts: SceneParts
  #lastEventId: number

  constructor(parts: SceneParts) {
    this.#parts = parts
    this.#lastEventId = parts.outbox.end
  }

  get table(): number {
    return this.#parts.table
  }

  /** Notes a request of somebody who is not of the table. */
  say(line: string): void {
    this.#parts.said.push(line)
  }

  /** Somebody of the table. */
  person(role: Role): Person {
    const person = this.#parts.people.get(role)
    if (person === undefined) throw new Error(`there is no ${role}`)
    return person
  }

  /** Lets `caller` dial `callee` on the phone and `callee` answer; comes back when both are connected. */
  async connect(
    caller: Role,
    callee: Role,
  ): Promise<{ readonly callerId: string; readonly calleeId: string }> {
    const [from, to] = [this.person(caller), this.person(callee)]
    const before = new Set([...(await from.calls()), ...(await to.calls())].map(({ id }) => id))
    const since = to.phone.log.end
    await from.phone.dial(to.number)
    await (await to.phone.nextCall({ since, timeoutMs: 5_000 })).answer()
    const fresh = async (person: Person): Promise<string> => {
      const calls = await this.until(`${person.role} is connected`, async () => {
        const found = (await person.calls()).filter(
          ({ id, state }) => !before.has(id) && state === 'connected',
        )
        return found.length > 0 ? found : undefined
      })
      return calls[0]?.id ?? ''
    }
    return { callerId: await fresh(from), calleeId: await fresh(to) }
  }

  /** Asks until there is an answer. */
  async until<T>(
    what: string,
    look: () => Promise<T | undefined> | T | undefined,
    ms = SETTLE_MS_MAX,
  ): Promise<T> {
    const giveUpAt = performance.now() + ms
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() > giveUpAt)
        throw new Error(`${what}: not within ${ms} ms\n${await this.report()}`)
      await wait(LOOK_MS)
    }
  }

  /** Carries out an act, checks what came of it for everybody, and writes a row of the programme when it has a name. */
  async act<T>(
    title: { readonly operation?: string; readonly peer?: string },
    act: () => Promise<T>,
    expected: Expected,
  ): Promise<T> {
    const roles = ROLES.filter((role) => role in expected.states)
    const before = await this.#states(roles)
    await this.#quiet()
    this.#parts.said.length = 0
    for (const person of this.#parts.people.values()) for (const { wire } of person.wires) wire.mark()
    const since = this.#parts.outbox.end
    this.#lastEventId = since
    const result = await act()
    const after = await this.#settled(() => this.#states(roles), expected.states)
    await this.#settled(() => Promise.resolve(this.#eventsOf(since)), expected.events ?? {})
    if (expected.wire !== undefined) await this.#seen(expected.wire)
    await this.#quiet()
    if (expected.hears !== undefined) await this.hears(expected.hears)
    if (title.operation !== undefined)
      this.#parts.programme.add({
        operation: title.operation,
        peer: title.peer ?? 'tandem phone',
        api: [...this.#parts.said],
        wire: this.#wires(),
        states: roles.map((role) => `${role}: ${before[role]} ⟶ ${after[role]}`),
        events: Object.entries(this.#eventsOf(since)).map(([role, types]) => `${role}: ${types}`),
      })
    return result
  }

  /** Checks who hears whom: soon, and still a little later. */
  async hears(expected: PerRole<string>): Promise<void> {
    const roles = ROLES.filter((role) => role in expected)
    const listen = async (): Promise<Partial<Record<Role, string>>> => {
      const heard = await Promise.all(
        roles.map((role) => this.person(role).listen(LISTEN_MS, this.#parts.tones)),
      )
      return Object.fromEntries(roles.map((role, index) => [role, (heard[index] ?? []).join(' ')]))
    }
    const giveUpAt = performance.now() + AUDIO_MS_MAX
    let heard = await listen()
    let isSettled = false
    while (performance.now() < giveUpAt) {
      const matches = isSame(heard, expected)
      if (matches && isSettled) return
      // Once it is as it must be, nobody else may be heard any more; what is missing for a moment may be a late packet, or
      // the pause of a ringing tone.
      if (isSettled && roles.some((role) => hasMore(heard[role] ?? '', expected[role] ?? ''))) break
      isSettled ||= matches
      heard = await listen()
    }
    assert.deepEqual(heard, expected, `who hears whom\n${await this.report()}`)
  }

  /** What there is to see, for the report of a failure. */
  async report(): Promise<string> {
    const states = await this.#states([...this.#parts.people.keys()])
    return JSON.stringify(
      { said: this.#parts.said, states, events: this.#eventsOf(this.#lastEventId), wire: this.#wires() },
      undefined,
      1,
    )
  }

  /** The events of the table since the last act. */
  events(): OutboxEvent[] {
    const ids = new Set([...this.#parts.people.values()].map(({ personId }) => personId))
    return this.#parts.outbox.since(this.#lastEventId, ids)
  }

  /** Hangs up whatever is left and puts the phones away; fails when the server does not come to rest. */
  async end(): Promise<void> {
    for (const person of this.#parts.people.values()) await person.leave()
    const roles = [...this.#parts.people.keys()]
    const quiet = Object.fromEntries(roles.map((role) => [role, '-']))
    let after = await this.#states(roles)
    const giveUpAt = performance.now() + SETTLE_MS_MAX
    while (!isSame(after, quiet) && performance.now() < giveUpAt) {
      await wait(LOOK_MS)
      after = await this.#states(roles)
    }
    if (isSame(after, quiet)) return
    for (const person of this.#parts.people.values()) // So that the next scene at this table is not spoilt too.
      for (const { id } of await person.calls())
        await person.quietly('POST', '/telephony/calls/hangup', { callId: id })
    assert.deepEqual(after, quiet, 'every call is over when every phone has hung up')
  }

  /** Waits until no event has come for a moment, so that those of the act before are not taken for its own. */
  async #quiet(): Promise<void> {
    let end = -1
    while (end !== this.#parts.outbox.end) {
      end = this.#parts.outbox.end
      await wait(2 * LOOK_MS)
    }
  }

  async #settled(
    look: () => Promise<Partial<Record<string, string>>>,
    expected: PerRole<string>,
  ): Promise<Partial<Record<string, string>>> {
    const giveUpAt = performance.now() + SETTLE_MS_MAX
    const named = (found: Partial<Record<string, string>>): Partial<Record<string, string>> =>
      Object.fromEntries(Object.keys(expected).map((role) => [role, found[role] ?? '']))
    let found = await look()
    while (!isSame(named(found), expected) && performance.now() < giveUpAt) {
      await wait(LOOK_MS)
      found = await look()
    }
    if (!isSame(named(found), expected)) assert.deepEqual(named(found), expected, await this.report())
    return found
  }

  async #states(roles: readonly Role[]): Promise<Partial<Record<Role, string>>> {
    const lists = await Promise.all(roles.map((role) => this.person(role).calls()))
    return Object.fromEntries(roles.map((role, index) => [role, this.#brief(lists[index] ?? [])]))
  }

  #brief(calls: readonly Call[]): string {
    return calls.length === 0 ? '-' : calls.map((call) => this.briefOf(call)).join(', ')
  }

  /** A call in short: personality, state, the other side, and what else is particular. */
  briefOf(call: Call): string {
    const { personality, state, remoteParty, muted, recordingState, redirections, recall } = call
    const other = (party: Call['remoteParty']): string =>
      party.privacyEnabled
        ? 'private'
        : (this.#parts.names.get(party.number ?? '') ?? party.number ?? 'nobody')
    return [
      personality,
      state,
      other(remoteParty),
      ...(muted ? ['muted'] : []),
      ...(recordingState === undefined ? [] : [`recording:${recordingState}`]),
      ...(redirections ?? []).map((each) => `${each.reason}:${other(each.redirectingParty)}`),
      ...(recall === undefined ? [] : [`recall:${other(recall.party)}`]),
    ].join(' ')
  }

  #eventsOf(since: number): Partial<Record<Role, string>> {
    const roleOf = new Map([...this.#parts.people.values()].map((person) => [person.personId, person.role]))
    const found: Partial<Record<Role, string>> = {}
    for (const { personId, resource, event, eventType } of this.#parts.outbox.since(
      since,
      new Set(roleOf.keys()),
    )) {
      const role = roleOf.get(personId)
      if (role === undefined) continue
      const text = `${resource === 'telephony_conference' ? 'conference.' : ''}${event}:${eventType}`
      found[role] = found[role] === undefined ? text : `${found[role]} ${text}`
    }
    return found
  }

  async #seen(expected: PerRole<readonly string[]>): Promise<void> {
    for (const role of ROLES)
      for (const line of expected[role] ?? [])
        await this.until(`${role}'s phone saw "${line}"`, () =>
          this.person(role).wires.some(({ wire }) => wire.lines.includes(line)) ? true : undefined,
        )
  }

  #wires(): string[] {
    return [...this.#parts.people.values()].flatMap((person) =>
      person.wires.flatMap(({ name, wire }) => wire.lines.map((line) => `${name} ${line}`)),
    )
  }
}

/** Whether somebody is heard who is not expected. Sound that cannot be told apart is no person. */
function hasMore(heard: string, expected: string): boolean {
  const names = new Set(expected.split(' '))
  return heard
    .split(' ')
    .some((name) => name !== '' && !names.has(name) && (name !== 'sound' || expected === ''))
}

function isSame(one: object, other: object): boolean {
  const [ones, others] = [Object.entries(one), Object.entries(other)]
  return (
    ones.length === others.length &&
    ones.every(([key, value]) => (other as Record<string, unknown>)[key] === value)
  )
}
