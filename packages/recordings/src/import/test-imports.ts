/** Imports for tests: a database, a folder as vault, an audit log that remembers, a clock that stands. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SILENT } from '@tandem/base'
import { type Compilable, type Database, openDatabase } from '@tandem/store'
import type { AuditEntry } from '../audit/audit-log.ts'
import { CATALOGUE_MIGRATIONS } from '../catalogue/tables.ts'
import type { Actor } from '../library.ts'
import { passwordSeal } from '../meeting/password-seal.ts'
import { MEETING_MIGRATIONS } from '../meeting/tables.ts'
import type { Transcript } from '../transcript/transcripts.ts'
import type { WholeContent } from '../vault/part-stream.ts'
import type { ImportVault, StoredMedia } from './import-vault.ts'
import type { ImportRequest } from './imports.ts'
import type { IntakeTables } from './intake.ts'
import { LibraryImports, type LibraryImportsOptions } from './library-imports.ts'
import { IMPORT_MIGRATIONS } from './tables.ts'

/** What the clock says. */
export const START: number = Date.UTC(2026, 1, 3, 9)

/** Who imports. */
export const ADMIN: Actor = { orgId: 'org', personId: 'admin', as: 'admin' }

/** What is known of a recording of a call. */
export const CALL: ImportRequest = {
  owner: {
    id: 'owner',
    type: 'user',
    name: 'Tomas Lind',
    email: 'Tomas@example.com',
    locationId: 'location',
  },
  topic: 'Call with Mira',
  serviceType: 'calling',
}

/** What is known of the recording of a meeting that came without ids. */
export const MEETING: ImportRequest = {
  ...CALL,
  topic: 'Weekly planning',
  serviceType: 'meeting',
  meeting: {
    meetingId: '',
    siteUrl: 'lind.example.com',
    password: 'q7Rk-41z',
    serviceType: 'MeetingCenter',
    format: 'MP4',
    integrationTags: [],
  },
}

/** A vault that is a folder of plain files; `fault` makes the next write fail with it. */
export class FolderTestVault implements ImportVault {
  readonly folder: string
  fault: Error | undefined
  /** Runs when a file is written, before the row. */
  onWritten: () => void | Promise<void> = () => {}

  constructor(folder: string) {
    this.folder = folder
  }

  async write(
    recordingId: string,
    file: string,
    source: AsyncIterable<Uint8Array> | WholeContent,
    place: { readonly orgId: string; readonly startedAt: number },
  ): Promise<StoredMedia> {
    const key = `${place.orgId}/${new Date(place.startedAt).getUTCFullYear()}/${recordingId}.${file}`
    const pieces: Uint8Array[] = []
    if ('sha256' in source) pieces.push(source.bytes)
    else for await (const piece of source) pieces.push(piece)
    if (this.fault !== undefined) throw this.fault
    const bytes = Buffer.concat(pieces)
    mkdirSync(dirname(join(this.folder, key)), { recursive: true })
    writeFileSync(join(this.folder, key), bytes)
    await this.onWritten()
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { key, storage: 'bare', sha256, sizeBytes: bytes.length }
  }

  async remove(key: string): Promise<void> {
    rmSync(join(this.folder, key), { force: true })
  }

  /** The bytes of a file; undefined when it is not there. */
  read(key: string): Uint8Array | undefined {
    return existsSync(join(this.folder, key)) ? readFileSync(join(this.folder, key)) : undefined
  }
}

/** Imports over a database of their own; `reopen` is what a restart does. */
export class TestImports {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tandem-imports-'))
  readonly vault: FolderTestVault = new FolderTestVault(join(this.folder, 'vault'))
  readonly audited: AuditEntry[] = []
  readonly transcripts: { readonly id: string; readonly transcript: Transcript }[] = []
  transcriptFault: Error | undefined
  now: number = START
  db!: Database<IntakeTables>
  imports!: LibraryImports

  /** Opens it, also again after a `reopen`. */
  async open(options: Partial<LibraryImportsOptions> = {}): Promise<this> {
    this.db = await openDatabase<IntakeTables>({
      file: join(this.folder, 'tandem.db'),
      migrations: { ...CATALOGUE_MIGRATIONS, ...IMPORT_MIGRATIONS, ...MEETING_MIGRATIONS },
      logger: SILENT,
    })
    await this.restart(options)
    return this
  }

  /** New objects over the same data, as after a start; parts of what went on are as they were on disk. */
  async restart(options: Partial<LibraryImportsOptions> = {}): Promise<void> {
    await this.imports?.close()
    const audit = {
      statements: (entries: readonly AuditEntry[]): readonly Compilable[] => {
        this.audited.push(...entries)
        return []
      },
      add: async (entries: readonly AuditEntry[]): Promise<void> => void this.audited.push(...entries),
    }
    this.imports = await LibraryImports.open({
      db: this.db,
      vault: this.vault,
      audit,
      passwords: passwordSeal(new Uint8Array(32).fill(7)),
      storageRegion: 'DE',
      now: () => this.now,
      logger: SILENT,
      folder: join(this.folder, 'imports'),
      quarantine: join(this.folder, 'quarantine'),
      partSecret: new Uint8Array(32).fill(9),
      transcripts: {
        put: async (_actor, id, transcript) => {
          if (this.transcriptFault !== undefined) throw this.transcriptFault
          this.transcripts.push({ id, transcript })
          return true
        },
      },
      ...options,
    })
  }

  /** Closes and removes everything. */
  async close(): Promise<void> {
    await this.imports?.close()
    await this.db?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** A file of this machine with these bytes. */
  file(name: string, bytes: Uint8Array): string {
    const path = join(this.folder, name)
    writeFileSync(path, bytes)
    return path
  }
}

/** Bytes as an upload brings them, in pieces; `breakAfter` cuts the connection there. */
export async function* pieces(
  bytes: Uint8Array,
  options: { readonly size?: number; readonly breakAfter?: number } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size = 1_000, breakAfter = Number.POSITIVE_INFINITY } = options
  for (let at = 0; at < bytes.length; at += size) {
    if (at >= breakAfter) throw new Error('the connection broke')
    yield bytes.subarray(at, at + size)
  }
}
