/**
 * Where transcripts are kept: the JSON form as the recording's file `transcript` in the vault, sealed like its audio, and
 * beside it the row that names it. File durable first, then rows, audit and index in one transaction (storage rule R2);
 * a transcript of a recording that was erased meanwhile is not kept (promise P16).
 */
import type { Compilable } from '@tandem/store'
import { dialectOf } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import { idKey } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import { parseTranscript, renderTranscript } from './transcript-forms.ts'
import type { Claim, TranscriptDatabase } from './transcript-queue.ts'
import type { Transcript } from './transcripts.ts'

/** A transcript's file as the vault keeps it. */
export interface StoredTranscript {
  readonly key: string
  readonly storage: string
  /** Of the content, lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** What transcripts need of the vault. */
export interface TranscriptVault {
  /**
   * Keeps bytes as this file of a recording, on disk when it resolves, under a key that no earlier write had: the row that
   * names the earlier one stays true until it is changed. Rejects when the recording has no data key any more.
   */
  write(
    recordingId: string,
    file: 'transcript',
    bytes: Uint8Array,
    at: number,
  ): Promise<{
    readonly key: string
    readonly storage: string
    readonly sha256: string
    readonly sizeBytes: number
  }>
  /** All of a file, checked; undefined when file or key are gone. Rejects with a `StorageFault` when it is damaged. */
  read(recordingId: string, file: 'transcript', stored: StoredTranscript): Promise<Uint8Array | undefined>
  /** Removes a file that no row names any more; nothing happens when it is not there. */
  remove(key: string): Promise<void>
  /** The recording's sound, checked; undefined when it is gone. */
  audio(recordingId: string): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** What transcripts need of the search index. */
export interface TranscriptIndex {
  /** The statements that take a recording into the index as its rows are by then, in the same commit. */
  statements(idKey: string): readonly Compilable[]
}

/** How a shelf is made. */
export interface TranscriptShelfOptions {
  readonly db: TranscriptDatabase
  readonly vault: TranscriptVault
  readonly audit: Pick<AuditLog, 'statements'>
  readonly search: TranscriptIndex
  /** Whether the words stand in the database too, for search. */
  readonly searchable: boolean
  readonly node: string
  readonly now: () => number
}

/** The transcripts of all recordings. */
export class TranscriptShelf {
  readonly #options: TranscriptShelfOptions

  constructor(options: TranscriptShelfOptions) {
    this.#options = options
  }

  /** The transcript of a recording; undefined when there is none. */
  async get(orgId: string, id: string): Promise<Transcript | undefined> {
    const { db, vault } = this.#options
    const row = await db.kysely
      .selectFrom('recording_file')
      .innerJoin('recording', 'recording.id_key', 'recording_file.id_key')
      .select([
        'recording.id',
        'recording_file.vault_key',
        'recording_file.storage',
        'recording_file.sha256',
        'recording_file.size_bytes',
      ])
      .where('recording_file.id_key', '=', idKey(id))
      .where('recording_file.file', '=', 'transcript')
      .where('recording.org_id', '=', orgId)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const bytes = await vault.read(row.id, 'transcript', {
      key: row.vault_key,
      storage: row.storage,
      sha256: row.sha256,
      sizeBytes: Number(row.size_bytes),
    })
    if (bytes === undefined) return undefined
    const read = parseTranscript(Buffer.from(bytes).toString('utf8'), 'json')
    if (typeof read === 'string') throw new Error(`The transcript of recording ${id} cannot be read: ${read}`)
    return read
  }

