import assert from 'node:assert/strict'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { Arrival, REQUEST_MS_MAX, STREAM_STILL_MS_MAX } from './arrival.ts'

/** Timers that a test runs by hand. */
function hand() {
  const timers = new Map<number, { readonly run: () => void; readonly ms: number }>()
  let count = 0
  return {
    start: (run: () => void, ms: number) => {
      const id = count++
      timers.set(id, { run, ms })
      return () => void timers.delete(id)
    },
    waits: () => [...timers.values()].map(({ ms }) => ms),
    over() {
      const [first] = timers
      timers.delete(first?.[0] ?? -1)
      first?.[1].run()
    },
  }
}

function request(headers: IncomingHttpHeaders): IncomingMessage {
  const raw = new Readable({ read() {} })
  return Object.assign(raw, { headers }) as unknown as IncomingMessage // As much of one as is looked at.
}

describe('the arrival of a request (case A12)', () => {
  it('is bounded for a body, and ends with its last byte', async () => {
    const timers = hand()
    const raw = request({ 'content-length': '5' })
    let late = 0
    new Arrival(raw, () => late++, timers.start)
    assert.deepEqual(timers.waits(), [REQUEST_MS_MAX])
    raw.push('12345')
    raw.push(null)
    raw.resume()
    await new Promise((resolve) => raw.once('end', resolve))
    assert.deepEqual(timers.waits(), [])
    const slow = request({ 'transfer-encoding': 'chunked' })
    new Arrival(slow, () => late++, timers.start)
    timers.over()
    assert.equal(late, 1)
  })

  it('waits for nothing where there is no body', () => {
    const timers = hand()
    for (const headers of [{}, { 'content-length': '0' }])
      new Arrival(request(headers), assert.fail, timers.start)
    assert.deepEqual(timers.waits(), [])
  })

  it('lets a stream take its time, but not stand still; what nobody reads has the time of an ordinary body', async () => {
    const timers = hand()
    const raw = request({ 'content-length': '5' })
    const arrival = new Arrival(raw, assert.fail, timers.start)
    arrival.waitForPiece()
    assert.deepEqual(timers.waits(), [STREAM_STILL_MS_MAX])
    arrival.stopWaiting()
    assert.deepEqual(timers.waits(), [], 'a slow disk of ours does not count against the sender')
    arrival.waitForRest()
    assert.deepEqual(timers.waits(), [REQUEST_MS_MAX])
    arrival.waitForPiece()
    const broken = new Promise<Error>((resolve) => raw.once('error', resolve))
    timers.over()
    assert.match((await broken).message, /stood still/)
    arrival.waitForRest()
    assert.deepEqual(timers.waits(), [], 'of a connection that is gone nothing is waited for')
  })
})
