/**
 * Transcripts of recordings (issue 4, Transcripts): stored, read and rendered always; made by a transcriber where one is
 * configured. Work waits in the database; `step` takes up what is due and returns at once, the attempts go on by
 * themselves. There is no timer here: whoever owns the pace calls `step`, and again when `onWork` says so.
 */
import type { Logger } from '@tandem/base'
import type { Compilable } from '@tandem/store'
import { idKey } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import { isLanguage, tidyTranscript } from './tidy-transcript.ts'
import type { Transcriber } from './transcriber.ts'
import { TranscriptAttempts } from './transcript-attempts.ts'
import { parseTranscript, renderTranscript } from './transcript-forms.ts'
import { TranscriptQueue } from './transcript-queue.ts'
import { TranscriptShelf, type TranscriptShelfOptions } from './transcript-shelf.ts'
import type { Transcript, TranscriptFormat, TranscriptState, Transcripts } from './transcripts.ts'

/** How a transcriber is used. */
export interface TranscriberUse {
  readonly transcriber: Transcriber
  /** Recordings transcribed at the same time. */
  readonly concurrency: number
  /** Of a minute of audio sent, in any currency; 0 when it costs nothing. */
  readonly pricePerMinute: number
  /** Most that one organisation may cost in a calendar month (UTC), in the same currency; absent: no cap. */
  readonly monthlyCap?: number
}

/** How transcripts are made. */
export interface RecordingTranscriptsOptions extends TranscriptShelfOptions {
  readonly logger: Logger
  /** Absent: nothing is transcribed here. */
  readonly use?: TranscriberUse
  /** From 0 to 1. */
  readonly random?: () => number
  /** Something may be due: call `step` soon. */
  readonly onWork?: () => void
}

/** Millionths in one unit of the currency: costs are whole numbers. */
const UNITS = 1_000_000

/** The transcripts of a library. */
export class RecordingTranscripts implements Transcripts {
  readonly #options: RecordingTranscriptsOptions
  readonly #shelf: TranscriptShelf
  readonly #queue: TranscriptQueue
  readonly #attempts: TranscriptAttempts | undefined

  constructor(options: RecordingTranscriptsOptions) {
    const { db, node, now, random = Math.random, use } = options
    const cap = use?.monthlyCap
    this.#options = options
    this.#shelf = new TranscriptShelf(options)
    this.#queue = new TranscriptQueue({
      db,
      node,
      now,
      random,
      ...(cap === undefined ? {} : { monthlyCapUnits: Math.round(cap * UNITS) }),
    })
    if (use === undefined) return
    this.#attempts = new TranscriptAttempts({
      ...options,
      shelf: this.#shelf,
      queue: this.#queue,
      transcriber: use.transcriber,
      concurrency: use.concurrency,
      unitsPerMinute: Math.round(use.pricePerMinute * UNITS),
    })
  }

  /** Whether a transcriber is configured. */
  get configured(): boolean {
    return this.#attempts !== undefined
  }

  /** `error` says why one failed, or what one that waits is waiting for. */
  async state(
    orgId: string,
    id: string,
  ): Promise<{ readonly state: TranscriptState; readonly error?: string; readonly language?: string }> {
    const row = await this.#options.db.kysely
      .selectFrom('recording_transcript')
      .select(['state', 'error', 'language'])
      .where('id_key', '=', idKey(id))
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    if (row === undefined) return { state: 'none' }
    const state = row.state as TranscriptState // Written by this folder alone.
    const error = (state === 'waiting' ? await this.#waitsFor(orgId) : undefined) ?? row.error ?? undefined
    return {
      state,
      ...(error === undefined ? {} : { error }),
      ...(row.language === null ? {} : { language: row.language }),
    }
  }

  get(orgId: string, id: string): Promise<Transcript | undefined> {
    return this.#shelf.get(orgId, id)
  }

  render(
    transcript: Transcript,
    format: TranscriptFormat,
  ): { readonly contentType: string; readonly text: string } {
    return renderTranscript(transcript, format)
  }

  parse(text: string, format: TranscriptFormat): Transcript | string {
    return parseTranscript(text, format)
  }

  /** Throws a `RangeError` with a sentence when the transcript breaks a limit; `parse` gives none that does. */
  put(actor: Actor, id: string, transcript: Transcript): Promise<boolean> {
    const tidied = tidyTranscript(transcript)
    if (typeof tidied === 'string') throw new RangeError(tidied)
    return this.#shelf.keep(actor, id, tidied)
  }

  /** Asks again for one that is there; what is being made goes on. Throws a `RangeError` when the language is no tag. */
  async request(
    actor: Actor,
    id: string,
    options: { readonly language?: string },
  ): Promise<'done' | 'missing' | 'off'> {
    const { language } = options
    if (language !== undefined && !isLanguage(language))
      throw new RangeError(`${JSON.stringify(language.slice(0, 50))} is not a language tag such as "en"`)
    if (!this.configured) return 'off'
    const { audit, db } = this.#options
    const row = await db.kysely
      .selectFrom('recording')
      .select(['id', 'id_key'])
      .where('id_key', '=', idKey(id))
      .where('org_id', '=', actor.orgId)
      .executeTakeFirst()
    if (row === undefined) return 'missing'
    const detail = { requested: true, ...(language === undefined ? {} : { language }) }
    await db.commit([
      this.#queue.wanted({ idKey: row.id_key, orgId: actor.orgId }, { again: true, ...options }),
      ...audit.statements([{ actor, action: 'recording.transcribed', recordingId: row.id, detail }]),
    ])
    this.#options.onWork?.()
    return 'done'
  }

  /**
   * The statements that put a new recording in line, for the commit that makes its row, so that no crash can come between;
   * none when nothing is configured. Call `step` afterwards.
   */
  wantedStatements(recording: { readonly id: string; readonly orgId: string }): readonly Compilable[] {
    if (!this.configured) return []
    const line = { idKey: idKey(recording.id), orgId: recording.orgId }
    return [this.#queue.wanted(line, { again: false })]
  }

  /** Takes back what died with the last process of this node; returns how many. Once, before the first `step`. */
  recover(): Promise<number> {
    return this.configured ? this.#queue.recover() : Promise.resolve(0)
  }

  /** Takes up what is due, as far as there is room. */
  async step(): Promise<undefined> {
    await this.#attempts?.step()
  }

  /** Resolves when nothing is being transcribed. */
  async idle(): Promise<void> {
    await this.#attempts?.idle()
  }

  /** Breaks off what runs: it is due again after the next start, and what was heard so far is heard again. */
  async close(): Promise<void> {
    await this.#attempts?.close()
  }

  async #waitsFor(orgId: string): Promise<string | undefined> {
    if (!this.configured) return 'No transcriber is configured on this server; it goes on when there is one'
    if (!(await this.#queue.isCapped(orgId))) return undefined
    return 'The monthly cap on the cost of transcripts is reached; it goes on next month or when the cap is raised'
  }
}
