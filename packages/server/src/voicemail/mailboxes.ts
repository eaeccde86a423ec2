/**
 * Mailboxes: what callers left, as clips with a row each, and what the call engine is told of them. A message is whole
 * on disk before its row exists and before the lamp of the owner's phone is lit (storage rules R1, R2); one that is deleted
 * loses its row's visibility first, then its file, then its row (R3).
 */
import type { Logger } from '@tandem/base'
import type { EngineEvent, Mailbox } from '@tandem/engine'
import type { VoicemailMessage } from '@tandem/recordings'
import type { Compilable, Selectable } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { VoicemailTable } from '../data/tables.ts'
import type { MessageWaitingPort, VoicemailEntry, VoicemailPort } from '../http/ports.ts'
import type { ClipFolder } from '../sounds/clip-folder.ts'

/** What mailboxes are kept with. */
export interface MailboxesOptions {
  readonly db: ServerDatabase
  readonly clips: ClipFolder
  readonly logger: Logger
}

/** The statement that marks a message as the telephone said; the file of a deleted one goes afterwards. */
export function markMessage(
  db: ServerDatabase,
  event: Extract<EngineEvent, { kind: 'mailbox' }>,
): Compilable {
  return db.kysely
    .updateTable('voicemail')
    .set(event.change === 'heard' ? { heard: 1 } : { deleted: 1 })
    .where('org_id', '=', event.orgId)
    .where('line_id', '=', event.lineId)
    .where('id', '=', event.messageId)
}

/** The mailboxes of one server. */
export class Mailboxes implements VoicemailPort, MessageWaitingPort {
  readonly #options: MailboxesOptions
  /** Hands a mailbox to the calls; absent until they run. */
  #tell: ((mailbox: Mailbox) => void) | undefined
  /** What changed before the calls could be told, by line. */
  readonly #untold = new Map<string, string>()
  #telling: Promise<void> = Promise.resolve()

  constructor(options: MailboxesOptions) {
    this.#options = options
  }

  /** From now on the calls are told of every change, beginning with those since they were started. */
  tell(setMailbox: (mailbox: Mailbox) => void): void {
    this.#tell = setMailbox
    for (const [lineId, orgId] of this.#untold) this.changed(orgId, lineId)
    this.#untold.clear()
  }

  /** Call once at start, before anything is kept: finishes deletions, quarantines files that no row names (R5). */
  async recover(): Promise<void> {
    const { clips, db, logger } = this.#options
    await this.#sweep()
    const rows = await db.kysely.selectFrom('voicemail').select('id').execute()
    const known = new Set(rows.map((row) => row.id))
    const strays = await clips.quarantineOthers(known)
    if (strays > 0) logger.warn('Files of messages that no row names went to quarantine', { files: strays })
    const files = await clips.ids()
    const missing = rows.filter((row) => !files.has(row.id)).length
    if (missing > 0) logger.error('Voicemail messages have lost their files', { messages: missing })
  }

  /** Every mailbox that holds something or whose lamp is lit from outside: what the calls are started with. */
  async all(): Promise<readonly Mailbox[]> {
    const { kysely } = this.#options.db
    const rows = await kysely
      .selectFrom('voicemail')
      .selectAll()
      .where('deleted', '=', 0)
      .orderBy('at')
      .orderBy('id')
      .execute()
    const lit = await kysely
      .selectFrom('lines')
      .select(['org_id', 'id'])
      .where('external_waiting', '<>', 0)
      .execute()
    const outside = new Set(lit.map((line) => line.id))
    const boxes = Map.groupBy(rows, (row) => row.line_id)
    return [
      ...[...boxes].map(([lineId, messages]) =>
        mailboxOf(messages[0]?.org_id ?? '', lineId, messages, outside.has(lineId)),
      ),
      ...lit.filter((line) => !boxes.has(line.id)).map((line) => mailboxOf(line.org_id, line.id, [], true)),
    ]
  }

  /**
   * Takes a message that a caller left: the hook of `openRecordings`. Asked again for one that is here already, it does
   * nothing. A message for a line that has been removed since is let go.
   */
  async take(message: VoicemailMessage): Promise<void> {
    const { clips, db, logger } = this.#options
    const { id, orgId, ownerId } = message
    const known = await db.kysely.selectFrom('voicemail').select('id').where('id', '=', id).executeTakeFirst()
    if (known !== undefined) return
    const line = await db.kysely
      .selectFrom('lines')
      .select('id')
      .where('org_id', '=', orgId)
      .where('id', '=', ownerId)
      .executeTakeFirst()
    if (line === undefined) {
      logger.warn('A message came for a line that is gone; it is not kept', { messageId: id })
      return
    }
    await clips.adopt(id, message.path)
    try {
      await db.commit([db.kysely.insertInto('voicemail').values(rowOf(message))])
    } catch (error) {
      await clips.giveBack(id, message.path) // So that it can be handed over again.
      throw error
    }
    this.changed(orgId, ownerId)
  }

  /** Something about this mailbox is on disk: removes what was deleted and tells the calls, one change after the other. */
  changed(orgId: string, lineId: string): void {
    const tell = this.#tell
    if (tell === undefined) this.#untold.set(lineId, orgId)
    this.#next(async () => {
      tell?.(await this.#read(orgId, lineId))
      await this.#sweep()
    })
  }

