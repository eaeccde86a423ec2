/**
 * A node for tests: a data folder of its own with a database, calls that are written straight into its journal, and the
 * recordings over both. It can be stopped and started again over the same folder, as after a crash.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '@tandem/base'
import { type Database, openDatabase, readOutbox } from '@tandem/store'
import type { OpeningFacts } from './facts.ts'
import { JOURNAL_EPOCH, WrittenSegment } from './journal/written-journal.ts'
import { LIBRARY_MIGRATIONS, type LibraryTables } from './migrations.ts'
import type { RecordingAlarm, RecordingsOptions } from './options.ts'
import { openRecordings, type Recordings } from './recordings.ts'

/** What its clock says. */
export const NOW: number = JOURNAL_EPOCH.wallAt + 60_000
/** The organisation of its calls. */
export const ORG: string = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'

/** The opening of a recording as the engine writes it. */
export const OPENING: { readonly [Name in keyof OpeningFacts]: OpeningFacts[Name] } & {
  readonly version: 1
} = {
  version: 1,
  orgId: ORG,
  ownerId: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
  ownerType: 'user',
  ownerName: 'Tomas Lind',
  ownerEmail: 'Tomas.Lind@example.com',
  locationId: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
  callSessionId: 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644',
  callId: 'callhalf-70421:0',
  personality: 'originator',
  callingParty: { actor: { type: 'USER', id: 'a' }, number: 'sip:2107@pbx.example.com;user=phone' },
  calledParty: { actor: { type: 'USER', id: 'b' }, number: 'sip:2144@pbx.example.com;user=phone' },
  recordingType: 'alwaysON',
  remoteName: 'Mira Okafor',
  startedAt: JOURNAL_EPOCH.wallAt,
}

/** What a test may choose. */
export type NodeOptions = Partial<
  Pick<
    RecordingsOptions<LibraryTables>,
    | 'db'
    | 'disk'
    | 'retryMs'
    | 'kek'
    | 'onVoicemail'
    | 'encoderThreads'
    | 'now'
    | 'transcriber'
    | 'wantsTranscript'
  >
>

/** One call, written whole. Moments are seconds. */
export interface WrittenCall {
  readonly seconds?: number
  /** Changes to `OPENING`. */
  readonly opening?: Readonly<Record<string, unknown>>
  /** What the end says besides its time; `null` when the journal was cut off. */
  readonly closing?: Readonly<Record<string, unknown>> | null
}

/** A node's data folder; opened again after a crash. */
export class TestNode {
  readonly folder: string
  readonly journal: string
  readonly kek: Buffer = randomBytes(32)
  readonly alarms: RecordingAlarm[] = []
  db: Database<LibraryTables> | undefined
  recordings: Recordings | undefined

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'tandem-recordings-'))
    this.journal = join(this.folder, 'journal')
    mkdirSync(this.journal)
  }

  async openDatabase(): Promise<Database<LibraryTables>> {
    this.db = await openDatabase<LibraryTables>({
      file: join(this.folder, 'tandem.db'),
      attach: { keys: join(this.folder, 'keys', 'recordings.keys') },
      migrations: LIBRARY_MIGRATIONS,
      logger: SILENT,
    })
    return this.db
  }

  async start(options: NodeOptions = {}): Promise<Recordings> {
    this.recordings = await openRecordings({
      db: options.db ?? (await this.openDatabase()),
      dataFolder: this.folder,
      kek: this.kek,
      linkKey: randomBytes(32),
      logger: SILENT,
      onAlarm: (alarm) => this.alarms.push(alarm),
      storageRegion: 'DE',
      publicUrl: 'https://pbx.example.com',
      now: () => NOW,
      encoderThreads: 1,
      ...options,
    })
    return this.recordings
  }

  async stop(): Promise<void> {
    await this.recordings?.close()
    await this.db?.close()
    this.recordings = undefined
    this.db = undefined
  }

  /** Stops it and removes its folder. */
  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  segment(): WrittenSegment {
    return new WrittenSegment(this.journal, this.kek)
  }

  /** A call in a segment of its own. */
  call(id: string, { seconds = 1, opening = {}, closing = {} }: WrittenCall = {}): WrittenSegment {
    const segment = this.segment()
    const recording = segment.open(id, { ...OPENING, recordingId: id, ...opening }).join(0)
    const endMs = seconds * 1_000
    segment.append(recording.talk(0, endMs))
    if (closing !== null) {
      const wallAt = JOURNAL_EPOCH.wallAt + endMs
      const facts = JSON.stringify({ stoppedAt: wallAt, ...closing })
      recording.entry({ kind: 'closed', facts, at: endMs, wallAt })
    }
    segment.append(recording.take())
    return segment
  }

  /** The sound of a recording as it is given out. */
  async sound(id: string): Promise<Buffer> {
    const opened = await this.recordings?.openFile(id, 'audio')
    return opened === undefined ? Buffer.alloc(0) : Buffer.concat(await opened.stream.toArray())
  }

  /** Every file below a folder of the data folder, by its path from there. */
  files(folder: string): string[] {
    const path = join(this.folder, folder)
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
  }

  async events(): Promise<string[]> {
    if (this.db === undefined) return []
    const events = await readOutbox(this.db, { after: 0, limit: 100 })
    return events.map((event) => `${event.resource} ${event.event} ${event.key}`)
  }
}
