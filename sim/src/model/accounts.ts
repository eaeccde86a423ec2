/**
 * The accounts of recordings (promise P19): whoever is always recorded and talked has a recording, or a reason why not, in
 * the record of a session; and every session has exactly one record.
 */
import type { DirectoryLine, RecordingOpening, SessionRecord } from '@tandem/engine'
import type { MediaCommand } from '@tandem/media'
import type { Half } from './halves.ts'
import { broken } from './rule.ts'

/** What was opened, and what became of it. */
export class Accounts {
  readonly #lines: ReadonlyMap<string, DirectoryLine>
  /** By recording, the call that it belongs to. */
  readonly #callOf = new Map<string, string>()
  /** Call and owner: what a caller leaves in a mailbox is none of the caller's. */
  readonly #recordedCalls = new Set<string>()
  /** Calls that left a message, which their owner may keep as a recording beside it. */
  readonly #messages = new Set<string>()
  readonly #records = new Map<string, SessionRecord>()
  readonly #outcomes = new Map<string, string>()
  readonly #unrecorded = new Set<string>()
  /** Calls that talked and are over. */
  readonly #talks: Half[] = []

  constructor(lines: ReadonlyMap<string, DirectoryLine>) {
    this.#lines = lines
  }

  /** How many calls left a message. */
  get messages(): number {
    return this.#messages.size
  }

  /** The call to which a recording belongs. */
  callOf(recording: string): string | undefined {
    return this.#callOf.get(recording)
  }

  commanded(command: MediaCommand): void {
    if (command.kind !== 'openRecording') return
    const { callId, ownerId, purpose } = JSON.parse(command.facts) as RecordingOpening // The engine's own words.
    this.#callOf.set(command.recording, callId)
    if (purpose === 'voicemail') this.#messages.add(callId)
    this.#recordedCalls.add(`${callId} ${ownerId}`)
  }

  ended(half: Half): void {
    if (half.talked) this.#talks.push(half)
  }

  recorded(record: SessionRecord): void {
    const about = { sessions: [record.callSessionId] }
    if (this.#records.has(record.callSessionId)) broken('a session has one record', about)
    this.#records.set(record.callSessionId, record)
    if (record.endedAt < record.startedAt) broken('a session ends after it has begun', about)
    for (const { id, outcome } of record.recordings) {
      if (!this.#callOf.has(id)) broken(`recording ${id} was opened`, about)
      if (this.#outcomes.has(id)) broken(`recording ${id} is in one record`, about)
      this.#outcomes.set(id, outcome)
    }
    for (const { callId } of record.unrecorded) this.#unrecorded.add(callId)
    // Who has gone on in another session is over with that one.
    for (const { view } of record.halves)
      if (view.state !== 'disconnected' && view.callSessionId === record.callSessionId)
        broken(`${view.callId} is over when its session is`, about)
  }

  checkAtRest(): void {
    for (const id of this.#callOf.keys())
      if (!this.#outcomes.has(id))
        broken(`recording ${id} is accounted for`, { callIds: [this.#callOf.get(id) ?? ''] })
    for (const half of this.#talks) {
      const { callId, lineId } = half
      const about = { callIds: [callId] }
      if (!this.#records.has(half.view.callSessionId)) broken(`the session of ${callId} has a record`, about)
      const mode = this.#lines.get(lineId)?.recording.mode ?? 'Never'
      const isRecorded = this.#recordedCalls.has(`${callId} ${lineId}`)
      if (mode.startsWith('Always') && !isRecorded && !this.#unrecorded.has(callId))
        broken(`${lineId} talked in ${callId} and was not recorded`, about)
      if (mode === 'Never' && isRecorded && !this.#messages.has(callId))
        broken(`${lineId} is never recorded`, about)
    }
  }
}
