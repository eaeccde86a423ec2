/** The store of recordings: whether everything in it is whole, and whether its clock is believed. */
import { sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import type { StorageReport } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

/** `client.tandem.storage`. */
export class Storage {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Its state. */
  async get(options: CallOptions = {}): Promise<StorageReport> {
    const url = tandemUrl(this.#transport, '/storage')
    return (await sendForJson(this.#transport, { method: 'GET', url, options })).body as StorageReport // What a 200 carries.
  }

  /** Confirms that the clock is right after it has jumped, so that retention goes on. */
  async acceptClock(options: CallOptions = {}): Promise<void> {
    const url = tandemUrl(this.#transport, '/storage/acceptClock')
    await sendForJson(this.#transport, { method: 'POST', url, options })
  }
}
