/**
 * The last things that happened in a world, kept unformatted, so that a broken rule can show what led to it: the lines that
 * are about the sessions concerned, and no others.
 */
import type { Instant } from '@tandem/base'
import type { About } from './rule.ts'

/** What an entry is about, as far as is known when it is written. */
export interface Keys {
  readonly session?: string | undefined
  readonly callId?: string | undefined
  readonly leg?: string | undefined
  /** SIP Call-ID. */
  readonly sip?: string | undefined
}

interface Entry extends Keys {
  readonly at: Instant
  readonly text: () => string
}

/** How many entries are kept, and how many of them are shown. */
const ENTRIES_MAX = 20_000
const SHOWN_MAX = 40

/** The diary of one world. */
export class Diary {
  #entries: Entry[] = []
  readonly #sessionOf = new Map<string, Set<string>>()

  write(at: Instant, keys: Keys, text: () => string): void {
    this.#entries.push({ at, ...keys, text })
    const { session } = keys
    if (session !== undefined) for (const key of [keys.callId, keys.leg, keys.sip]) this.#bind(key, session)
    if (this.#entries.length > 2 * ENTRIES_MAX) this.#entries = this.#entries.slice(-ENTRIES_MAX)
  }

  /** Says that two names mean the same: the SIP call of a leg, the leg of a call. */
  bind(name: string, to: string): void {
    for (const session of this.#sessionOf.get(to) ?? []) this.#bind(name, session)
  }

  /** The last entries about whom a rule is. */
  about(about: About): string[] {
    const sessions = new Set(about.sessions)
    for (const name of [...(about.callIds ?? []), ...(about.legs ?? [])])
      for (const session of this.#sessionOf.get(name) ?? []) sessions.add(session)
    const concerns = (name: string | undefined): boolean =>
      name !== undefined && [...(this.#sessionOf.get(name) ?? [])].some((session) => sessions.has(session))
    const entries = this.#entries.filter(
      ({ session, callId, leg, sip }) =>
        (session !== undefined && sessions.has(session)) ||
        (session === undefined && (concerns(callId) || concerns(leg) || concerns(sip))),
    )
    return entries.slice(-SHOWN_MAX).map(({ at, text }) => `  ${Math.round(at)} ${text()}`)
  }

  #bind(name: string | undefined, session: string): void {
    if (name === undefined) return
    const sessions = this.#sessionOf.get(name)
    if (sessions === undefined) this.#sessionOf.set(name, new Set([session]))
    else sessions.add(session)
  }
}
