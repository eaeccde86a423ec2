/**
 * Evidence about recordings (promise P17): manifests, keys, and the export, a tar with everything about one recording that
 * `tandem verify` checks offline. The export is in the audit log before its first byte leaves.
 *
 *     keys.json  recording.mp3|mp4  audio.*  transcript.*  metadata.json  manifest.json  audit.ndjson  export.json
 */
import { Readable } from 'node:stream'
import type { Database } from '@tandem/store'
import type { Audit } from '../audit/audit.ts'
import type { SigningKey } from '../audit/audit-log.ts'
import { canonicalJson, sha256Hex } from '../audit/canonical-json.ts'
import type { Signer } from '../audit/signing-keys.ts'
import type { AuditTables } from '../audit/tables.ts'
import { idKey, type Recording, recordingOf } from '../catalogue/recording.ts'
import type { CatalogueTables, RecordingFileTable } from '../catalogue/tables.ts'
import type { Actor } from '../library.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { auditProof } from './audit-proof.ts'
import type { Evidence, SignedManifest } from './evidence.ts'
import { type ArchiveMember, archiveStream, type ListedMember } from './export-archive.ts'
import type { Manifest } from './manifest.ts'
import type { Manifests, MetadataSource } from './manifests.ts'
import type { EvidenceTables } from './tables.ts'

/** What is stored of a recording, as the vault names it. */
export type StoredFile = 'media' | 'audio' | 'transcript'

/** Opens the plain content of a stored file; undefined when it is gone. Must be read to its end or returned. */
export type FileSource = (
  recording: Recording,
  file: StoredFile,
) => Promise<AsyncIterable<Uint8Array> | undefined>

type Tables = CatalogueTables & AuditTables & EvidenceTables

/** What evidence needs. */
export interface RecordingEvidenceOptions<All extends Tables = Tables> {
  readonly db: Database<All>
  readonly audit: Audit
  readonly signer: Signer
  readonly manifests: Manifests
  readonly files: FileSource
  readonly metadata: MetadataSource
  /** The transcript as WebVTT, beside the stored form; absent or undefined: only what is stored. */
  readonly transcriptVtt?: (orgId: string, recordingId: string) => Promise<string | undefined>
  readonly now: () => number
  /** Release of this software. */
  readonly software: string
}

/** Longest part of `audit.ndjson`, in bytes: what an export holds in memory. */
export const AUDIT_PART_BYTES_MAX: number = 4 * 1_024 * 1_024

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'audio/mp4': 'm4a',
  'audio/mpeg': 'mp3',
  'text/plain': 'txt',
  'text/vtt': 'vtt',
}

/** How often the small things are read again while somebody changes the recording. */
const SNAPSHOTS_MAX = 3

/** What an export holds besides the media and the audit rows. */
interface Snapshot {
  readonly recording: Recording
  readonly document: unknown
  readonly files: readonly RecordingFileTable[]
  readonly vtt: string | undefined
  readonly versions: readonly SignedManifest[]
}

/** See the head of this file. */
export class RecordingEvidence implements Evidence {
  readonly #options: RecordingEvidenceOptions
  readonly #db: Database<Tables>

  constructor(options: RecordingEvidenceOptions) {
    this.#options = options
    this.#db = options.db
  }

  /** Evidence over a database that has these tables among others. */
  static over<All extends Tables>(options: RecordingEvidenceOptions<All>): RecordingEvidence {
    return new RecordingEvidence(options as unknown as RecordingEvidenceOptions) // As `Manifests.over`.
  }

  manifest(orgId: string, id: string): Promise<SignedManifest | undefined> {
    return this.#options.manifests.make(orgId, id)
  }

  keys(): Promise<readonly SigningKey[]> {
    return this.#options.signer.keys()
  }

