/**
 * Meeting recordings: list, find, share (meeting-recordings §2, §6, §7, §9). They are rows of `recording` with a second
 * row of their own; every question but `find` names an organisation. Sorted by `createTime`, newest first, ties by id
 * descending; pages follow the key of the last item, as those of converged recordings do.
 */
import { type Compilable, type Database, outboxEvent, sql } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import {
  foldTopic,
  idKey,
  type NewRecordingRow,
  type Recording,
  recordingOf,
} from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import type { Actor, Page } from '../library.ts'
import { meetingEventData } from './meeting-event.ts'
import { meetingFactsOf } from './meeting-facts.ts'
import type { MeetingQuery, MeetingRecording, MeetingRecordings } from './meeting-recordings.ts'
import type { PasswordSeal } from './password-seal.ts'
import type { MeetingRecordingTable, MeetingTables } from './tables.ts'

/** Most meeting recordings in one page, the contract's own limit. */
export const MEETING_PAGE_ITEMS_MAX = 100

/** What the catalogue of meetings works with. */
export interface MeetingCatalogueOptions {
  readonly db: Database<CatalogueTables & MeetingTables>
  readonly audit: Pick<AuditLog, 'statements'>
  readonly passwords: PasswordSeal
  /** Unix milliseconds. */
  readonly now: () => number
}

type Row = NewRecordingRow & Omit<MeetingRecordingTable, 'id_key' | 'org_id'>

/** The catalogue of meeting recordings over one database. */
export class MeetingCatalogue implements MeetingRecordings {
  readonly #options: MeetingCatalogueOptions
  readonly #db: Database<CatalogueTables & MeetingTables>

  constructor(options: MeetingCatalogueOptions) {
    this.#options = options
    this.#db = options.db
  }

  async list(query: MeetingQuery): Promise<Page<MeetingRecording>> {
    const max = Math.min(Math.max(1, query.max), MEETING_PAGE_ITEMS_MAX)
    const { hostId, sharedWith } = query
    const pages = [sharedWith === undefined || hostId !== undefined ? this.#page(query, max, { hostId }) : []]
    // Hosted and shared are each read through their own index, and merged: one page of both is among two of one each.
    if (sharedWith !== undefined) pages.push(this.#page(query, max, { sharedWith }))
    const found = new Map((await Promise.all(pages)).flat().map((row) => [row.id_key, row]))
    const rows = [...found.values()].toSorted(newestFirst)
    const items = await this.#recordings(rows.slice(0, max))
    const last = items.at(-1)?.recording
    if (rows.length <= max || last === undefined) return { items }
    return { items, next: { at: last.createTime, id: last.id } }
  }

  async get(orgId: string, id: string): Promise<MeetingRecording | undefined> {
    const row = await this.#select()
      .where('recording.id_key', '=', idKey(id))
      .where('recording.org_id', '=', orgId)
      .executeTakeFirst()
    return row === undefined ? undefined : (await this.#recordings([row]))[0]
  }

  async find(id: string): Promise<MeetingRecording | undefined> {
    const row = await this.#select().where('recording.id_key', '=', idKey(id)).executeTakeFirst()
    return row === undefined ? undefined : (await this.#recordings([row]))[0]
  }

  async share(
    actor: Actor,
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<boolean> {
    const found = await this.get(actor.orgId, id)
    if (found === undefined) return false
    const { recording, meeting } = found
    await this.#db.commit([
      ...this.#shareStatements(recording, change),
      outboxEvent(this.#db, {
        orgId: recording.orgId,
        resource: 'recordings',
        event: 'updated',
        personId: recording.ownerId,
        key: recording.id,
        payload: meetingEventData(recording, meeting),
        createdAt: this.#options.now(),
      }),
      ...this.#options.audit.statements([
        {
          actor,
          action: 'recording.shared',
          recordingId: recording.id,
          detail: { added: [...change.add], removed: [...change.remove] },
        },
      ]),
    ])
    return true
  }

  /** What events of meeting recordings tell beside the recording itself, by `idKey`: for whoever announces their moves. */
  async eventData(
    recordings: readonly Recording[],
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
    if (recordings.length === 0) return new Map()
    const keys = recordings.map((recording) => idKey(recording.id))
    const rows = await this.#db.kysely
      .selectFrom('meeting_recording')
      .selectAll()
      .where('id_key', 'in', keys)
      .execute()
    const rowsByKey = new Map(rows.map((row) => [row.id_key, row]))
    return new Map(
      recordings.flatMap((recording) => {
        const row = rowsByKey.get(idKey(recording.id))
        if (row === undefined) return []
        const facts = meetingFactsOf(recording.id, row, [], this.#options.passwords)
        return [[idKey(recording.id), meetingEventData(recording, facts)]]
      }),
    )
  }

  #shareStatements(
    recording: { readonly id: string; readonly orgId: string },
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Compilable[] {
    const key = idKey(recording.id)
    const statements: Compilable[] = []
    if (change.remove.length > 0)
      statements.push(
        this.#db.kysely
          .deleteFrom('recording_share')
          .where('id_key', '=', key)
          .where('email_key', 'in', change.remove.map(emailKey)),
      )
    const added = new Map(change.add.map((email) => [emailKey(email), email]))
    if (added.size > 0) {
      const rows = [...added].map(([email_key, email]) => ({
        id_key: key,
        email_key,
        email,
        org_id: recording.orgId,
      }))
      statements.push(
        this.#db.kysely
          .insertInto('recording_share')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing()),
      )
    }
    return statements
  }

