import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { Client } from 'pg'
import { StoreError } from '../error.ts'
import { ServerLock } from './server-lock.ts'

/** A connection whose server gives the lock, or not. */
class FakeClient extends EventEmitter {
  readonly #taken: boolean
  ended = false

  constructor(options: { readonly taken: boolean }) {
    super()
    this.#taken = options.taken
  }

  async query(): Promise<{ rows: { taken: number }[] }> {
    return { rows: [{ taken: this.#taken ? 1 : 0 }] }
  }

  async end(): Promise<void> {
    this.ended = true
  }

  asClient(): Client {
    return this as unknown as Client // The lock uses these three of it.
  }
}

function optionsOver(clients: readonly Promise<Client>[], onLost: (error: StoreError) => void = assert.fail) {
  let asked = 0
  return {
    place: 'd at h',
    logger: SILENT,
    connect: () => clients[asked++] ?? Promise.reject(new Error('asked for one more connection')),
    faultOf: (error: unknown) =>
      error instanceof StoreError ? error : new StoreError('unreachable', String(error)),
    onLost,
  }
}

/** Lets everything run that waits for nothing but itself. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('forbids writing from the moment the connection breaks until the lock is taken again', async () => {
  const first = new FakeClient({ taken: true })
  const second = Promise.withResolvers<Client>()
  const lock = await ServerLock.take(optionsOver([Promise.resolve(first.asClient()), second.promise]))
  const code = (): string | undefined => lock.fault?.code
  assert.equal(code(), undefined)
  first.emit('end')
  assert.equal(code(), 'unreachable')
  await settle()
  assert.equal(code(), 'unreachable')
  second.resolve(new FakeClient({ taken: true }).asClient())
  await settle()
  assert.equal(code(), undefined)
  await lock.close()
})

it('gives up once and for good when another server has it', async () => {
  const first = new FakeClient({ taken: true })
  const lost: StoreError[] = []
  const second = new FakeClient({ taken: false })
  const clients = [first, second].map(async (each) => each.asClient())
  const lock = await ServerLock.take(optionsOver(clients, (error) => lost.push(error)))
  first.emit('error', new Error('reset'))
  first.emit('end')
  await settle()
  assert.deepEqual(
    lost.map((error) => error.code),
    ['locked'],
  )
  assert.equal(lock.fault?.code, 'locked')
  assert.equal(second.ended, true)
  await lock.close()
})

it('refuses the second server at start', async () => {
  const client = new FakeClient({ taken: false })
  await assert.rejects(
    ServerLock.take(optionsOver([Promise.resolve(client.asClient())])),
    /in use by another/,
  )
  assert.equal(client.ended, true)
})
