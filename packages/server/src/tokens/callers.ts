/**
 * Remembers for a moment who stands behind a token, so that a client that asks often costs the database little. What another
 * process changes shows within half a second; what this one changes shows at once, through `forgetCallers` (promise P12:
 * one second). It knows tokens by their hash alone.
 */
import type { ServerDatabase } from '../data/open-data.ts'
import { type KnownToken, lookUp, type TokenCaller } from './authenticate.ts'
import { hashOf, isTokenText } from './token-text.ts'

/** How long an answer of the database counts, in milliseconds from when it was asked. */
const REMEMBERED_MS = 500
/** Most tokens remembered, about 5 MB; one more forgets all of them. */
const CALLERS_MAX = 10_000

const everybody = new Set<WeakRef<Callers>>()

/** Call it after each commit of this process that revokes tokens or changes people, roles or clients. */
export function forgetCallers(): void {
  for (const reference of everybody) {
    const callers = reference.deref()
    if (callers === undefined) everybody.delete(reference)
    else callers.forget()
  }
}

/** The callers of the last half second. */
export class Callers {
  readonly #db: ServerDatabase
  readonly #clock: () => number
  readonly #known = new Map<string, { readonly token: KnownToken; readonly askedAt: number }>()
  #generation = 0

  /** `clock` counts milliseconds and is never set back. */
  constructor(db: ServerDatabase, clock: () => number = () => performance.now()) {
    this.#db = db
    this.#clock = clock
    everybody.add(new WeakRef(this))
  }

  /** Whose token it is; `undefined` for one that is malformed, unknown, revoked or expired at `now`. */
  async authenticate(token: string, now: number): Promise<TokenCaller | undefined> {
    if (!isTokenText(token)) return undefined
    const known = await this.#find(hashOf(token))
    return known !== undefined && now < known.expiresAt ? known.caller : undefined
  }

  /** Asks the database again from now on. */
  forget(): void {
    this.#generation++
    this.#known.clear()
  }

  async #find(hash: string): Promise<KnownToken | undefined> {
    const askedAt = this.#clock()
    const remembered = this.#known.get(hash)
    if (remembered !== undefined && askedAt - remembered.askedAt < REMEMBERED_MS) return remembered.token
    const generation = this.#generation
    const token = await lookUp(this.#db, hash)
    // What was read before something changed must not be remembered after it.
    if (token === undefined) this.#known.delete(hash)
    else if (generation === this.#generation) {
      if (this.#known.size >= CALLERS_MAX) this.#known.clear()
      this.#known.set(hash, { token, askedAt })
    }
    return token
  }
}
