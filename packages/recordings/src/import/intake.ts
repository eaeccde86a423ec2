/**
 * One file on its way to a recording: probed, converted where it must be, sealed into the vault, and then row, facts,
 * meeting, claim, event and audit row in one commit (storage rules R1, R2). What fails before the commit leaves nothing
 * but an orphan in the vault, which its scrub puts away; two files of one content become one recording.
 */
import { randomUUID } from 'node:crypto'
import { type Compilable, type Database, insertRow, preparedQuery, StoreError } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import { idKey, type NewRecordingRow } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import type { Actor } from '../library.ts'
import { makeMeetingId, makeMeetingRecordingId, meetingStatements } from '../meeting/meeting-facts.ts'
import type { MeetingFacts } from '../meeting/meeting-recordings.ts'
import type { PasswordSeal } from '../meeting/password-seal.ts'
import type { MeetingTables } from '../meeting/tables.ts'
import type { WholeContent } from '../vault/part-stream.ts'
import { ImportFault } from './import-fault.ts'
import type { ImportVault, StoredMedia } from './import-vault.ts'
import { importedEvent, importedRow, type RetentionColumns } from './imported-row.ts'
import type { ImportRequest } from './imports.ts'
import { type MediaFacts, mediaFacts } from './media-facts.ts'
import type { MediaFile } from './media-protocol.ts'
import { type MediaSource, piecesOf } from './media-source.ts'
import type { MediaThread } from './media-thread.ts'
import type { ImportTables } from './tables.ts'

/** The tables that an import writes to. */
export type IntakeTables = CatalogueTables & MeetingTables & ImportTables

/** What an intake works with. */
export interface IntakeOptions {
  readonly db: Database<IntakeTables>
  readonly vault: ImportVault
  readonly audit: Pick<AuditLog, 'statements' | 'add'>
  readonly passwords: PasswordSeal
  /** Region code of recordings that come without one. */
  readonly storageRegion: string
  /** Unix milliseconds. */
  readonly now: () => number
  /** Kept time (`KeptTime.now`); the wall clock when absent. */
  readonly keptNow?: () => number
  /** What policies say of a new row; nothing when absent. */
  readonly retention?: (row: NewRecordingRow) => RetentionColumns | Promise<RetentionColumns>
  /** Further statements for the commit of a new recording: those of the search index, say. */
  readonly statements?: (row: NewRecordingRow) => readonly Compilable[] | Promise<readonly Compilable[]>
  /** Hears of each new recording after its commit. */
  readonly onAvailable?: (row: NewRecordingRow) => void
}

/** Media to be taken in. */
export interface IncomingMedia {
  readonly source: MediaSource
  /** The same, for the media thread. */
  readonly file: MediaFile
  /** Whether somebody wrote to it meanwhile. */
  hasChanged(): Promise<boolean>
}

/** What became of it. */
export type Taken = Readonly<{ kind: 'done' | 'duplicate'; recordingId: string }>

/**
 * The recording that has some content, by its own hash or that of what it was made of. Two questions, an index each: asked
 * as one with OR, SQLite looks through all recordings of the organisation.
 */
export function knownBy(
  kysely: Database<IntakeTables>['kysely'],
): (content: Content) => Compilable<{ readonly id: string }> {
  return preparedQuery(['orgId', 'sha256'], ({ orgId, sha256 }: Content) =>
    kysely
      .selectFrom('recording')
      .select('recording.id')
      .where('recording.org_id', '=', orgId)
      .where('recording.sha256', '=', sha256)
      .unionAll(
        kysely
          .selectFrom('import_claim')
          .innerJoin('recording', 'recording.id_key', 'import_claim.id_key')
          .select('recording.id')
          .where('import_claim.org_id', '=', orgId)
          .where('import_claim.sha256', '=', sha256)
          .where('recording.org_id', '=', orgId),
      )
      .limit(1),
  )
}

type Content = Readonly<{ orgId: string; sha256: string }>

