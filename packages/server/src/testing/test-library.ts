/**
 * The library of recordings behind the HTTP of the tests: the real catalogue, metadata and links over a real database,
 * with a plain reading of the contract's life of a recording (converged-recordings §1, §6, §8, §9), an audit log in
 * memory, and files that a test may damage. What the tests of HTTP do not ask for is not here, and says so.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type {
  AuditEntry,
  AuditLog,
  AuditRow,
  FileFacts,
  Library,
  LinkedFile,
  MeetingFacts,
  MeetingRecording,
  OpenedFile,
  Recording,
  Recordings,
  SignedLink,
} from '@tandem/recordings'
import { idKey, StorageFault } from '@tandem/recordings'
import type { TestData } from './open-test-data.ts'
import { TestLifecycle } from './test-lifecycle.ts'

/** What the tests' recordings hold. */
export const AUDIO: Buffer = Buffer.from('This stands in for an MP3 of some length.')
/** What their transcripts hold. */
export const TRANSCRIPT: Buffer = Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n')
/** What their videos hold. */
export const VIDEO: Buffer = Buffer.from('This stands in for an MP4, which is longer.')

const CONTENTS: Readonly<Record<LinkedFile, readonly [Buffer, contentType: string, extension: string]>> = {
  audio: [AUDIO, 'audio/mpeg', 'mp3'],
  video: [VIDEO, 'video/mp4', 'mp4'],
  transcript: [TRANSCRIPT, 'text/vtt; charset=utf-8', 'vtt'],
}

/** An audit log that a test reads. */
export class TestAudit implements Pick<AuditLog, 'add' | 'addSoon' | 'statements'> {
  readonly entries: AuditEntry[] = []

  statements(entries: readonly AuditEntry[]): [] {
    this.entries.push(...entries)
    return []
  }

  async add(entries: readonly AuditEntry[]): Promise<void> {
    this.entries.push(...entries)
  }

  addSoon(entry: AuditEntry): void {
    this.entries.push(entry)
  }

  async list(orgId: string): Promise<{ readonly items: readonly AuditRow[] }> {
    const rows = this.entries.map((entry, at): AuditRow => {
      const { actor, action, recordingId, detail = {} } = entry
      const { personId: actorId, as } = actor
      const row = { seq: at + 1, id: String(at), orgId: actor.orgId, at: 0, actorId, as, action, detail }
      const about = recordingId === undefined ? {} : { recordingId }
      return { ...row, ...about, previousHash: '', hash: '' }
    })
    return { items: rows.filter((row) => row.orgId === orgId).toReversed() }
  }

  async *export(): AsyncGenerator<never> {}
}

/** See the head of this file. */
export class TestLibrary implements Library {
  readonly audit: TestAudit = new TestAudit()
  readonly lifecycle: TestLifecycle
  readonly links: Library['links']
  /** Meetings by their recording's id, compared without hyphens and case. */
  readonly meetingFacts: Map<string, MeetingFacts> = new Map()
  /** Recordings that have a transcript. */
  readonly transcribed: Set<string> = new Set()
  /** Recordings whose media is gone. */
  readonly lost: Set<string> = new Set()
  /** What the store of files suffers from. `halfway`: damage that is found after some bytes. */
  fault: 'none' | StorageFault['kind'] | 'firstByte' | 'halfway' = 'none'
  readonly #recordings: Recordings
  readonly #now: () => number

  constructor(recordings: Recordings, data: TestData, now: () => number) {
    this.#recordings = recordings
    this.#now = now
    this.links = recordings.links
    this.lifecycle = new TestLifecycle(data, this.audit)
  }

  list: Library['list'] = (query) => this.#recordings.list(query)
  get: Library['get'] = (orgId, id) => this.#recordings.get(orgId, id)
  find: Library['find'] = (id) => this.#recordings.find(id)
  metadata: Library['metadata'] = (orgId, id, options) => this.#recordings.metadata(orgId, id, options)

  link: Library['link'] = (subject): SignedLink => {
    const expiresAt = this.#now() + 3 * 60 * 60 * 1_000
    const query = this.links.sign({ ...subject, expiresAt })
    return { url: `/media/${subject.recordingId}/${subject.file}?${query}`, expiresAt }
  }

  async files(recording: Recording): Promise<ReadonlyMap<LinkedFile, FileFacts>> {
    const key = idKey(recording.id)
    if (this.lost.has(key)) return new Map()
    const names: LinkedFile[] = ['audio']
    if (recording.format === 'MP4') names.push('video')
    if (this.transcribed.has(key)) names.push('transcript')
    return new Map(
      names.map((name) => {
        const [bytes, contentType, extension] = CONTENTS[name]
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        return [name, { sizeBytes: bytes.length, contentType, extension, sha256 }]
      }),
    )
  }

  openFile: Library['openFile'] = async (recordingId, name, range): Promise<OpenedFile | undefined> => {
    const recording = await this.find(recordingId)
    const facts = recording && (await this.files(recording)).get(name)
    if (facts === undefined) return undefined
    const { fault } = this
    if (fault === 'damaged' || fault === 'unreachable' || fault === 'locked')
      throw new StorageFault(fault, 'as the test asked')
    const [bytes] = CONTENTS[name]
    const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
    const stream = Readable.from(faulty(part, fault), { objectMode: false })
    return { stream, sizeBytes: bytes.length, contentType: facts.contentType, etag: `"${facts.sha256}"` }
  }

  get meetings(): Library['meetings'] {
    const get = async (orgId: string, id: string): Promise<MeetingRecording | undefined> => {
      const [recording, meeting] = [await this.get(orgId, id), this.meetingFacts.get(idKey(id))]
      if (recording === undefined || meeting === undefined) return undefined
      return { recording, meeting, sharedWith: [] }
    }
    return { get, list: absent, find: absent, share: absent }
  }

  search: Library['search'] = absent
  storage: Library['storage'] = absent

  get holds(): never {
    return absent()
  }

  get retention(): never {
    return absent()
  }

  get keptTime(): never {
    return absent()
  }

  get evidence(): never {
    return absent()
  }

  get transcripts(): never {
    return absent()
  }

  get imports(): never {
    return absent()
  }
}

function* faulty(bytes: Buffer, fault: TestLibrary['fault']): Generator<Buffer> {
  if (fault === 'firstByte') throw new StorageFault('damaged', 'as the test asked')
  const half = fault === 'halfway' ? Math.ceil(bytes.length / 2) : bytes.length
  yield bytes.subarray(0, half)
  if (fault === 'halfway') throw new StorageFault('damaged', 'as the test asked')
}

function absent(): never {
  throw new Error('This part of the library is not in the tests of HTTP.')
}
