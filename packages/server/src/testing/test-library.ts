/**
 * The library of recordings behind the HTTP of the tests: the real one over a real database and folder, whose audit log
 * a test can read at once, and whose files can be damaged, lost, or be there without having been made.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  type AuditEntry,
  type AuditLog,
  type FileFacts,
  idKey,
  type Library,
  type LinkedFile,
  type MeetingFacts,
  type MeetingRecording,
  type OpenedFile,
  type Recording,
  type Recordings,
  StorageFault,
} from '@tandem/recordings'

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

/** See the head of this file. */
export class TestLibrary {
  /** What was written down, each entry once, in order; also what a part of the library wrote down. */
  readonly entries: AuditEntry[] = []
  /** Set by a test: what is to be written down cannot be. */
  auditFault: Error | undefined
  /** Meetings by their recording's id, compared without hyphens and case. */
  readonly meetingFacts: Map<string, MeetingFacts> = new Map()
  /** Passwords of meeting recordings whose rows a test wrote, by `idKey`. */
  readonly passwords: Map<string, string> = new Map()
  /** Recordings that have a transcript. */
  readonly transcribed: Set<string> = new Set()
  /** Recordings whose media is gone. */
  readonly lost: Set<string> = new Set()
  /** What the store of files suffers from. `firstByte`, `halfway`: damage that is found while a file is read. */
  fault: 'none' | StorageFault['kind'] | 'firstByte' | 'halfway' = 'none'
  readonly #recordings: Recordings

  constructor(recordings: Recordings) {
    this.#recordings = recordings
    this.#listen(recordings.audit)
  }

  /** What HTTP is given. */
  get library(): Library {
    const recordings = this.#recordings
    const meetings: Library['meetings'] = {
      list: async (query) => {
        const page = await recordings.meetings.list(query)
        return { ...page, items: page.items.map((found) => this.#withPassword(found)) }
      },
      get: (orgId, id) => this.#meeting(orgId, id),
      find: async (id) => {
        const found = await recordings.meetings.find(id)
        return found && this.#withPassword(found)
      },
      share: (actor, id, change) => recordings.meetings.share(actor, id, change),
    }
    const files: Library['files'] = (recording, options) => this.#files(recording, options)
    const openFile: Library['openFile'] = (id, file, range) => this.#openFile(id, file, range)
    // A part that is not named here is the real one, which keeps its own state.
    return new Proxy(recordings, {
      get: (real, name) => {
        const changed: Readonly<Record<PropertyKey, unknown>> = { files, meetings, openFile }
        if (Object.hasOwn(changed, name)) return changed[name]
        const value: unknown = Reflect.get(real, name)
        return typeof value === 'function' ? value.bind(real) : value
      },
    })
  }

  /** The log's own methods are listened to, so that also what the library's parts write down is heard. */
  #listen(audit: AuditLog): void {
    const known = new WeakSet<AuditEntry>()
    const hear = (entries: readonly AuditEntry[]): void => {
      if (this.auditFault !== undefined) throw this.auditFault
      this.entries.push(...entries.filter((entry) => !known.has(entry)))
      for (const entry of entries) known.add(entry)
    }
    const [add, addSoon, statements] = [audit.add, audit.addSoon, audit.statements]
    audit.add = async (entries) => {
      hear(entries)
      await add.call(audit, entries)
    }
    audit.addSoon = (entry) => {
      hear([entry])
      addSoon.call(audit, entry)
    }
    audit.statements = (entries) => {
      hear(entries)
      return statements.call(audit, entries)
    }
  }

  async #meeting(orgId: string, id: string): ReturnType<Library['meetings']['get']> {
    const meeting = this.meetingFacts.get(idKey(id))
    if (meeting === undefined) {
      const found = await this.#recordings.meetings.get(orgId, id)
      return found && this.#withPassword(found)
    }
    const recording = await this.#recordings.get(orgId, id)
    return recording && { recording, meeting, sharedWith: [] }
  }

  /** The password of a row that a test wrote, which nothing sealed. */
  #withPassword(found: MeetingRecording): MeetingRecording {
    const password = this.passwords.get(idKey(found.recording.id))
    return password === undefined ? found : { ...found, meeting: { ...found.meeting, password } }
  }

  #isMadeUp(recording: Recording): boolean {
    return this.fault !== 'none' || recording.format === 'MP4' || this.transcribed.has(idKey(recording.id))
  }

  async #files(...[recording, options]: Parameters<Library['files']>): ReturnType<Library['files']> {
    const key = idKey(recording.id)
    if (this.lost.has(key)) return new Map()
    if (!this.#isMadeUp(recording)) return this.#recordings.files(recording, options)
    const names: LinkedFile[] = ['audio']
    if (recording.format === 'MP4') names.push('video')
    if (this.transcribed.has(key)) names.push('transcript')
    return new Map(names.map((name) => [name, factsOf(name)]))
  }

  async #openFile(...[id, name, range]: Parameters<Library['openFile']>): ReturnType<Library['openFile']> {
    const recording = await this.#recordings.find(id)
    if (recording === undefined || !this.#isMadeUp(recording))
      return this.#recordings.openFile(id, name, range)
    const { fault } = this
    if (fault === 'damaged' || fault === 'unreachable' || fault === 'locked')
      throw new StorageFault(fault, 'as the test asked')
    const [bytes, contentType] = CONTENTS[name]
    const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
    const stream = Readable.from(faulty(part, fault), { objectMode: false })
    const opened: OpenedFile = {
      stream,
      sizeBytes: bytes.length,
      contentType,
      etag: `"${factsOf(name).sha256}"`,
    }
    return opened
  }
}

function factsOf(name: LinkedFile): FileFacts {
  const [bytes, contentType, extension] = CONTENTS[name]
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { sizeBytes: bytes.length, contentType, extension, sha256 }
}

function* faulty(bytes: Buffer, fault: TestLibrary['fault']): Generator<Buffer> {
  if (fault === 'firstByte') throw new StorageFault('damaged', 'as the test asked')
  const half = fault === 'halfway' ? Math.ceil(bytes.length / 2) : bytes.length
  yield bytes.subarray(0, half)
  if (fault === 'halfway') throw new StorageFault('damaged', 'as the test asked')
}