/** Takes media in, one file at a time for each call. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #thread: MediaThread
  readonly #knownBy: (content: Content) => Compilable<{ readonly id: string }>

  constructor(options: IntakeOptions, thread: MediaThread) {
    this.#options = options
    this.#thread = thread
    this.#knownBy = knownBy(options.db.kysely)
  }

  /** The recording that has this content; undefined when there is none. */
  async known(orgId: string, sha256: string): Promise<string | undefined> {
    const { rows } = await this.#options.db.kysely.executeQuery(this.#knownBy({ orgId, sha256 }))
    return rows[0]?.id
  }

  /**
   * Takes it in as the recording named. `finish` gives the statements that note the end of the import, for the same
   * commit. Throws an `ImportFault` when the media is at fault; any other error is ours, and it may be tried again.
   */
  async take(
    actor: Actor,
    recordingId: string,
    request: ImportRequest,
    media: IncomingMedia,
    finish: () => readonly Compilable[],
  ): Promise<Taken> {
    const now = this.#options.now()
    const facts = await mediaFacts(media.source, () => this.#thread.readMp4(media.file, now))
    checkAnnounced(request, facts)
    const known = await this.known(actor.orgId, facts.sha256)
    if (known !== undefined) return { kind: 'duplicate', recordingId: known }
    const files: StoredMedia[] = []
    try {
      const place = { orgId: actor.orgId, startedAt: request.createTime ?? now }
      const stored = await this.#options.vault.write(recordingId, 'media', this.#content(facts, media), place)
      files.push(stored)
      const sound = await this.#sound(recordingId, facts, media, place)
      if (sound !== undefined) files.push(sound)
      const isOther = facts.kind !== 'wav' && stored.sha256 !== facts.sha256
      if (isOther || (facts.kind !== 'mp3' && (await media.hasChanged())))
        throw new ImportFault('changed', 'The file changed while it was read; import it again.')
      const made = { facts, stored, sound, now }
      await this.#claiming(actor.orgId, facts.sha256, () =>
        this.#commit(actor, recordingId, request, made, finish),
      )
      return { kind: 'done', recordingId }
    } catch (error) {
      // The commit may have failed since the same content came at the same moment; then that one is the recording.
      const first = isConstraint(error) ? await this.known(actor.orgId, facts.sha256) : undefined
      if (first !== undefined && idKey(first) === idKey(recordingId))
        return { kind: 'done', recordingId: first }
      // Of a commit that failed otherwise nobody knows whether it holds: its files stay, as orphans at worst.
      if (error instanceof ImportFault || isConstraint(error)) await this.#undo(recordingId, files)
      if (first !== undefined) return { kind: 'duplicate', recordingId: first }
      throw error
    }
  }

  /** What is in memory was hashed there, and is not hashed again. */
  #content(facts: MediaFacts, media: IncomingMedia): AsyncIterable<Uint8Array> | WholeContent {
    if (facts.kind === 'wav') return this.#thread.wavToMp3(media.file, facts.wav)
    const { whole } = media.source
    if (whole !== undefined) return { bytes: whole, sha256: facts.sha256 }
    return piecesOf(media.source)
  }

  /** The sound of a video as a file of its own; a file that is nothing but sound has it already. */
  async #sound(
    recordingId: string,
    facts: MediaFacts,
    media: IncomingMedia,
    place: { readonly orgId: string; readonly startedAt: number },
  ): Promise<(StoredMedia & { readonly contentType: string }) | undefined> {
    if (facts.kind !== 'mp4' || facts.mp4.sound === undefined) return undefined
    const pieces = this.#thread.mp4Sound(media.file, facts.mp4.sound)
    const stored = await this.#options.vault.write(recordingId, 'audio', pieces, place)
    return { ...stored, contentType: facts.mp4.sound === 'mp3' ? 'audio/mpeg' : 'audio/mp4' }
  }

  /** A claim whose recording is gone holds nobody up: it goes, and the commit is tried once more. */
  async #claiming(orgId: string, sha256: string, commit: () => Promise<void>): Promise<void> {
    try {
      await commit()
    } catch (error) {
      if (!isConstraint(error) || (await this.known(orgId, sha256)) !== undefined) throw error
      const { db } = this.#options
      await db.commit([
        db.kysely
          .deleteFrom('import_claim')
          .where('org_id', '=', orgId)
          .where('sha256', '=', sha256)
          .where('id_key', 'not in', (eb) => eb.selectFrom('recording').select('recording.id_key')),
      ])
      await commit()
    }
  }

  async #commit(
    actor: Actor,
    recordingId: string,
    request: ImportRequest,
    made: {
      readonly facts: MediaFacts
      readonly stored: StoredMedia
      readonly sound: (StoredMedia & { readonly contentType: string }) | undefined
      readonly now: number
    },
    finish: () => readonly Compilable[],
  ): Promise<void> {
    const { db, passwords, storageRegion } = this.#options
    const { facts, stored, sound, now } = made
    const { orgId } = actor
    const keptNow = this.#options.keptNow?.() ?? now
    const plain = importedRow({
      id: recordingId,
      orgId,
      request,
      media: facts,
      stored,
      storageRegion,
      now,
      keptNow,
    })
    const row = { ...plain, ...(await this.#options.retention?.(plain)) }
    const meeting = request.serviceType === 'meeting' ? completeMeeting(request.meeting) : undefined
    const key = row.id_key
    const claim = { org_id: orgId, sha256: facts.sha256 }
    await db.commit([
      insertRow(db.kysely, 'import_claim', { ...claim, id_key: key }),
      insertRow(db.kysely, 'recording', row),
      insertRow(db.kysely, 'recording_facts', {
        id_key: key,
        facts: JSON.stringify({ imported: request.serviceData ?? {} }),
      }),
      ...(sound === undefined ? [] : [this.#fileStatement(key, sound)]),
      ...(meeting === undefined ? [] : meetingStatements(db, { id: recordingId, orgId }, meeting, passwords)),
      importedEvent(db as unknown as Database<CatalogueTables>, row, meeting, now), // It has these tables and others.
      ...this.#options.audit.statements([
        { actor, action: 'recording.imported', recordingId, detail: auditDetail(request, facts) },
      ]),
      ...((await this.#options.statements?.(row)) ?? []),
      ...finish(),
    ])
    this.#options.onAvailable?.(row)
  }

  #fileStatement(key: string, sound: StoredMedia & { readonly contentType: string }): Compilable {
    return this.#options.db.kysely.insertInto('recording_file').values({
      id_key: key,
      file: 'audio',
      vault_key: sound.key,
      storage: sound.storage,
      sha256: sound.sha256,
      size_bytes: sound.sizeBytes,
      content_type: sound.contentType,
    })
  }

  /** Best effort: what stays is an orphan, which the scrub of the vault puts away. The first fault is what counts. */
  async #undo(recordingId: string, files: readonly StoredMedia[]): Promise<void> {
    await Promise.allSettled(files.map((file) => this.#options.vault.remove(file.key)))
    await this.#options.vault.discard?.(recordingId).catch(() => {})
  }
}

/** A new id for the recording of a request: meetings have 32 hex digits, calls a UUID (README §2). */
export function newRecordingId(request: Pick<ImportRequest, 'serviceType'>): string {
  return request.serviceType === 'meeting' ? makeMeetingRecordingId() : randomUUID()
}

/** What is wrong with a request whatever its media; throws an `ImportFault`. */
export function checkRequest(request: ImportRequest): void {
  if (request.serviceType === 'meeting' && request.meeting === undefined)
    throw new ImportFault('request', 'A recording with serviceType meeting needs meeting, with its siteUrl.')
  if (request.serviceType !== 'meeting' && request.meeting !== undefined)
    throw new ImportFault('request', 'Only a recording with serviceType meeting may have meeting.')
}

/** What was said of the media must be true of it. */
function checkAnnounced(request: ImportRequest, facts: MediaFacts): void {
  if (facts.kind === 'mp4' && request.serviceType !== 'meeting')
    throw new ImportFault(
      'request',
      'An MP4 can only be the recording of a meeting; send the sound of a call as MP3 or WAV.',
    )
  if (request.sizeBytes !== undefined && request.sizeBytes !== facts.sizeBytes)
    throw new ImportFault(
      'mismatch',
      `The file has ${facts.sizeBytes} bytes where ${request.sizeBytes} were announced.`,
    )
  if (request.sha256 !== undefined && request.sha256.toLowerCase() !== facts.sha256)
    throw new ImportFault(
      'mismatch',
      'The file has another SHA-256 than was announced: it was damaged on its way.',
    )
}

/** Ids that a meeting came without are made. */
function completeMeeting(meeting: MeetingFacts | undefined): MeetingFacts {
  if (meeting === undefined) throw new ImportFault('request', 'A meeting needs its facts.')
  return meeting.meetingId === ''
    ? { ...meeting, meetingId: makeMeetingId(meeting.meetingSeriesId) }
    : meeting
}

function auditDetail(request: ImportRequest, facts: MediaFacts): Readonly<Record<string, unknown>> {
  const damage = facts.kind === 'mp3' ? { cutOff: facts.mp3.isCutOff, strayBytes: facts.mp3.strayBytes } : {}
  return {
    fileName: request.fileName,
    kind: facts.kind,
    sourceSha256: facts.sha256,
    sourceBytes: facts.sizeBytes,
    ...damage,
  }
}

function isConstraint(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'constraint'
}