  async #page(
    query: MeetingQuery,
    max: number,
    whose: { readonly hostId?: string | undefined; readonly sharedWith?: string },
  ): Promise<Row[]> {
    let select = this.#filtered(query)
    const { hostId, sharedWith } = whose
    if (hostId !== undefined) select = select.where('recording.owner_id', '=', hostId)
    if (sharedWith !== undefined)
      select = select.where('recording.id_key', 'in', (shares) =>
        shares
          .selectFrom('recording_share')
          .select('recording_share.id_key')
          .where('recording_share.org_id', '=', query.orgId)
          .where('recording_share.email_key', '=', emailKey(sharedWith)),
      )
    return await select
      .orderBy('recording.create_time', 'desc')
      .orderBy('recording.id', 'desc')
      .limit(max + 1)
      .execute()
  }

  #filtered(query: MeetingQuery) {
    let select = this.#select()
      .where('recording.org_id', '=', query.orgId)
      .where('recording.status', '=', query.status)
    const { from, to, cursor, meetingId, siteUrl, topic, format, serviceType, integrationTag } = query
    if (from !== undefined) select = select.where('recording.create_time', '>=', from)
    if (to !== undefined) select = select.where('recording.create_time', '<', to)
    if (cursor !== undefined)
      select = select
        .where('recording.create_time', '<=', cursor.at)
        .where((eb) =>
          eb.or([eb('recording.create_time', '<', cursor.at), eb('recording.id', '<', cursor.id)]),
        )
    if (meetingId !== undefined)
      select = select.where((eb) =>
        eb.or([
          eb('meeting_recording.meeting_id', '=', meetingId),
          eb('meeting_recording.scheduled_meeting_id', '=', meetingId),
          eb('meeting_recording.meeting_series_id', '=', meetingId),
        ]),
      )
    if (siteUrl !== undefined) select = select.where('meeting_recording.site_url', '=', siteUrl.toLowerCase())
    if (format !== undefined) select = select.where('meeting_recording.meeting_format', '=', format)
    if (serviceType !== undefined) select = select.where('meeting_recording.center', '=', serviceType)
    if (topic !== undefined && topic !== '') {
      const pattern = `%${foldTopic(topic).replaceAll(/[\\%_]/g, '\\$&')}%`
      select = select.where(sql<boolean>`recording.topic_key like ${pattern} escape '\\'`)
    }
    if (integrationTag !== undefined)
      select = select.where('recording.id_key', 'in', (tags) =>
        tags
          .selectFrom('recording_tag')
          .select('recording_tag.id_key')
          .where('recording_tag.client_id', '=', integrationTag.clientId)
          .where('recording_tag.tag', '=', integrationTag.tag),
      )
    return select
  }

  /** Rows with both halves; the literal lets the engine take the indexes that hold meetings alone. */
  #select() {
    return this.#db.kysely
      .selectFrom('recording')
      .innerJoin('meeting_recording', 'meeting_recording.id_key', 'recording.id_key')
      .selectAll('recording')
      .select(['meeting_id', 'scheduled_meeting_id', 'meeting_series_id'])
      .select(['site_url', 'password', 'center', 'meeting_format'])
      .where(sql<boolean>`recording.service_type = 'meeting'`)
  }

  /** The recordings of rows, with whom they are shared and how they are tagged: two queries for the whole page. */
  async #recordings(rows: readonly Row[]): Promise<MeetingRecording[]> {
    if (rows.length === 0) return []
    const keys = rows.map((row) => row.id_key)
    const [shares, tags] = await Promise.all([
      this.#db.kysely
        .selectFrom('recording_share')
        .selectAll()
        .where('id_key', 'in', keys)
        .orderBy('email_key')
        .execute(),
      this.#db.kysely
        .selectFrom('recording_tag')
        .selectAll()
        .where('id_key', 'in', keys)
        .orderBy('tag')
        .execute(),
    ])
    const sharedBy = Map.groupBy(shares, (share) => share.id_key)
    const taggedBy = Map.groupBy(tags, (tag) => tag.id_key)
    return rows.map((row) => ({
      recording: recordingOf(row),
      meeting: meetingFactsOf(row.id, row, taggedBy.get(row.id_key) ?? [], this.#options.passwords),
      sharedWith: (sharedBy.get(row.id_key) ?? []).map((share) => share.email),
    }))
  }
}

function emailKey(email: string): string {
  return email.toLowerCase()
}

/** The lists' order, by code units as the databases' binary collation has it. */
function newestFirst(one: Row, other: Row): number {
  if (one.create_time !== other.create_time) return other.create_time - one.create_time
  return one.id < other.id ? 1 : -1
}
