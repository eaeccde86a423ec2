/** People: who the token belongs to. */
import { urlOf } from './api.ts'
import { sendForJson, type Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import type { Person } from './wire.ts'

/** `client.people`. */
export class People {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The person of the token. */
  async me(options: CallOptions = {}): Promise<Person> {
    const url = urlOf(this.#transport, '/people/me')
    const { body } = await sendForJson(this.#transport, { method: 'GET', url, options })
    return body as Person // What a 200 of this path carries.
  }
}
