/**
 * A recording with everything that an export can hold, for tests: rows in a database, files in memory, a log about it and
 * about others.
 */
import { createHash } from 'node:crypto'
import { SILENT } from '@tandem/base'
import type { AuditEntry } from '../audit/audit-log.ts'
import { START, TestLog } from '../audit/test-log.ts'
import { type FinishedRecording, factsRowOf, idKey, rowOf } from '../catalogue/recording.ts'
import type { Actor } from '../library.ts'
import { Manifests } from './manifests.ts'
import { RecordingEvidence, type StoredFile } from './recording-evidence.ts'

/** Who exports. */
export const OFFICER: Actor = { orgId: 'org', personId: 'officer', as: 'complianceOfficer' }

/** The id of the n-th recording. */
export function recordingId(n: number): string {
  return `5b0c7f2e-6c1d-4e0f-9a53-${n.toString(16).padStart(12, '0')}`
}

/** Evidence over a log of its own. */
export class TestEvidence extends TestLog {
  readonly files: Map<string, Uint8Array> = new Map()
  manifests!: Manifests
  evidence!: RecordingEvidence
  /** How a file is read. */
  opened: (bytes: Uint8Array) => AsyncIterable<Uint8Array> = inPieces
  /** Changes the metadata document. */
  owner: string = 'owner'

  override async open(): Promise<this> {
    await super.open()
    const { db, signer, audit } = this
    const now = (): number => this.now
    const metadata = async (orgId: string, id: string): Promise<unknown> => ({ orgId, id, owner: this.owner })
    this.manifests = Manifests.over({ db, signer, now, metadata, software: '1.2.3', logger: SILENT })
    const { manifests } = this
    const files = async (recording: { id: string }, file: StoredFile) => {
      const bytes = this.files.get(`${idKey(recording.id)} ${file}`)
      return bytes === undefined ? undefined : this.opened(bytes)
    }
    this.evidence = RecordingEvidence.over({
      db,
      signer,
      audit,
      manifests,
      files,
      metadata,
      now,
      software: '1.2.3',
    })
    return this
  }

  /** Adds the n-th recording, with media of `bytes`. */
  async add(n: number, bytes = 1_500): Promise<string> {
    const id = recordingId(n)
    const media = Buffer.alloc(bytes, `audio ${n} `)
    this.files.set(`${idKey(id)} media`, media)
    const made = finished(id, media)
    await this.db.commit([
      this.db.kysely.insertInto('recording').values(rowOf(made)),
      this.db.kysely.insertInto('recording_facts').values(factsRowOf(made)),
    ])
    return id
  }

  /** Gives it a further file, as a transcriber or an import does. */
  async addFile(id: string, file: 'audio' | 'transcript', contentType: string, text: string): Promise<void> {
    const bytes = Buffer.from(text)
    this.files.set(`${idKey(id)} ${file}`, bytes)
    const row = {
      id_key: idKey(id),
      file,
      vault_key: `${id}.${file}`,
      storage: 'sealed',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      size_bytes: bytes.length,
      content_type: contentType,
    }
    await this.db.commit([this.db.kysely.insertInto('recording_file').values(row)])
  }

  /** Writes rows about these recordings into the log, and about others between them. */
  async audited(ids: readonly string[], others = 3): Promise<void> {
    for (const id of ids) {
      const about = (action: AuditEntry['action'], whom: string): AuditEntry => ({
        actor: { ...OFFICER, personId: 'ada' },
        action,
        recordingId: whom,
        detail: { secret: whom },
      })
      await this.audit.add([about('recording.created', id)])
      for (let n = 0; n < others; n++) await this.audit.add([about('recording.read', recordingId(9_000 + n))])
      await this.audit.add([about('recording.downloaded', id)])
    }
  }

  /** The whole export. */
  async exported(id: string): Promise<Buffer> {
    const stream = await this.evidence.export(OFFICER, id)
    if (stream === undefined) throw new Error(`${id} is not there`)
    return Buffer.concat(await stream.toArray())
  }

  /** The audit log as a server sends it. */
  async log(orgId = 'org'): Promise<Buffer> {
    const items = await Array.fromAsync(this.audit.export(orgId, 0, Number.MAX_SAFE_INTEGER))
    return Buffer.from(items.map((item) => `${JSON.stringify(item)}\n`).join(''))
  }
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
}

function finished(id: string, media: Uint8Array): FinishedRecording {
  const party = { actor: { type: 'EXTERNAL' } } as const
  return {
    id,
    createTime: START,
    durationMs: 9_000,
    sizeBytes: media.length,
    sha256: createHash('sha256').update(media).digest('hex'),
    vaultKey: `org/2026/02/${id}.mp3`,
    storageRegion: 'DE',
    storage: 'sealed',
    recovered: true,
    gaps: [{ from: START - 3_000, to: START - 2_000, why: 'the disk was full' }],
    facts: {
      opening: {
        orgId: 'org',
        ownerId: 'owner',
        ownerType: 'user',
        ownerName: 'Tomas',
        ownerEmail: 'tomas@example.com',
        locationId: 'location',
        callSessionId: 'session',
        callId: 'callhalf-1:0',
        personality: 'originator',
        callingParty: party,
        calledParty: party,
        recordingType: 'alwaysON',
        remoteName: 'Mira',
        startedAt: START - 9_000,
      },
      notes: [
        { kind: 'action', action: 'START', at: START - 9_000 },
        { kind: 'announcement', at: START - 8_900, file: 'begin', heardBy: ['a', 'b'], level: 'word' },
        { kind: 'action', action: 'PAUSE', at: START - 7_000 },
        { kind: 'action', action: 'RESUME', at: START - 5_000 },
        { kind: 'action', action: 'PAUSE', at: START - 4_000 },
      ],
      closing: { stoppedAt: START - 1_000 },
    },
  }
}
