/**
 * Uploaded announcements and hold music of an organisation (ports.ts, `SoundsPort`): converted, kept as a clip, then
 * named by a row. The engine knows a sound as the clip `sounds/<id>`; a setting knows it by its id, a directory file by its name.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from '@tandem/base'
import { G711_RATE_HZ } from '@tandem/media'
import { type Selectable, StoreError } from '@tandem/store'
import type { ServerDatabase } from '../data/open-data.ts'
import type { SoundTable } from '../data/tables.ts'
import type { LineFeatures } from '../directory/line-document.ts'
import { soundsNamed } from '../directory/recording-document.ts'
import { countChange } from '../directory/revision.ts'
import { Failure } from '../http/failure.ts'
import type { Sound, SoundsPort } from '../http/ports.ts'
import type { ClipFolder } from './clip-folder.ts'
import type { ConvertSound } from './convert-sound.ts'
import { SoundError } from './sound-error.ts'

/** Sounds of one organisation: more than any switchboard uses. */
export const SOUNDS_MAX = 200
/** Sound of one organisation in all, in milliseconds: two hours, 58 MB of clips. */
export const SOUNDS_MS_MAX: number = 2 * 3_600_000

/** What uploaded sounds are kept with. */
export interface SoundsOptions {
  readonly db: ServerDatabase
  readonly clips: ClipFolder
  readonly convert: ConvertSound
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
}

/** The sounds of one server. */
export class Sounds implements SoundsPort {
  readonly #options: SoundsOptions

  constructor(options: SoundsOptions) {
    this.#options = options
  }

  /** Call once at start: clips without a row go to quarantine, rows without a clip are told (storage rule R5). */
  async recover(): Promise<void> {
    const { db, clips, logger } = this.#options
    const rows = await db.kysely.selectFrom('sounds').select('id').execute()
    const known = new Set(rows.map((row) => row.id))
    const strays = await clips.quarantineOthers(known)
    if (strays > 0) logger.warn('Files of sounds that no row names went to quarantine', { files: strays })
    const files = await clips.ids()
    const missing = rows.filter((row) => !files.has(row.id)).length
    if (missing > 0)
      logger.error('Uploaded sounds have lost their files; the built-in ones are played', { sounds: missing })
  }

  async list(orgId: string): Promise<readonly Sound[]> {
    const rows = await this.#options.db.kysely
      .selectFrom('sounds')
      .selectAll()
      .where('org_id', '=', orgId)
      .orderBy('name')
      .execute()
    return rows.map(soundOf)
  }

  async add(
    orgId: string,
    sound: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array },
  ): Promise<Sound> {
    const { clips, convert, db, now } = this.#options
    await this.#checkName(orgId, sound.name)
    await this.#checkQuota(orgId, 0) // Before the work is done.
    let clip: Uint8Array
    try {
      clip = await convert(sound.bytes, sound.contentType)
    } catch (error) {
      if (error instanceof SoundError) throw new Failure('sound_unreadable', error.message)
      throw error
    }
    const row: Selectable<SoundTable> = {
      id: randomUUID(),
      org_id: orgId,
      name: sound.name,
      duration_ms: Math.max(1, Math.round((clip.length * 1_000) / G711_RATE_HZ)),
      size_bytes: sound.bytes.length,
      created_at: now(),
    }
    await this.#checkQuota(orgId, row.duration_ms)
    await clips.keep(row.id, clip)
    try {
      // A file that names this sound may be waiting for it: the directory has changed.
      await db.commit([db.kysely.insertInto('sounds').values(row), countChange(db.kysely)])
    } catch (error) {
      await clips.remove(row.id)
      if (error instanceof StoreError && error.code === 'constraint') throw nameTaken()
      throw error
    }
    return soundOf(row)
  }

  async remove(orgId: string, id: string): Promise<boolean> {
    const { clips, db } = this.#options
    const found = await db.transaction(async (tx) => {
      const row = await tx
        .selectFrom('sounds')
        .selectAll()
        .where('org_id', '=', orgId)
        .where('id', '=', id)
        .executeTakeFirst()
      if (row === undefined) return false
      const lines = await tx
        .selectFrom('lines')
        .select(['features', 'recording'])
        .where('org_id', '=', orgId)
        .where((eb) => eb.or([eb('recording', 'like', '%CUSTOM%'), eb('features', 'like', '%greeting%')]))
        .execute()
      const music = await tx
        .selectFrom('locations')
        .select('hold_music')
        .where('org_id', '=', orgId)
        .where('hold_music', 'is not', null)
        .execute()
      const used = new Set<string | null | undefined>([
        ...lines.flatMap((line) => soundsNamed(line.recording)),
        ...lines.map((line) => (JSON.parse(line.features) as LineFeatures).voicemail?.greeting), // Written by `plan.ts`.
        ...music.map((location) => location.hold_music),
      ])
      if (used.has(row.id) || used.has(row.name)) throw new Failure('sound_in_use')
      await tx.deleteFrom('sounds').where('id', '=', id).execute()
      await countChange(tx).execute()
      return true
    })
    // The row is gone: a crash here leaves a file for quarantine, and never a row without one (R3).
    if (found) await clips.remove(id)
    return found
  }

  async #checkName(orgId: string, name: string): Promise<void> {
    const taken = await this.#options.db.kysely
      .selectFrom('sounds')
      .select('id')
      .where('org_id', '=', orgId)
      .where('name', '=', name)
      .executeTakeFirst()
    if (taken !== undefined) throw nameTaken()
  }

  async #checkQuota(orgId: string, moreMs: number): Promise<void> {
    const sounds = await this.list(orgId)
    const totalMs = sounds.reduce((sum, sound) => sum + sound.durationMs, moreMs)
    if (sounds.length >= SOUNDS_MAX || totalMs > SOUNDS_MS_MAX) throw new Failure('sound_quota_reached')
  }
}

function nameTaken(): Failure {
  return new Failure('invalid_request', 'name is that of another announcement of this organisation')
}

function soundOf(row: Selectable<SoundTable>): Sound {
  return {
    id: row.id,
    name: row.name,
    sizeBytes: row.size_bytes,
    durationMs: row.duration_ms,
    createdAt: row.created_at,
  }
}