  /**
   * Keeps a tidied transcript in place of an earlier one. False when there is no such recording, or when it comes from an
   * attempt that is no longer the one that counts.
   */
  async keep(actor: Actor, id: string, transcript: Transcript, claim?: Claim): Promise<boolean> {
    const { vault, now } = this.#options
    if (!(await this.#exists(actor.orgId, id))) return false
    const bytes = Buffer.from(renderTranscript(transcript, 'json').text)
    const file = await vault.write(id, 'transcript', bytes, now())
    const before = await this.#record(actor, { id, transcript, file, claim }).catch(
      async (error: unknown) => {
        await vault.remove(file.key)
        throw error
      },
    )
    if (before === undefined) await vault.remove(file.key)
    else if (before !== '' && before !== file.key) await vault.remove(before)
    return before !== undefined
  }

  async #exists(orgId: string, id: string): Promise<boolean> {
    const row = await this.#options.db.kysely
      .selectFrom('recording')
      .select('id_key')
      .where('id_key', '=', idKey(id))
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    return row !== undefined
  }

  /** The key of the file that was there before, empty when there was none; undefined when nothing was changed. */
  #record(
    actor: Actor,
    kept: {
      readonly id: string
      readonly transcript: Transcript
      readonly file: StoredTranscript
      readonly claim: Claim | undefined
    },
  ): Promise<string | undefined> {
    const { audit, db, node, search } = this.#options
    const key = idKey(kept.id)
    return db.transaction(async (tx) => {
      const recording = tx
        .selectFrom('recording')
        .select('id_key')
        .where('id_key', '=', key)
        .where('org_id', '=', actor.orgId)
      // An erasure on another connection waits for us, or we see that it was faster.
      const found = dialectOf(tx) === 'postgres' ? recording.forUpdate() : recording
      if ((await found.executeTakeFirst()) === undefined) return undefined
      if (kept.claim !== undefined) {
        const ours = await tx
          .selectFrom('recording_transcript')
          .select('id_key')
          .where('id_key', '=', key)
          .where('state', '=', 'running')
          .where('runner', '=', node)
          .where('attempts', '=', kept.claim.attempt)
          .executeTakeFirst()
        if (ours === undefined) return undefined
      }
      const before = await tx
        .selectFrom('recording_file')
        .select('vault_key')
        .where('id_key', '=', key)
        .where('file', '=', 'transcript')
        .executeTakeFirst()
      const audited = audit.statements([
        {
          actor,
          action: 'recording.transcribed',
          recordingId: kept.id,
          detail: {
            engine: kept.transcript.engine,
            ...(kept.transcript.language === undefined ? {} : { language: kept.transcript.language }),
            segments: kept.transcript.segments.length,
            sha256: kept.file.sha256,
          },
        },
      ])
      const rows = this.#rows(actor.orgId, key, kept)
      for (const statement of [...rows, ...audited, ...search.statements(key)])
        await tx.executeQuery(statement.compile())
      return before?.vault_key ?? ''
    })
  }

  #rows(
    orgId: string,
    key: string,
    { file, transcript }: { readonly file: StoredTranscript; readonly transcript: Transcript },
  ): readonly Compilable[] {
    const { db, now, searchable } = this.#options
    const fileRow = {
      vault_key: file.key,
      storage: file.storage,
      sha256: file.sha256,
      size_bytes: file.sizeBytes,
      content_type: 'application/json',
    }
    const row = {
      state: 'done',
      language: transcript.language ?? null,
      engine: transcript.engine,
      text: searchable ? transcript.segments.map((segment) => segment.text).join('\n') : '',
      segments: searchable ? JSON.stringify(transcript.segments) : '[]',
      attempts: 0,
      next_at: null,
      runner: null,
      error: null,
      updated_at: now(),
    }
    return [
      db.kysely
        .insertInto('recording_file')
        .values({ id_key: key, file: 'transcript', ...fileRow })
        .onConflict((conflict) => conflict.columns(['id_key', 'file']).doUpdateSet(fileRow)),
      db.kysely
        .insertInto('recording_transcript')
        .values({ id_key: key, org_id: orgId, wanted_language: null, cost_units: 0, ...row })
        .onConflict((conflict) => conflict.column('id_key').doUpdateSet(row)),
    ]
  }
}
