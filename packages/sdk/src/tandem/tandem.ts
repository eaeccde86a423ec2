/**
 * What only a Tandem server has, under `/tandem/v1`: on Webex every method here answers `NotFound`. A class a subject.
 */
import { segment } from '../api.ts'
import { InvalidArgument } from '../error/webex-error.ts'
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import type { Pager } from '../pager/pager.ts'
import type { CallTrace, FoundRecording, RecordingChange } from '../wire.ts'
import { Announcements } from './announcements.ts'
import { Audit } from './audit.ts'
import { CallRecords } from './call-records.ts'
import { Evidence } from './evidence.ts'
import { Holds } from './holds.ts'
import { Imports } from './imports.ts'
import { Retention } from './retention.ts'
import { type SearchFilters, search } from './search.ts'
import { Storage } from './storage.ts'
import { tandemUrl } from './tandem-url.ts'
import { Transcripts } from './transcripts.ts'
import { Voicemail } from './voicemail.ts'

/** `client.tandem`. */
export class Tandem {
  readonly announcements: Announcements
  /** What was done with recordings, by whom and when. */
  readonly audit: Audit
  readonly callRecords: CallRecords
  /** What proves a recording: manifest, archive, public keys. */
  readonly evidence: Evidence
  /** Legal holds. */
  readonly holds: Holds
  /** Recordings from elsewhere. */
  readonly imports: Imports
  /** How long recordings are kept. */
  readonly retention: Retention
  /** The state of the store of recordings. */
  readonly storage: Storage
  readonly transcripts: Transcripts
  readonly voicemail: Voicemail
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
    this.announcements = new Announcements(transport)
    this.audit = new Audit(transport)
    this.callRecords = new CallRecords(transport)
    this.evidence = new Evidence(transport)
    this.holds = new Holds(transport)
    this.imports = new Imports(transport)
    this.retention = new Retention(transport)
    this.storage = new Storage(transport)
    this.transcripts = new Transcripts(transport)
    this.voicemail = new Voicemail(transport)
  }

  /**
   * The SIP messages of a conversation without personal data, for administrators. Kept in a ring: an old one is `NotFound`.
   *
   * @example const { messages } = await client.tandem.trace(call.callSessionId)
   */
  async trace(callSessionId: string, options: CallOptions = {}): Promise<CallTrace> {
    const path = `/calls/${segment('callSessionId', callSessionId)}/trace` as const
    const url = tandemUrl(this.#transport, path)
    return (await sendForJson(this.#transport, { method: 'GET', url, options })).body as CallTrace // What a 200 carries.
  }

  /**
   * Recordings that hold all words of a text, in any letter case, newest first: in their topic, their parties or, for who
   * may hear them, their transcript.
   *
   * @example for await (const found of client.tandem.search('delivery date')) console.log(found.topic, found.matches[0]?.text)
   */
  search(text: string, filters: SearchFilters = {}, options: CallOptions = {}): Pager<FoundRecording> {
    return search(this.#transport, text, filters, options)
  }

  /** Changes the topic of a recording, or whether its owner may download it. What is not named stays. */
  async updateRecording(
    recordingId: string,
    change: RecordingChange,
    options: CallOptions = {},
  ): Promise<void> {
    const { topic, downloadPrevented } = change
    if (topic === undefined && downloadPrevented === undefined)
      throw new InvalidArgument('give topic or downloadPrevented: nothing says what to change')
    const url = tandemUrl(this.#transport, `/recordings/${segment('recordingId', recordingId)}`)
    const body = { topic, downloadPrevented }
    await sendForJson(this.#transport, { method: 'PUT', url, body, options })
  }

  /** Chooses what people on hold hear in a location; `null` goes back to the built-in music. */
  async setHoldMusic(
    locationId: string,
    announcementId: string | null,
    options: CallOptions = {},
  ): Promise<void> {
    const url = tandemUrl(this.#transport, `/locations/${segment('locationId', locationId)}/holdMusic`)
    await sendForJson(this.#transport, { method: 'PUT', url, body: { announcementId }, options })
  }
}
