import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at } from '@tandem/testing'
import { DtmfReceiver, DtmfSender, EVENT_SILENCE_MS } from './telephone-event.ts'

function event(digit: number, duration: number, ended = false): Uint8Array {
  return Uint8Array.of(digit, (ended ? 0x80 : 0) | 10, duration >> 8, duration & 255)
}

/** What a receiver makes of [ms, timestamp, payload] in turn. */
function hear(
  packets: readonly (readonly [number, number, Uint8Array])[],
  receiver = new DtmfReceiver(),
): string {
  return packets
    .map(([ms, timestamp, payload]) => receiver.receive(at(ms), timestamp, payload, 0, payload.length) ?? '.')
    .join('')
}

describe('DtmfReceiver (RFC 4733 §2.5.2)', () => {
  it('counts a press once, though its end comes three times', () => {
    assert.equal(
      hear([
        [0, 100, event(5, 160)],
        [20, 100, event(5, 320)],
        [40, 100, event(5, 480, true)],
        [40, 100, event(5, 480, true)],
        [60, 100, event(5, 480, true)],
      ]),
      '5....',
    )
  })

  it('counts a press of which only the end arrived', () => {
    assert.equal(hear([[0, 100, event(11, 800, true)]]), '#')
  })

  it('counts the same digit pressed twice as two', () => {
    assert.equal(
      hear([
        [0, 100, event(1, 160, true)],
        [100, 900, event(1, 160)],
        [110, 100, event(1, 160, true)],
      ]),
      '11.',
    )
  })

  it('takes the next segment of a press longer than 65535 ticks as the same press (§2.5.1.3)', () => {
    assert.equal(
      hear([
        [0, 100, event(3, 65_000)],
        [20, 100, event(3, 65_535)],
        [40, 100 + 65_535, event(3, 160)],
        [60, 100 + 65_535, event(3, 320, true)],
      ]),
      '3...',
    )
  })

  it('lets no press sound for ever when its end is lost (S47)', () => {
    const receiver = new DtmfReceiver()
    hear([[0, 100, event(5, 160)]], receiver)
    assert.ok(receiver.sounding(at(EVENT_SILENCE_MS)))
    assert.ok(!receiver.sounding(at(EVENT_SILENCE_MS + 1)))
  })

  it('ignores payloads too short and events that are no digits (S47)', () => {
    assert.equal(
      hear([
        [0, 100, Uint8Array.of(5, 10, 0)],
        [0, 200, event(16, 160)],
        [0, 300, event(255, 160)],
      ]),
      '...',
    )
  })
})

describe('DtmfSender (RFC 4733 §2.5.1)', () => {
  it('sends a press with one timestamp, a growing duration and its end three times', () => {
    const sender = new DtmfSender(8000)
    assert.ok(sender.press('7', 60, 40))
    const trace: string[] = []
    for (let tick = 0; tick < 8; tick++) {
      const packet = sender.next(1000 + 160 * tick, 160)
      if (packet === undefined) trace.push(sender.busy ? 'gap' : 'idle')
      else {
        const [digit, flags, high, low] = packet.payload as unknown as [number, number, number, number]
        const end = flags >= 0x80 ? ' end' : ''
        trace.push(`${packet.timestamp} ${digit} ${256 * high + low}${packet.marker ? ' marker' : ''}${end}`)
      }
    }
    assert.deepEqual(trace, [
      '1000 7 160 marker',
      '1000 7 320',
      '1000 7 480 end',
      '1000 7 480 end',
      '1000 7 480 end',
      'gap',
      'idle',
      'idle',
    ])
  })

  it('is heard by our receiver, digit by digit', () => {
    const sender = new DtmfSender(8000)
    const receiver = new DtmfReceiver()
    assert.ok(sender.press('15#D*0'))
    let heard = ''
    for (let tick = 0; sender.busy; tick++) {
      const packet = sender.next(160 * tick, 160)
      if (packet === undefined) continue
      heard += receiver.receive(at(20 * tick), packet.timestamp, packet.payload, 0, 4) ?? ''
    }
    assert.equal(heard, '15#D*0')
  })

  it('refuses what is no digit, and a 65th press', () => {
    const sender = new DtmfSender(8000)
    assert.ok(!sender.press('12x'))
    assert.ok(!sender.busy)
    assert.ok(sender.press('1'.repeat(64)))
    assert.ok(!sender.press('1'))
  })
})
