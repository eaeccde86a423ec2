/**
 * One recording from its journal to its row, in the order that leaves no half of it behind at any crash (rule R2):
 * data key on disk; part whole and proved; synced, renamed, folder synced; row and event in one commit. Each step may be repeated: the
 * part is made anew, the rename replaces, the row and its event are added once. A message of a mailbox goes to its hook
 * instead, and what is to be discarded goes nowhere; that they are done with is on disk before their journal may go.
 */
import type { Compilable } from '@tandem/store'
import type { Catalogue, NewlyFinished } from '../catalogue/catalogue.ts'
import type { FinishedRecording } from '../catalogue/recording.ts'
import type { SettledRecordings } from '../catalogue/settled-recordings.ts'
import type { Assembled } from '../encode/assembly.ts'
import type { EncoderPool } from '../encode/encoder-pool.ts'
import type { VoicemailMessage } from '../options.ts'
import type { RetentionPolicies } from '../retention/retention-policies.ts'
import type { NewRecording } from '../transcript/transcript-wishes.ts'
import type { Vault } from '../vault/vault.ts'

/** The hook that takes messages failed, or there is none. */
export class VoicemailRefused extends Error {
  override readonly name = 'VoicemailRefused'
}

/** What the publisher works with. */
export interface PublisherOptions {
  readonly catalogue: Catalogue
  readonly settled: SettledRecordings
  readonly vault: Vault
  readonly pool: Pick<EncoderPool, 'finish'>
  readonly storageRegion: string
  readonly onVoicemail: ((message: VoicemailMessage) => Promise<void>) | undefined
  readonly now: () => number
  /** What policies say of a recording that is being made; nothing when absent. */
  readonly stamp?: Pick<RetentionPolicies, 'stamp'>['stamp']
  /** What else the commit of a new recording carries. */
  readonly statements?: (recording: NewRecording) => Promise<readonly Compilable[]>
  /** Recordings have become available. */
  readonly onAvailable?: (recordings: readonly MadeRecording[]) => void
}

/** A recording whose file is in the vault, still without its row. */
export type MadeRecording = Omit<FinishedRecording, 'createTime'> & { readonly callId: string }

type Further = Pick<NewlyFinished, 'retention' | 'statements'>

/** What became of a recording. */
export type Made =
  /** Its file is there; `announce` makes it available. */
  | { readonly kind: 'made'; readonly recording: MadeRecording }
  /** It has its row already. */
  | { readonly kind: 'known' }
  /** It has and needs none. */
  | { readonly kind: 'settled' }

/** Publishes recordings. */
export class Publisher {
  readonly #options: PublisherOptions

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /**
   * Makes the file of a recording; `cut` is the reason to show if its journal has no end. Fails with whatever stood in
   * the way, and can then be asked again.
   */
  async make(id: string, cut: string): Promise<Made> {
    const { catalogue, settled, vault, pool, storageRegion } = this.#options
    if (await catalogue.has(id)) return { kind: 'known' }
    // One that was erased while its journal was still there is not made again (promise P16).
    if ((await settled.has(id)) || (await vault.isErased(id))) return { kind: 'settled' }
    const assembled = await pool.finish(id, cut)
    const { opening, closing } = assembled.facts
    if (closing?.discarded === true) return this.#settle(assembled, 'discarded')
    if (opening.purpose === 'voicemail') return this.#handOver(assembled)
    const key = vault.callKey(opening.orgId, opening.startedAt, id)
    await vault.publish(id, key)
    return {
      kind: 'made',
      recording: { ...assembled, callId: opening.callId, vaultKey: key, storage: vault.form, storageRegion },
    }
  }

  /** Makes recordings available in one commit, with one moment. Returns how many were not available already. */
  async announce(recordings: readonly MadeRecording[]): Promise<number> {
    const { catalogue, now, onAvailable } = this.#options
    const further = await Promise.all(recordings.map((each) => this.#furtherOf(each)))
    const createTime = now()
    const added = await catalogue.add(
      recordings.map((each, at) => ({ ...each, createTime, ...(further[at] as Further) })), // One each.
    )
    onAvailable?.(recordings)
    return added
  }

  async #furtherOf({ id, facts }: MadeRecording): Promise<Further> {
    const { orgId, locationId, ownerId } = facts.opening
    const [retention, statements] = await Promise.all([
      this.#options.stamp?.(orgId, { locationId, ownerId }),
      this.#options.statements?.({ id, orgId, ownerId }),
    ])
    return {
      ...(retention === undefined ? {} : { retention }),
      ...(statements === undefined ? {} : { statements }),
    }
  }

  async #handOver(assembled: Assembled): Promise<Made> {
    const { vault, onVoicemail } = this.#options
    // A crash may cut a message off before its first word: nobody can listen to that.
    if (assembled.durationMs === 0) return this.#settle(assembled, 'discarded')
    if (onVoicemail === undefined) throw new VoicemailRefused('Nothing here takes voicemail messages')
    await vault.syncPart(assembled.id, assembled.format)
    try {
      await onVoicemail(messageOf(assembled, vault.partPath(assembled.id, assembled.format)))
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new VoicemailRefused(`The mailbox did not take a message: ${why}`, { cause })
    }
    return this.#settle(assembled, 'voicemail')
  }

  async #settle(assembled: Assembled, how: 'discarded' | 'voicemail'): Promise<Made> {
    const { settled, vault, now } = this.#options
    await settled.add(assembled.id, how, now())
    await vault.discard(assembled.id)
    await vault.removePart(assembled.id, assembled.format)
    return { kind: 'settled' }
  }
}

function messageOf(assembled: Assembled, path: string): VoicemailMessage {
  const { opening } = assembled.facts
  const callingNumber = digitsOf(opening.callingParty.number)
  return {
    id: assembled.id,
    orgId: opening.orgId,
    ownerId: opening.ownerId,
    callSessionId: opening.callSessionId,
    remoteName: opening.remoteName,
    ...(callingNumber === undefined ? {} : { callingNumber }),
    at: opening.startedAt,
    durationMs: assembled.durationMs,
    path,
  }
}

/** The user part of a SIP or tel URI when it is a number (RFC 3261 §19.1.1, RFC 3966 §3). */
function digitsOf(uri: string | undefined): string | undefined {
  return /^(?:sips?|tel):(\+?[0-9*#]+)(?:[@;]|$)/.exec(uri ?? '')?.[1]
}
