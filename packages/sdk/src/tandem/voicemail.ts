/**
 * The caller's own mailbox. Listening here does not mark a message as heard: that is said by the telephone.
 */
import { segment } from '../api.ts'
import { type Download, download } from '../http/download.ts'
import { type Ask, sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { itemsOf } from '../pager/pager.ts'
import type { VoicemailMessage } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const PATH = '/voicemail'

/** `client.tandem.voicemail`. */
export class Voicemail {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The messages, newest first. */
  async list(options: CallOptions = {}): Promise<VoicemailMessage[]> {
    const ask: Ask = { method: 'GET', url: tandemUrl(this.#transport, PATH), options }
    return [...itemsOf<VoicemailMessage>(ask, await sendForJson(this.#transport, ask))]
  }

  /** The sound of one message, a WAV file. */
  async getAudio(id: string, options: CallOptions = {}): Promise<Download> {
    const url = tandemUrl(this.#transport, `${PATH}/${segment('id', id)}/audio`)
    return download(this.#transport, { method: 'GET', url, headers: { accept: '*/*' }, options })
  }

  /** Deletes one message. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    const url = tandemUrl(this.#transport, `${PATH}/${segment('id', id)}`)
    await sendForJson(this.#transport, { method: 'DELETE', url, options })
  }
}
