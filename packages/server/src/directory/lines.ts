/**
 * Lines as HTTP asks for them and sets them (ports.ts, `LinesPort`). What a directory file sets is the file's alone:
 * the API is refused with the file's name. A change counts the directory's revision, so the calls follow within a second.
 */
import type { LineKind } from '@tandem/engine'
import type { Selectable, Transaction } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { LineTable, ServerTables } from '../data/tables.ts'
import { Failure } from '../http/failure.ts'
import type { LineDevice, LineRecordingSettings, LineRow, LinesPort, RecordingAccess } from '../http/ports.ts'
import { accessOf, settingsOf, soundsNamed } from './recording-document.ts'
import { countChange } from './revision.ts'
import { soundFinders } from './snapshot.ts'

type Tx = Parameters<Parameters<ServerDatabase['transaction']>[0]>[0]

/** The lines of one database. */
export class Lines implements LinesPort {
  readonly #db: ServerDatabase
  readonly #changed: () => Promise<void>

  /** `changed` is waited for after each change, so that calls know of it when the answer leaves. */
  constructor(db: ServerDatabase, changed: () => Promise<void> = async () => {}) {
    this.#db = db
    this.#changed = changed
  }

  async find(orgId: string, id: string): Promise<LineRow | undefined> {
    const row = await this.#row(orgId, id)
    // The kind is held by a check of the table.
    return row && { id: row.id, kind: row.kind as LineKind, displayName: row.display_name }
  }

  async devicesOf(orgId: string, lineId: string): Promise<readonly LineDevice[]> {
    const { kysely } = this.#db
    const own = await kysely
      .selectFrom('devices')
      .select(['id', 'name'])
      .where('org_id', '=', orgId)
      .where('line_id', '=', lineId)
      .orderBy('sip_user')
      .execute()
    const others = await kysely
      .selectFrom('device_lines')
      .innerJoin('devices', 'devices.id', 'device_lines.device_id')
      .select(['devices.id', 'devices.name'])
      .where('device_lines.org_id', '=', orgId)
      .where('device_lines.line_id', '=', lineId)
      .orderBy('devices.sip_user')
      .execute()
    return [...own, ...others].map(({ id, name }) => ({ id, name, kind: 'DEVICE' }))
  }

  async secondaryLinesOf(orgId: string, personId: string): Promise<readonly string[]> {
    const rows = await this.#db.kysely
      .selectFrom('device_lines')
      .innerJoin('devices', 'devices.id', 'device_lines.device_id')
      .select('device_lines.line_id')
      .distinct()
      .where('devices.org_id', '=', orgId)
      .where('devices.line_id', '=', personId)
      .orderBy('device_lines.line_id')
      .execute()
    return rows.map((row) => row.line_id)
  }

  async preferredEndpoint(orgId: string, lineId: string): Promise<string | undefined> {
    const preferred = (await this.#row(orgId, lineId))?.preferred_device_id ?? undefined
    if (preferred === undefined) return undefined
    // A phone that was taken away since is nobody's choice any more.
    return (await this.devicesOf(orgId, lineId)).find((device) => device.id === preferred)?.id
  }

  async setPreferredEndpoint(orgId: string, lineId: string, deviceId: string | null): Promise<void> {
    const known = deviceId === null || (await this.devicesOf(orgId, lineId)).some(({ id }) => id === deviceId)
    if (!known) throw new Failure('endpoint_unknown')
    await this.#change(orgId, lineId, async (tx, row) => {
      if (row.preferred_managed !== 0) throw managedBy(row.managed_by)
      await tx
        .updateTable('lines')
        .set({ preferred_device_id: deviceId })
        .where('org_id', '=', orgId)
        .where('id', '=', lineId)
        .execute()
    })
  }

  async recordingSettings(orgId: string, lineId: string): Promise<LineRecordingSettings> {
    const sounds = await this.#db.kysely
      .selectFrom('sounds')
      .select(['id', 'org_id', 'name'])
      .where('org_id', '=', orgId)
      .execute()
    const row = await this.#row(orgId, lineId)
    return settingsOf(row?.recording ?? '{}', soundFinders(sounds)(orgId))
  }

  async recordingAccess(orgId: string, lineId: string): Promise<RecordingAccess> {
    const row = await this.#db.kysely
      .selectFrom('lines')
      .select('recording')
      .where('org_id', '=', orgId)
      .where('id', '=', lineId)
      .executeTakeFirst()
    return accessOf(row?.recording ?? '{}')
  }

  async setRecordingSettings(orgId: string, lineId: string, settings: LineRecordingSettings): Promise<void> {
    const recording = JSON.stringify(settings)
    await this.#change(orgId, lineId, async (tx, row) => {
      if (row.recording_managed !== 0) throw managedBy(row.managed_by)
      for (const id of soundsNamed(recording)) await wantSound(tx, orgId, id)
      await tx
        .updateTable('lines')
        .set({ recording })
        .where('org_id', '=', orgId)
        .where('id', '=', lineId)
        .execute()
    })
  }

  async setHoldMusic(orgId: string, locationId: string, soundId: string | null): Promise<boolean> {
    const found = await this.#db.transaction(async (tx) => {
      const row = await tx
        .selectFrom('locations')
        .select(['hold_music_managed', 'managed_by'])
        .where('org_id', '=', orgId)
        .where('id', '=', locationId)
        .executeTakeFirst()
      if (row === undefined) return false
      if (row.hold_music_managed !== 0) throw managedBy(row.managed_by)
      if (soundId !== null) await wantSound(tx, orgId, soundId)
      await tx
        .updateTable('locations')
        .set({ hold_music: soundId })
        .where('org_id', '=', orgId)
        .where('id', '=', locationId)
        .execute()
      await countChange(tx).execute()
      return true
    })
    if (found) await this.#changed()
    return found
  }

  async #row(orgId: string, id: string): Promise<Selectable<LineTable> | undefined> {
    return this.#db.kysely
      .selectFrom('lines')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('id', '=', id)
      .executeTakeFirst()
  }

  async #change(
    orgId: string,
    lineId: string,
    work: (tx: Tx, row: Selectable<LineTable>) => Promise<void>,
  ): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const row = await tx
        .selectFrom('lines')
        .selectAll()
        .where('org_id', '=', orgId)
        .where('id', '=', lineId)
        .executeTakeFirst()
      if (row === undefined) throw new Failure('line_not_found')
      await work(tx, row)
      await countChange(tx).execute()
    })
    await this.#changed()
  }
}

async function wantSound(tx: Transaction<ServerTables>, orgId: string, id: string): Promise<void> {
  const row = await tx
    .selectFrom('sounds')
    .select('id')
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw new Failure('sound_not_found')
}

function managedBy(fileName: string): Failure {
  return new Failure('managed_by_file', `The directory file ${fileName} sets this; change it there`)
}
