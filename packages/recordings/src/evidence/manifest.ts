/**
 * What a manifest says about a recording (promise P17, "Compliance consequences"): the hashes of its files, what was done
 * in the call and when, what is missing, and what made it. Times are the wall clock's, Unix milliseconds; the journal
 * keeps no other, and its raw legs are gone once the file was read back, so that neither is named here.
 */
import { canonicalJson, sha256Hex } from '../audit/canonical-json.ts'
import { idKey, type NewRecordingRow, type RecordingGap } from '../catalogue/recording.ts'
import type { RecordingFileTable } from '../catalogue/tables.ts'
import type { NoteFacts, RecordingFacts } from '../facts.ts'

/** A file by its content. */
export interface FileDigest {
  /** Lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** The signed facts. Canonical JSON of this is the manifest's `body`. */
export interface Manifest {
  readonly type: 'tandem recording manifest 1'
  /** From 1; a change of owner, a transcript or another form of the metadata makes the next one. */
  readonly version: number
  /** SHA-256 of the body of the version before; empty for the first. */
  readonly previousHash: string
  /** When this version was made. */
  readonly at: number
  readonly keyId: string
  /** Release of the software that made this version. */
  readonly software: string
  readonly recordingId: string
  readonly orgId: string
  readonly owner: { readonly id: string; readonly type: string }
  readonly origin: string
  readonly createTime: number
  readonly timeRecorded: number
  readonly stoppedAt?: number
  readonly durationMs: number
  readonly format: string
  readonly serviceType: string
  readonly callSessionId: string
  readonly callId: string
  readonly media: FileDigest
  /** The sound track of an MP4. */
  readonly audio?: FileDigest
  readonly transcript?: FileDigest
  /** Of the metadata document as canonical JSON. */
  readonly metadata?: FileDigest
  /** Of what the metadata document is made of, as it is stored. */
  readonly facts?: { readonly sha256: string }
  readonly actions: readonly { readonly action: string; readonly at: number }[]
  readonly announcements: readonly {
    readonly at: number
    readonly file: string
    readonly level: string
    readonly heardBy: number
  }[]
  readonly pauses: readonly { readonly from: number; readonly to?: number }[]
  readonly gaps: readonly RecordingGap[]
  readonly recovered: boolean
  /** Names the key that the files are sealed under, never the key; absent when they are not sealed. */
  readonly dataKeyId?: string
}

/** What a manifest is made from. */
export interface ManifestSource {
  readonly row: NewRecordingRow
  readonly files: readonly RecordingFileTable[]
  /** As stored. */
  readonly facts?: string
  /** The metadata document, every type shown. */
  readonly metadata?: unknown
}

/** The parts of a manifest that follow from the recording, and not from when it is made. */
export type ManifestFacts = Omit<Manifest, 'version' | 'previousHash' | 'at' | 'keyId' | 'software'>

/** The facts as they are now. */
export function manifestFacts({ row, files, facts: stored, metadata }: ManifestSource): ManifestFacts {
  const facts = factsIn(stored)
  const notes = facts?.notes ?? []
  const fileOf = (name: string) => files.find((file) => file.file === name)
  const [audio, transcript] = [fileOf('audio'), fileOf('transcript')]
  const document = metadata === undefined ? undefined : canonicalJson(metadata)
  return {
    type: 'tandem recording manifest 1',
    recordingId: row.id,
    orgId: row.org_id,
    owner: { id: row.owner_id, type: row.owner_type },
    origin: row.origin,
    createTime: Number(row.create_time),
    timeRecorded: Number(row.time_recorded),
    ...(facts?.closing === undefined ? {} : { stoppedAt: facts.closing.stoppedAt }),
    durationMs: Number(row.duration_ms),
    format: row.format,
    serviceType: row.service_type,
    callSessionId: row.call_session_id,
    callId: row.call_id,
    media: { sha256: row.sha256, sizeBytes: Number(row.size_bytes) },
    ...(audio === undefined ? {} : { audio: digestOf(audio) }),
    ...(transcript === undefined ? {} : { transcript: digestOf(transcript) }),
    ...(document === undefined
      ? {}
      : { metadata: { sha256: sha256Hex(document), sizeBytes: Buffer.byteLength(document) } }),
    ...(stored === undefined ? {} : { facts: { sha256: sha256Hex(stored) } }),
    actions: notes.flatMap((note) => (note.kind === 'action' ? [{ action: note.action, at: note.at }] : [])),
    announcements: notes.flatMap((note) =>
      note.kind === 'announcement'
        ? [{ at: note.at, file: note.file, level: note.level, heardBy: note.heardBy.length }]
        : [],
    ),
    pauses: pausesIn(notes),
    gaps: JSON.parse(row.gaps) as RecordingGap[], // Written by `rowOf`.
    recovered: Number(row.recovered) === 1,
    ...(row.storage === 'sealed' ? { dataKeyId: idKey(row.id) } : {}),
  }
}

/** Facts of a call; those of an import have another shape and tell nothing of actions. */
function factsIn(stored: string | undefined): RecordingFacts | undefined {
  const facts = stored === undefined ? undefined : (JSON.parse(stored) as Partial<RecordingFacts>) // `factsRowOf`.
  return Array.isArray(facts?.notes) ? (facts as RecordingFacts) : undefined
}

function pausesIn(notes: readonly NoteFacts[]): Manifest['pauses'] {
  const pauses: { from: number; to?: number }[] = []
  for (const note of notes) {
    if (note.kind !== 'action') continue
    const open = pauses.at(-1)
    if (note.action === 'PAUSE') pauses.push({ from: note.at })
    else if (open !== undefined && open.to === undefined) open.to = note.at
  }
  return pauses
}

function digestOf(file: RecordingFileTable): FileDigest {
  return { sha256: file.sha256, sizeBytes: Number(file.size_bytes) }
}