  async export(actor: Actor, id: string): Promise<Readable | undefined> {
    const { audit, files, now, signer, software } = this.#options
    const snapshot = await this.#snapshot(actor.orgId, id)
    if (snapshot === undefined) return undefined
    const { recording } = snapshot
    const media = await files(recording, 'media')
    if (media === undefined) return undefined
    const auditId = await audit.addOne({ actor, action: 'recording.exported', recordingId: recording.id })
    await audit.settleAndSign(actor.orgId)
    const at = now()
    return archiveStream(at, this.#members(snapshot, media), (members) => {
      const told = { at, auditId, exportedBy: actor.personId, exportedAs: actor.as, keyId: signer.keyId }
      const facts = { orgId: recording.orgId, recordingId: recording.id, software, files: members }
      return exportList(signer, { ...told, ...facts })
    })
  }

  /** Everything small, read until manifest and metadata agree: a change of owner may come in between. */
  async #snapshot(orgId: string, id: string): Promise<Snapshot | undefined> {
    const { manifests, metadata, transcriptVtt } = this.#options
    for (let attempt = 1; ; attempt++) {
      const signed = await manifests.make(orgId, id)
      const recording = await this.#recording(orgId, id)
      if (signed === undefined || recording === undefined) return undefined
      const [document, files, vtt, versions] = await Promise.all([
        metadata(orgId, id),
        this.#files(id),
        transcriptVtt?.(orgId, id),
        manifests.versions(orgId, id),
      ])
      const told = (JSON.parse(signed.body) as Manifest).metadata?.sha256 // Written by `Manifests`.
      const same = told === (document === undefined ? undefined : sha256Hex(canonicalJson(document)))
      if (same && versions.at(-1)?.body === signed.body) return { recording, document, files, vtt, versions }
      if (attempt === SNAPSHOTS_MAX)
        throw new StorageFault('locked', `Recording ${id} is being changed; ask for the export again`)
    }
  }

  async *#members(snapshot: Snapshot, media: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveMember> {
    const { recording, document, files, vtt, versions } = snapshot
    const { orgId, id, sizeBytes, sha256 } = recording
    try {
      yield jsonMember('keys.json', await this.#options.signer.keys())
      yield { name: `recording.${recording.format.toLowerCase()}`, sizeBytes, sha256, content: media }
      for (const file of files) yield await this.#member(recording, file)
      if (vtt !== undefined) yield textMember('transcript.vtt', vtt)
      if (document !== undefined) yield jsonMember('metadata.json', document)
      yield jsonMember('manifest.json', versions)
      yield* this.#auditParts(orgId, id)
    } finally {
      await close(media) // It was opened before the first byte, and may never have been read.
    }
  }

  async #member(recording: Recording, file: RecordingFileTable): Promise<ArchiveMember> {
    const name = file.file as StoredFile // The table holds no other.
    const content = await this.#options.files(recording, name)
    if (content === undefined)
      throw new StorageFault('damaged', `The file ${name} of recording ${recording.id} is missing`)
    // The name `transcript.vtt` is that of the rendered form where there is one.
    const extension = EXTENSIONS[file.content_type] ?? 'bin'
    const stem =
      name === 'transcript' && this.#options.transcriptVtt !== undefined ? 'transcript.stored' : name
    return { name: `${stem}.${extension}`, sizeBytes: Number(file.size_bytes), sha256: file.sha256, content }
  }

  async *#auditParts(orgId: string, id: string): AsyncGenerator<ArchiveMember> {
    let [lines, bytes, part] = [[] as string[], 0, 1]
    const member = (): ArchiveMember =>
      textMember(part === 1 ? 'audit.ndjson' : `audit.${part}.ndjson`, lines.join(''))
    for await (const line of auditProof(this.#db as unknown as Database<AuditTables>, orgId, id)) {
      if (bytes + line.length > AUDIT_PART_BYTES_MAX && lines.length > 0) {
        yield member()
        ;[lines, bytes, part] = [[], 0, part + 1]
      }
      lines.push(line)
      bytes += line.length
    }
    yield member()
  }

  #files(id: string): Promise<RecordingFileTable[]> {
    return this.#db.kysely
      .selectFrom('recording_file')
      .selectAll()
      .where('id_key', '=', idKey(id))
      .orderBy('file')
      .execute()
  }

  async #recording(orgId: string, id: string): Promise<Recording | undefined> {
    const row = await this.#db.kysely
      .selectFrom('recording')
      .selectAll()
      .where('id_key', '=', idKey(id))
      .where('org_id', '=', orgId)
      .executeTakeFirst()
    return row === undefined ? undefined : recordingOf(row)
  }
}

/** `export.json`: canonical JSON with its signature over everything else in it. */
function exportList(
  signer: Signer,
  list: { readonly keyId: string; readonly files: readonly ListedMember[] },
): Uint8Array {
  const signature = signer.sign(`tandem recording export 1\n${canonicalJson(list)}`)
  return Buffer.from(canonicalJson({ ...list, signature }))
}

/** Lets go of a file, however much of it was read. */
async function close(content: AsyncIterable<Uint8Array>): Promise<void> {
  if (content instanceof Readable) content.destroy()
  else await content[Symbol.asyncIterator]().return?.()
}

function jsonMember(name: string, value: unknown): ArchiveMember {
  return textMember(name, canonicalJson(value))
}

function textMember(name: string, text: string): ArchiveMember {
  const bytes = Buffer.from(text)
  return { name, sizeBytes: bytes.length, sha256: sha256Hex(bytes), content: [bytes] }
}
