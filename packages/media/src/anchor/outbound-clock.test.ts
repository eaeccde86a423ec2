import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, Random } from '@tandem/testing'
import { sequenceDelta, timestampDelta } from '../rtp/rtp-packet.ts'
import { OutboundClock } from './outbound-clock.ts'

function clock(): OutboundClock {
  const random = new Random(4)
  return new OutboundClock(() => random.next(), 8000)
}

/** Relays [ms, sequence, timestamp] of one source and says each stamp relative to the first. */
function trace(packets: readonly (readonly [number, number, number])[]): string[] {
  const out = clock()
  let first: [number, number] | undefined
  return packets.map(([ms, sequence, timestamp]) => {
    if (!out.relay(at(ms), 9, sequence, timestamp, false, 160)) return 'dropped'
    first ??= [out.sequence, out.timestamp]
    const moved = `${sequenceDelta(out.sequence, first[0])} ${timestampDelta(out.timestamp, first[1])}`
    return out.marker ? `${moved} marker` : moved
  })
}

describe('OutboundClock', () => {
  it('keeps loss and disorder of the source as they are, over its wraps', () => {
    assert.deepEqual(
      trace([
        [0, 65_534, 0xffff_ff60],
        [20, 65_535, 0],
        [60, 1, 320],
        [65, 0, 160],
      ]),
      ['0 0 marker', '1 160', '3 480', '2 320'],
    )
  })

  it('sends no packet twice, and none from before the stretch: that number was another source’s', () => {
    assert.deepEqual(
      trace([
        [0, 10, 1600],
        [5, 9, 1440],
        [20, 11, 1760],
        [21, 11, 1760],
        [22, 8, 1280],
      ]),
      ['0 0 marker', 'dropped', '1 160', 'dropped', 'dropped'],
    )
  })

  it('goes on in time when the source restarts its timestamps, forward or back (S46)', () => {
    assert.deepEqual(
      trace([
        [0, 10, 1600],
        [20, 11, 1600 + 2 ** 30],
        [40, 12, 1760 + 2 ** 30],
        [60, 13, 77],
        [80, 14, 237],
      ]),
      ['0 0 marker', '1 160 marker', '2 320', '3 480 marker', '4 640'],
    )
  })

  it('believes a jump in sequence numbers at its second packet (RFC 3550 §A.1)', () => {
    assert.deepEqual(
      trace([
        [0, 10, 1600],
        [20, 40_000, 1760],
        [40, 40_001, 1920],
        [60, 40_002, 2080],
      ]),
      ['0 0 marker', 'dropped', '1 320 marker', '2 480'],
    )
  })

  it('follows the silence of a source that sends none, however long', () => {
    assert.deepEqual(
      trace([
        [0, 10, 0],
        [300_000, 11, 2_400_000],
      ]),
      ['0 0 marker', '1 2400000'],
    )
  })
})
