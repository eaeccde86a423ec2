/**
 * Who hears whom, worked out from the commands of the media port alone, as `packages/media/src/port.ts` defines them. It
 * knows nothing of calls or people: the reachability rules compare it with what the API shows.
 */
import type { MediaCommand, Sound } from '@tandem/media'

/** One leg, as the media port was told of it. */
export interface Ear {
  configured: boolean
  send: boolean
  receive: boolean
  muted: boolean
  place:
    | { readonly kind: 'bridge'; readonly with: string }
    | {
        readonly kind: 'room'
        readonly room: string
        readonly speaks: boolean
        readonly hears: boolean
        readonly group?: string
      }
    | undefined
  /** What it was played last in place of others, until it hears others again. */
  sound: { readonly sound: Sound; readonly token?: string } | undefined
}

/** All legs of a media port that were allocated and not released. */
export class Ears {
  readonly #legs = new Map<string, Ear>()
  readonly #rooms = new Map<string, Set<string>>()

  /** The legs, by name. */
  get legs(): ReadonlyMap<string, Ear> {
    return this.#legs
  }

  of(leg: string): Ear | undefined {
    return this.#legs.get(leg)
  }

  /** Carries out one command; says what is wrong with it if it makes no sense. */
  apply(command: MediaCommand): string | undefined {
    switch (command.kind) {
      case 'allocate':
        if (this.#legs.has(command.leg)) return 'a leg is allocated once'
        this.#legs.set(command.leg, {
          configured: false,
          send: false,
          receive: false,
          muted: false,
          place: undefined,
          sound: undefined,
        })
        return undefined
      case 'release': {
        this.#leave(command.leg)
        return this.#legs.delete(command.leg) ? undefined : 'a leg is released once'
      }
      case 'bridge':
        return this.#bridge(command.a, command.b)
      case 'configure':
      case 'unbridge':
      case 'mix':
      case 'mute':
      case 'play':
      case 'sendDigits':
      case 'silence': {
        const ear = this.#legs.get(command.leg)
        return ear === undefined ? 'a live leg is named' : this.#change(ear, command)
      }
      default:
        return undefined
    }
  }

  /** Legs whose voices reach this one, whether or not they say anything. */
  reaching(leg: string): readonly string[] {
    const place = this.#legs.get(leg)?.place
    if (place === undefined) return []
    if (place.kind === 'bridge') return [place.with]
    if (!place.hears) return []
    const heard: string[] = []
    for (const other of this.#rooms.get(place.room) ?? []) {
      const there = this.#legs.get(other)?.place
      if (other === leg || there?.kind !== 'room' || !there.speaks) continue
      if (there.group === undefined || there.group !== place.group) heard.push(other)
    }
    return heard
  }

  #change(
    ear: Ear,
    command: Extract<
      MediaCommand,
      { readonly kind: 'configure' | 'unbridge' | 'mix' | 'mute' | 'play' | 'sendDigits' | 'silence' }
    >,
  ): string | undefined {
    switch (command.kind) {
      case 'configure':
        ear.configured = true
        ear.send = command.send
        ear.receive = command.receive
        return undefined
      case 'unbridge':
        this.#leave(command.leg)
        return undefined
      case 'mix': {
        this.#leave(command.leg)
        const { room, speaks, hears, group } = command
        ear.place = { kind: 'room', room, speaks, hears, ...(group === undefined ? {} : { group }) }
        ear.sound = undefined
        const members = this.#rooms.get(room) ?? new Set()
        members.add(command.leg)
        this.#rooms.set(room, members)
        return undefined
      }
      case 'mute':
        ear.muted = command.muted
        return undefined
      case 'play': {
        if (command.over === true) return undefined
        const { sound, token } = command
        ear.sound = { sound, ...(token === undefined ? {} : { token }) }
        return ear.place === undefined ? undefined : 'a leg leaves its bridge or room before it is played to'
      }
      case 'silence':
        ear.sound = undefined
        return undefined
      case 'sendDigits':
        return undefined
    }
  }

  #bridge(a: string, b: string): string | undefined {
    const [one, other] = [this.#legs.get(a), this.#legs.get(b)]
    if (one === undefined || other === undefined) return 'a bridge joins live legs'
    if (a === b) return 'a leg is not joined with itself'
    this.#leave(a)
    this.#leave(b)
    one.place = { kind: 'bridge', with: b }
    other.place = { kind: 'bridge', with: a }
    one.sound = undefined
    other.sound = undefined
    return undefined
  }

  #leave(leg: string): void {
    const ear = this.#legs.get(leg)
    const place = ear?.place
    if (ear === undefined || place === undefined) return
    ear.place = undefined
    if (place.kind === 'bridge') {
      const other = this.#legs.get(place.with)
      if (other !== undefined) other.place = undefined
      return
    }
    const members = this.#rooms.get(place.room)
    members?.delete(leg)
    if (members?.size === 0) this.#rooms.delete(place.room)
  }
}
