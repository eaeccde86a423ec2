/** Transcripts over a database and a vault for tests: recordings are rows, the vault is a map, the clock stands still. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { openDatabase } from '@tandem/store'
import type { AuditEntry } from '../audit/audit-log.ts'
import { type FinishedRecording, factsRowOf, idKey, rowOf } from '../catalogue/recording.ts'
import { CATALOGUE_MIGRATIONS, type CatalogueTables } from '../catalogue/tables.ts'
import type { Actor } from '../library.ts'
import { OPENING, ORG } from '../test-node.ts'
import { RecordingTranscripts, type RecordingTranscriptsOptions } from './recording-transcripts.ts'
import { TRANSCRIPT_MIGRATIONS, type TranscriptTables } from './tables.ts'
import type { TranscriptDatabase } from './transcript-queue.ts'
import type { StoredTranscript, TranscriptVault } from './transcript-shelf.ts'

/** Somebody who may. */
export const OWNER: Actor = { orgId: ORG, personId: OPENING.ownerId, as: 'user' }
/** Ids of recordings. */
export const IDS: readonly string[] = Array.from(
  { length: 8 },
  (_, index) => `5b0c7f2e-6c1d-4e0f-9a53-0d5f6e1b8c7${index}`,
)

/** A vault in memory. */
export class TestVault implements TranscriptVault {
  readonly files: Map<string, Uint8Array> = new Map()
  /** What `audio` gives, by recording. */
  readonly sounds: Map<string, () => AsyncIterable<Uint8Array>> = new Map()
  /** Called before a write. */
  onWrite: () => Promise<void> = async () => {}

  async write(
    recordingId: string,
    file: 'transcript',
    bytes: Uint8Array,
  ): ReturnType<TranscriptVault['write']> {
    await this.onWrite()
    const key = `${recordingId}/${file}/${this.files.size}`
    this.files.set(key, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { key, storage: 'sealed', sha256, sizeBytes: bytes.length }
  }

  async read(
    _recordingId: string,
    _file: 'transcript',
    { key }: StoredTranscript,
  ): Promise<Uint8Array | undefined> {
    return this.files.get(key)
  }

  async remove(key: string): Promise<void> {
    this.files.delete(key)
  }

  async audio(recordingId: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.sounds.get(recordingId)?.()
  }
}

/** One library of transcripts; several processes over it are several calls of `transcripts`. */
export class TestLibrary {
  readonly vault: TestVault = new TestVault()
  readonly audited: AuditEntry[] = []
  readonly indexed: string[] = []
  now: number = Date.UTC(2026, 10, 22, 12)
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-transcripts-'))
  #db: TranscriptDatabase | undefined

  get db(): TranscriptDatabase {
    if (this.#db === undefined) throw new Error('open the library first')
    return this.#db
  }

  async open(): Promise<void> {
    this.#db = await openDatabase<CatalogueTables & TranscriptTables>({
      file: join(this.#folder, 'tandem.db'),
      migrations: { ...CATALOGUE_MIGRATIONS, ...TRANSCRIPT_MIGRATIONS },
      logger: SILENT,
    })
  }

  /** Adds a recording whose sound is a few bytes. */
  async add(
    id: string,
    changes: Partial<FinishedRecording> & { readonly origin?: string } = {},
  ): Promise<void> {
    const { origin = 'call', ...rest } = changes
    const finished: FinishedRecording = {
      id,
      facts: { opening: OPENING, notes: [] },
      createTime: this.now,
      durationMs: 60_000,
      sizeBytes: 480_000,
      sha256: 'a'.repeat(64),
      vaultKey: `${id}/audio`,
      storageRegion: 'DE',
      storage: 'sealed',
      recovered: false,
      gaps: [],
      ...rest,
    }
    await this.db.commit([
      this.db.kysely.insertInto('recording').values({ ...rowOf(finished), origin }),
      this.db.kysely.insertInto('recording_facts').values(factsRowOf(finished)),
    ])
    this.vault.sounds.set(id, async function* () {
      yield new Uint8Array(10)
    })
  }

  /** Removes a recording as an erasure does. */
  async erase(id: string): Promise<void> {
    const { kysely } = this.db
    const key = idKey(id)
    await this.db.commit([
      kysely.deleteFrom('recording').where('id_key', '=', key),
      kysely.deleteFrom('recording_file').where('id_key', '=', key),
      kysely.deleteFrom('recording_transcript').where('id_key', '=', key),
    ])
  }

  transcripts(options: Partial<RecordingTranscriptsOptions> = {}): RecordingTranscripts {
    return new RecordingTranscripts({
      db: this.db,
      vault: this.vault,
      audit: {
        statements: (entries) => {
          this.audited.push(...entries)
          return []
        },
      },
      search: {
        statements: (key) => {
          this.indexed.push(key)
          return []
        },
      },
      searchable: true,
      node: 'node-1',
      now: () => this.now,
      random: () => 0,
      logger: SILENT,
      ...options,
    })
  }

  async close(): Promise<void> {
    await this.#db?.close()
    rmSync(this.#folder, { recursive: true })
  }
}
