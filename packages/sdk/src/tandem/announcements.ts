/**
 * Own announcements and hold music: uploaded sounds that the settings of lines and locations refer to.
 */
import { requireText, segment } from '../api.ts'
import { InvalidArgument } from '../error/webex-error.ts'
import { type Ask, sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { itemsOf } from '../pager/pager.ts'
import type { Announcement } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

const PATH = '/announcements'
const CONTENT_TYPE = 'audio/wav'

/** `client.tandem.announcements`. */
export class Announcements {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** All of the organisation, by name. */
  async list(options: CallOptions = {}): Promise<Announcement[]> {
    const ask: Ask = { method: 'GET', url: tandemUrl(this.#transport, PATH), options }
    return [...itemsOf<Announcement>(ask, await sendForJson(this.#transport, ask))]
  }

  /**
   * Uploads a sound. Its kind is the type of the Blob; bytes without a `contentType` are taken for a WAV file.
   *
   * @example await client.tandem.announcements.upload('Welcome', await openAsBlob('welcome.wav'))
   */
  async upload(
    name: string,
    sound: Uint8Array<ArrayBuffer> | Blob,
    options: CallOptions & { readonly contentType?: string | undefined } = {},
  ): Promise<Announcement> {
    const size = sound instanceof Uint8Array ? sound.byteLength : sound.size
    if (size === 0) throw new InvalidArgument('the sound is empty')
    const ofBlob = sound instanceof Uint8Array ? '' : sound.type
    const contentType = options.contentType ?? (ofBlob === '' ? CONTENT_TYPE : ofBlob)
    const url = tandemUrl(this.#transport, PATH, { name: requireText('name', name) })
    const headers = { 'content-type': contentType }
    const { body } = await sendForJson(this.#transport, {
      method: 'POST',
      url,
      bytes: sound,
      headers,
      options,
    })
    return body as Announcement // What a 201 of this path carries.
  }

  /** Deletes a sound; whatever still refers to it plays the built-in one. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    const url = tandemUrl(this.#transport, `${PATH}/${segment('id', id)}`)
    await sendForJson(this.#transport, { method: 'DELETE', url, options })
  }
}
