/**
 * Signed download links (converged-recordings §5; promise P13): HMAC-SHA-256 over the recording, the file, the person
 * and the expiry. A link works for three hours to the millisecond, for one file, and says for whom it was made.
 *
 * `check` answers in the contract's order: a wrong signature first, then the time. Whether the recording is still there,
 * and whether the person still has the right, is asked of those who know, afterwards.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { idKey } from '../catalogue/recording.ts'

/** How long a link works. */
export const LINK_MS_MAX: number = 3 * 60 * 60 * 1_000

/** How far a clock may have been set back since a link was made before the link counts as too new to be true. */
const CLOCK_STEP_MS_MAX = 60_000

/** Longest query value looked at; a person id has 36 characters, a signature 43. */
const VALUE_CHARACTERS_MAX = 256

/** What the query of a link holds, in the order in which `sign` writes it. */
const MEMBERS = ['exp', 'for', 'role', 'st', 'sig'] as const

/** The files of a recording that a link can name. */
export const LINKED_FILES = ['audio', 'video', 'transcript'] as const
/** A file of a recording. `audio` of an MP4 is its own sound track; `video` is the MP4 itself. */
export type LinkedFile = (typeof LINKED_FILES)[number]

/**
 * In which role somebody gets a link: as owner (or in the name of one), as compliance officer, or as whoever knew the
 * password of a meeting recording, to `play` it or to `download` it; then `personId` is empty.
 */
export type LinkRole = (typeof LINK_ROLES)[number]
const LINK_ROLES = ['owner', 'compliance', 'play', 'download'] as const

/** What a link is made for. */
export interface LinkSubject {
  readonly recordingId: string
  readonly file: LinkedFile
  /** Whom it was issued to. */
  readonly personId: string
  /** In which role: a compliance officer's link outlives a change of the status, every other one dies with it. */
  readonly role?: LinkRole
  /** The recording's status at issue. */
  readonly status?: string
  /** Unix milliseconds; at most three hours ahead. */
  readonly expiresAt: number
}

/** What a presented link is worth. `forged` is a 403, `expired` a 410. */
export type LinkVerdict = Readonly<
  | { kind: 'valid'; personId: string; role: LinkRole; status: string; expiresAt: number }
  | { kind: 'forged' }
  | { kind: 'expired' }
>

/** Makes and checks links with one secret key. */
export class DownloadLinks {
  readonly #key: Uint8Array

  /** `key` has at least 32 random bytes. */
  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** The query string, without `?`, that makes the address of the file a link. */
  sign(subject: LinkSubject): string {
    const { personId, role = 'owner', status = 'available', expiresAt } = subject
    const query = new URLSearchParams({ exp: String(expiresAt), for: personId, role, st: status })
    query.set('sig', this.#signature(subject.recordingId, subject.file, query).toString('base64url'))
    return query.toString()
  }

  /** Judges the query of a request for a file at a moment. */
  check(
    asked: { readonly recordingId: string; readonly file: string; readonly query: string | URLSearchParams },
    now: number,
  ): LinkVerdict {
    const query = new URLSearchParams(asked.query)
    // Every byte is ours: nothing is added, moved, said twice or spelled in another way (converged-recordings §5).
    const written = new URLSearchParams()
    for (const name of MEMBERS) written.set(name, query.get(name) ?? '')
    if (written.toString() !== asked.query.toString()) return { kind: 'forged' }
    if ([...query.values()].some((value) => value.length > VALUE_CHARACTERS_MAX)) return { kind: 'forged' }
    const presented = query.get('sig') as string // Just counted.
    const expected = this.#signature(asked.recordingId, asked.file, query).toString('base64url')
    // The text is compared, not the bytes: base64 has several spellings of the last byte, and only one is ours.
    if (presented.length !== expected.length) return { kind: 'forged' }
    if (!timingSafeEqual(Buffer.from(presented, 'latin1'), Buffer.from(expected, 'latin1'))) {
      return { kind: 'forged' }
    }
    const expiresAt = Number(query.get('exp'))
    if (!(now < expiresAt) || expiresAt - now > LINK_MS_MAX + CLOCK_STEP_MS_MAX) return { kind: 'expired' }
    return {
      kind: 'valid',
      personId: query.get('for') ?? '',
      role: LINK_ROLES.find((role) => role === query.get('role')) ?? 'owner',
      status: query.get('st') ?? '',
      expiresAt,
    }
  }

  #signature(recordingId: string, file: string, query: URLSearchParams): Buffer {
    const signed = ['exp', 'for', 'role', 'st'].map((name) => query.get(name) ?? '')
    // JSON keeps the members apart: no two subjects have the same text.
    return createHmac('sha256', this.#key)
      .update(JSON.stringify(['tandem link 1', idKey(recordingId), file, ...signed]))
      .digest()
  }
}
