/**
 * Attempts at making transcripts: so many at a time, each from its claim to a kept transcript, a wait or a failure. What
 * an attempt has heard is remembered for the next one, so that a piece is paid once; a server that asks to be left alone
 * is, by all of them.
 */
import type { Logger } from '@tandem/base'
import type { RecordingFacts } from '../facts.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { tidyTranscript } from './tidy-transcript.ts'
import { type HeardPiece, type SpeakersOf, type Transcriber, TranscriberError } from './transcriber.ts'
import type { Claim, TranscriptDatabase, TranscriptQueue } from './transcript-queue.ts'
import type { TranscriptShelf, TranscriptVault } from './transcript-shelf.ts'

/** Unfinished transcripts whose pieces are remembered; of more, the one that was begun first is heard again. */
export const REMEMBERED_MAX = 100
/** Longest time that a server may ask to be left alone; a longer one is an error of its, or as good as a failure. */
export const RETRY_AFTER_MS_MAX: number = 6 * 60 * 60 * 1_000

/** How attempts are made. */
export interface TranscriptAttemptsOptions {
  readonly db: TranscriptDatabase
  readonly vault: Pick<TranscriptVault, 'audio'>
  readonly shelf: TranscriptShelf
  readonly queue: TranscriptQueue
  readonly transcriber: Transcriber
  readonly concurrency: number
  /** Of audio sent, in millionths of the currency. */
  readonly unitsPerMinute: number
  readonly logger: Logger
  readonly now: () => number
  readonly onWork?: () => void
}

/** The attempts that run. */
export class TranscriptAttempts {
  readonly #options: TranscriptAttemptsOptions
  readonly #running = new Map<string, Promise<void>>()
  /** By recording; the oldest first. */
  readonly #heard = new Map<string, Map<string, HeardPiece>>()
  readonly #closing = new AbortController()
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(options: TranscriptAttemptsOptions) {
    this.#options = options
  }

  /** Takes up what is due, as far as there is room. */
  async step(): Promise<void> {
    const { concurrency, now, queue } = this.#options
    if (this.#closing.signal.aborted || now() < this.#pausedUntil) return
    for (const claim of await queue.claim(concurrency - this.#running.size)) {
      const run = this.#run(claim).finally(() => {
        this.#running.delete(claim.idKey)
        this.#options.onWork?.()
      })
      this.#running.set(claim.idKey, run)
    }
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** Breaks off what runs. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('Transcribing has ended'))
    await this.idle()
  }

  async #run(claim: Claim): Promise<void> {
    const { logger, queue } = this.#options
    try {
      await this.#attempt(claim)
    } catch (error) {
      const why = this.#whyOf(error)
      logger.warn('A transcript could not be made', {
        recordingId: claim.idKey,
        why: why.message,
        again: why.again,
      })
      // What the queue cannot write down now, the end of the lease makes up for.
      const noted = this.#closing.signal.aborted ? queue.release(claim) : queue.failed(claim, why)
      await noted.catch((fault: unknown) => {
        logger.error('The state of a transcript could not be written down', { error: String(fault) })
      })
      if (!why.again) this.#heard.delete(claim.idKey)
    }
  }

  async #attempt(claim: Claim): Promise<void> {
    const { db, queue, shelf, transcriber, unitsPerMinute, vault } = this.#options
    const row = await db.kysely
      .selectFrom('recording')
      .leftJoin('recording_facts', 'recording_facts.id_key', 'recording.id_key')
      .select(['id', 'origin', 'owner_name', 'owner_email', 'facts'])
      .where('recording.id_key', '=', claim.idKey)
      .executeTakeFirst()
    if (row === undefined) return queue.forget(claim)
    this.#closing.signal.throwIfAborted()
    const audio = await vault.audio(row.id)
    if (audio === undefined)
      throw new TranscriberError('The sound of the recording is gone', { again: false })
    const made = await transcriber.transcribe({
      audio,
      speakers: speakersOf(row),
      heard: this.#heardOf(claim.idKey),
      answered: (audioMs) => queue.bill(claim, Math.round((unitsPerMinute * audioMs) / 60_000)),
      signal: this.#closing.signal,
      ...(claim.language === undefined ? {} : { language: claim.language }),
    })
    const tidied = tidyTranscript(made)
    if (typeof tidied === 'string')
      throw new TranscriberError(`The transcriber's answer is of no use: ${tidied}`, { again: false })
    const actor = { orgId: claim.orgId, personId: '', as: 'system' } as const
    await shelf.keep(actor, row.id, tidied, claim) // False: erased or replaced meanwhile, and rightly not kept.
    this.#heard.delete(claim.idKey)
  }

  #heardOf(idKey: string): Map<string, HeardPiece> {
    const heard = this.#heard.get(idKey) ?? new Map<string, HeardPiece>()
    this.#heard.set(idKey, heard)
    for (const oldest of this.#heard.keys()) {
      if (this.#heard.size <= REMEMBERED_MAX) break
      if (!this.#running.has(oldest) && oldest !== idKey) this.#heard.delete(oldest)
    }
    return heard
  }

  #whyOf(error: unknown): { message: string; again: boolean; retryAfterMs?: number } {
    if (error instanceof TranscriberError) {
      const { message, again } = error
      if (error.retryAfterMs === undefined) return { message, again }
      const retryAfterMs = Math.min(error.retryAfterMs, RETRY_AFTER_MS_MAX)
      this.#pausedUntil = Math.max(this.#pausedUntil, this.#options.now() + retryAfterMs)
      return { message, again, retryAfterMs }
    }
    const message = error instanceof Error ? error.message : String(error)
    return { message, again: !(error instanceof StorageFault) || error.kind === 'unreachable' }
  }
}

/** Left is the owner, right the other side (design, A recording); what was imported has sides that we do not know. */
function speakersOf(row: {
  readonly origin: string
  readonly owner_name: string
  readonly owner_email: string
  readonly facts: string | null
}): SpeakersOf {
  if (row.origin !== 'call') return { kind: 'mixed' }
  const left = row.owner_name || row.owner_email || 'Owner'
  const facts = JSON.parse(row.facts ?? '{}') as Partial<RecordingFacts> // Written by our own publisher.
  const { opening, closing } = facts
  const others = [
    opening?.remoteName,
    closing?.connectedParty?.name,
    userPart(closing?.connectedParty?.number),
  ]
  return {
    kind: 'sides',
    left,
    right: others.find((name) => name !== undefined && name !== '') ?? 'Other side',
  }
}

/** The number in a SIP or tel URI. */
function userPart(uri: string | undefined): string | undefined {
  return /^(?:sips?|tel):([^@;]+)/.exec(uri ?? '')?.[1]
}
