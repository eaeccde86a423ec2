/**
 * What only a Tandem server has, under `/tandem/v1`: on Webex every method here answers `NotFound`.
 */
import { segment } from '../api.ts'
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import type { CallTrace } from '../wire.ts'
import { Announcements } from './announcements.ts'
import { CallRecords } from './call-records.ts'
import { tandemUrl } from './tandem-url.ts'
import { Voicemail } from './voicemail.ts'

/** `client.tandem`. */
export class Tandem {
  readonly announcements: Announcements
  readonly callRecords: CallRecords
  readonly voicemail: Voicemail
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
    this.announcements = new Announcements(transport)
    this.callRecords = new CallRecords(transport)
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
