/**
 * What proves a recording: its signed manifest, an archive of everything about it, and the public keys that check both.
 */
import { segment } from '../api.ts'
import { type Download, download } from '../http/download.ts'
import { type Ask, sendForJson, type Transport } from '../http/requester.ts'
import type { CallOptions } from '../options.ts'
import { itemsOf } from '../pager/pager.ts'
import type { RecordingManifest, SigningKey } from '../wire.ts'
import { tandemUrl } from './tandem-url.ts'

/** `client.tandem.evidence`. */
export class Evidence {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** What is signed about a recording: hashes, what happened to it, gaps. */
  async manifest(recordingId: string, options: CallOptions = {}): Promise<RecordingManifest> {
    const url = tandemUrl(this.#transport, pathOf(recordingId, 'manifest'))
    const { body } = await sendForJson(this.#transport, { method: 'GET', url, options })
    return body as RecordingManifest // What a 200 of this path carries.
  }

  /** Everything about a recording as a tar archive, which `tandem verify` checks offline. */
  async export(recordingId: string, options: CallOptions = {}): Promise<Download> {
    const url = tandemUrl(this.#transport, pathOf(recordingId, 'export'))
    return download(this.#transport, { method: 'GET', url, headers: { accept: '*/*' }, options })
  }

  /** The public keys, those that are no longer used too. */
  async signingKeys(options: CallOptions = {}): Promise<SigningKey[]> {
    const ask: Ask = { method: 'GET', url: tandemUrl(this.#transport, '/signingKeys'), options }
    return [...itemsOf<SigningKey>(ask, await sendForJson(this.#transport, ask))]
  }
}

function pathOf(recordingId: string, what: string): `/${string}` {
  return `/recordings/${segment('recordingId', recordingId)}/${what}`
}
