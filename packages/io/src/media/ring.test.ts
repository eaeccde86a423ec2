import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Random } from '@tandem/testing'
import { newRing, RING_PACKET_BYTES_MAX, RingReader, RingWriter } from './ring.ts'

/** Far above what it takes, so that a reader that sleeps on is a failure. */
const PATIENCE_MS = 8_000

type Taken = { readonly channel: number; readonly bytes: number[] }

function ends(bytes: number): { writer: RingWriter; reader: RingReader; taken: Taken[] } {
  const memory = newRing(bytes)
  const taken: Taken[] = []
  const reader = new RingReader(memory, (channel, packet, length) => {
    taken.push({ channel, bytes: Array.from(packet.subarray(0, length)) })
  })
  return { writer: new RingWriter(memory), reader, taken }
}

describe('the ring between two workers', () => {
  it('gives out what was put in, in order, whatever the sizes and however it wraps', () => {
    for (let seed = 0; seed < 50; seed++) {
      const random = new Random(seed)
      const { writer, reader, taken } = ends(1_024)
      const put: Taken[] = []
      for (let step = 0; step < 400; step++) {
        const packet = random.bytes(random.below(200))
        const channel = random.below(1_000)
        if (writer.write(channel, packet, packet.length)) put.push({ channel, bytes: Array.from(packet) })
        if (random.chance(0.4)) reader.drain()
      }
      reader.drain()
      assert.deepEqual(taken, put, `seed ${seed}`)
      assert.ok(put.length > 100, `seed ${seed}: ${put.length} got through`)
    }
  })

  it('drops and counts what finds it full, and goes on when there is room again', () => {
    const { writer, reader, taken } = ends(256)
    const packet = new Uint8Array(56)
    const written = Array.from({ length: 10 }, () => writer.write(1, packet, packet.length))
    assert.equal(written.filter(Boolean).length, 3) // 3 x (8 + 56) of 256 bytes; a fourth would fill it to the brim.
    assert.equal(writer.dropped, 7)
    reader.drain()
    assert.ok(writer.write(2, packet, packet.length))
    reader.drain()
    assert.deepEqual(
      taken.map((each) => each.channel),
      [1, 1, 1, 2],
    )
  })

  it('takes a packet at the size limit and none above it', () => {
    const { writer, reader, taken } = ends(1 << 16)
    assert.ok(writer.write(1, new Uint8Array(RING_PACKET_BYTES_MAX), RING_PACKET_BYTES_MAX))
    assert.ok(!writer.write(1, new Uint8Array(RING_PACKET_BYTES_MAX + 1), RING_PACKET_BYTES_MAX + 1))
    reader.drain()
    assert.equal(taken.length, 1)
  })

  it('wakes a sleeping reader from another thread, again and again', { timeout: PATIENCE_MS }, async () => {
    const memory = newRing(1 << 16)
    const count = 200
    const seen: number[] = []
    const all = Promise.withResolvers<void>()
    const reader = new RingReader(memory, (channel) => {
      seen.push(channel)
      if (seen.length === count) all.resolve()
    })
    reader.listen()
    const thread = new Worker(
      `const { workerData } = require('node:worker_threads')
       import(workerData.ring).then(async ({ RingWriter }) => {
         const writer = new RingWriter(workerData.memory)
         for (let i = 0; i < ${count}; i++) {
           writer.write(i, new Uint8Array(20), 20)
           if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
         }
       })`,
      { eval: true, workerData: { memory, ring: new URL('./ring.ts', import.meta.url).href } },
    )
    const keep = setInterval(() => {}, 1_000) // A sleeping reader alone does not hold a process.
    await all.promise
    clearInterval(keep)
    reader.stop()
    await thread.terminate()
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, index) => index),
    )
  })
})