  /** Lines have gone from the directory: their messages go too. */
  linesRemoved(): void {
    this.#next(() => this.#sweep())
  }

  /** Resolves when every change so far has been told. */
  settled(): Promise<void> {
    return this.#telling
  }

  async list(orgId: string, lineId: string): Promise<readonly VoicemailEntry[]> {
    const rows = await this.#rows(orgId, lineId)
    return rows.toReversed().map((row) => ({
      id: row.id,
      at: row.at,
      durationMs: row.duration_ms,
      ...(row.name === null ? {} : { fromName: row.name }),
      ...(row.number === null ? {} : { fromNumber: row.number }),
      heard: row.heard !== 0,
    }))
  }

  async audio(orgId: string, lineId: string, id: string): Promise<Uint8Array | undefined> {
    const rows = await this.#rows(orgId, lineId)
    return rows.some((row) => row.id === id) ? this.#options.clips.read(id) : undefined
  }

  async remove(orgId: string, lineId: string, id: string): Promise<boolean> {
    const { db } = this.#options
    const [result] = await db.commit([
      db.kysely
        .updateTable('voicemail')
        .set({ deleted: 1 })
        .where('org_id', '=', orgId)
        .where('line_id', '=', lineId)
        .where('id', '=', id)
        .where('deleted', '=', 0),
    ])
    const removed = result !== undefined && result.changes > 0
    if (removed) this.changed(orgId, lineId)
    return removed
  }

  async set(orgId: string, lineId: string, on: boolean): Promise<void> {
    const { db } = this.#options
    await db.commit([
      db.kysely
        .updateTable('lines')
        .set({ external_waiting: on ? 1 : 0 })
        .where('org_id', '=', orgId)
        .where('id', '=', lineId),
    ])
    this.changed(orgId, lineId)
  }

  #next(work: () => Promise<void>): void {
    this.#telling = this.#telling.then(work).catch(() => {
      // The rows are right; the next change or start tells them again and removes the files.
      this.#options.logger.error('A changed mailbox could not be told to the calls, or its file not removed')
    })
  }

  async #read(orgId: string, lineId: string): Promise<Mailbox> {
    const line = await this.#options.db.kysely
      .selectFrom('lines')
      .select('external_waiting')
      .where('org_id', '=', orgId)
      .where('id', '=', lineId)
      .executeTakeFirst()
    return mailboxOf(orgId, lineId, await this.#rows(orgId, lineId), (line?.external_waiting ?? 0) !== 0)
  }

  /** Oldest first. */
  #rows(orgId: string, lineId: string): Promise<Selectable<VoicemailTable>[]> {
    return this.#options.db.kysely
      .selectFrom('voicemail')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('line_id', '=', lineId)
      .where('deleted', '=', 0)
      .orderBy('at')
      .orderBy('id')
      .execute()
  }

  /** Removes the files of deleted messages, then their rows. */
  async #sweep(): Promise<void> {
    const { clips, db } = this.#options
    const rows = await db.kysely.selectFrom('voicemail').select('id').where('deleted', '<>', 0).execute()
    for (const { id } of rows) {
      await clips.remove(id)
      await db.commit([db.kysely.deleteFrom('voicemail').where('id', '=', id)])
    }
  }
}

/** What the engine is told; `rows` oldest first. */
function mailboxOf(
  orgId: string,
  lineId: string,
  rows: readonly Selectable<VoicemailTable>[],
  externalWaiting: boolean,
): Mailbox {
  return {
    orgId,
    lineId,
    messages: rows.map((row) => ({
      id: row.id,
      clip: `voicemail/${row.id}`,
      at: row.at,
      ...(row.number === null ? {} : { number: row.number }),
      heard: row.heard !== 0,
    })),
    ...(externalWaiting ? { externalWaiting } : {}),
  }
}

function rowOf(message: VoicemailMessage): Selectable<VoicemailTable> {
  return {
    id: message.id,
    org_id: message.orgId,
    line_id: message.ownerId,
    call_session_id: message.callSessionId,
    at: message.at,
    duration_ms: message.durationMs,
    name: message.remoteName === '' ? null : message.remoteName,
    number: message.callingNumber ?? null,
    heard: 0,
    deleted: 0,
  }
}
