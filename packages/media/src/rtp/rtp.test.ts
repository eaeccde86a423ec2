import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at } from '@tandem/testing'
import fc from 'fast-check'
import { DROPOUT_PACKETS_MAX, MISORDER_PACKETS_MAX, Reception } from './reception.ts'
import {
  RTP_PACKET_BYTES_MAX,
  RtpView,
  sequenceDelta,
  sequenceOf,
  ssrcOf,
  timestampDelta,
  timestampOf,
  writeRtpHeader,
} from './rtp-packet.ts'

function packet(length = 172): Uint8Array {
  const bytes = new Uint8Array(length)
  writeRtpHeader(bytes, 0, false, 1, 2, 3)
  return bytes
}

describe('RTP packets (RFC 3550 §5.1)', () => {
  it('are read as they were written, whatever the values', () => {
    const view = new RtpView()
    const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 127 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 65_535 }),
        uint32,
        uint32,
        (payloadType, marker, sequence, timestamp, ssrc) => {
          const bytes = new Uint8Array(13)
          writeRtpHeader(bytes, payloadType, marker, sequence, timestamp, ssrc)
          assert.equal(view.read(bytes, 13), undefined)
          assert.deepEqual(
            [view.payloadType, view.marker, view.sequence, view.timestamp, view.ssrc],
            [payloadType, marker, sequence, timestamp, ssrc],
          )
          assert.deepEqual(
            [sequenceOf(bytes), timestampOf(bytes), ssrcOf(bytes)],
            [sequence, timestamp, ssrc],
          )
          assert.deepEqual([view.payloadStart, view.payloadEnd], [12, 13])
        },
      ),
    )
  })

  it('are refused when they lie about their own length (S46)', () => {
    const view = new RtpView()
    const edit = (length: number, change: (bytes: Uint8Array) => void) => {
      const bytes = packet(length)
      change(bytes)
      return view.read(bytes, length)
    }
    const cases: [string, string | undefined][] = []
    const check = (name: string, fault: string | undefined) => cases.push([name, fault])
    check('11 bytes', view.read(packet(), 11))
    check('more than there is', view.read(packet(), 173))
    check(
      'version 1',
      edit(172, (bytes) => bytes.fill(0x40, 0, 1)),
    )
    check(
      '15 CSRC in 71 bytes',
      edit(71, (bytes) => bytes.fill(0x8f, 0, 1)),
    )
    check(
      '15 CSRC in 73 bytes',
      edit(73, (bytes) => bytes.fill(0x8f, 0, 1)),
    )
    check(
      'extension without a header',
      edit(15, (bytes) => bytes.fill(0x90, 0, 1)),
    )
    check(
      'extension longer than the packet',
      edit(20, (bytes) => bytes.set([0x90]) ?? bytes.set([0, 0, 0, 2], 12)),
    )
    check(
      'padding longer than the payload',
      edit(20, (bytes) => bytes.set([0xa0]) ?? bytes.fill(9, 19)),
    )
    check(
      'padding of nothing',
      edit(20, (bytes) => bytes.set([0xa0]) ?? bytes.fill(0, 19)),
    )
    check('nothing but a header', view.read(packet(12), 12))
    check(
      'padding only',
      edit(20, (bytes) => bytes.set([0xa0]) ?? bytes.fill(8, 19)),
    )
    assert.deepEqual(cases, [
      ['11 bytes', 'short'],
      ['more than there is', 'short'],
      ['version 1', 'version'],
      ['15 CSRC in 71 bytes', 'csrc'],
      ['15 CSRC in 73 bytes', undefined],
      ['extension without a header', 'extension'],
      ['extension longer than the packet', 'extension'],
      ['padding longer than the payload', 'padding'],
      ['padding of nothing', 'padding'],
      ['nothing but a header', 'empty'],
      ['padding only', 'empty'],
    ])
  })

  it('are taken up to 1500 bytes and not one more', () => {
    const view = new RtpView()
    assert.equal(view.read(packet(RTP_PACKET_BYTES_MAX), RTP_PACKET_BYTES_MAX), undefined)
    assert.equal(view.read(packet(RTP_PACKET_BYTES_MAX + 1), RTP_PACKET_BYTES_MAX + 1), 'long')
  })

  it('never point outside the packet, whatever the bytes (S61)', () => {
    const view = new RtpView()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        if (bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f)
        if (view.read(bytes, bytes.length) !== undefined) return
        assert.ok(view.payloadStart >= 12 && view.payloadStart < view.payloadEnd)
        assert.ok(view.payloadEnd <= bytes.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('compare sequence numbers and timestamps over their wraps', () => {
    assert.deepEqual([sequenceDelta(2, 65_534), sequenceDelta(65_534, 2)], [4, -4])
    assert.deepEqual([timestampDelta(100, 0xffff_ff9c), timestampDelta(0xffff_ff9c, 100)], [200, -200])
  })
})

describe('Reception (RFC 3550 §A.1, §A.3, §A.8)', () => {
  it('extends sequence numbers over wraps and counts loss', () => {
    const reception = new Reception(8000)
    const extended: number[] = []
    for (const sequence of [65_534, 65_535, 0, 3, 2, 4]) {
      extended.push(reception.receive(at(0), 9, sequence, 0))
    }
    assert.deepEqual(extended, [65_534, 65_535, 65_536, 65_539, 65_538, 65_540])
    assert.deepEqual([reception.packetsReceived, reception.packetsLost], [6, 1])
    assert.equal(reception.extendedHighest, 65_540)
    assert.equal(reception.takeFractionLost(), Math.floor(256 / 7))
    assert.equal(reception.takeFractionLost(), 0, 'nothing new')
  })

  it('takes a jump up to the dropout bound as loss, and one past it only when its next packet follows', () => {
    const near = new Reception(8000)
    near.receive(at(0), 9, 0, 0)
    assert.equal(near.receive(at(0), 9, DROPOUT_PACKETS_MAX - 1, 0), DROPOUT_PACKETS_MAX - 1)
    const far = new Reception(8000)
    far.receive(at(0), 9, 0, 0)
    assert.equal(far.receive(at(0), 9, DROPOUT_PACKETS_MAX, 0), -1)
    assert.equal(far.receive(at(0), 9, DROPOUT_PACKETS_MAX + 1, 0), DROPOUT_PACKETS_MAX + 1)
    assert.equal(far.packetsLost, 0)
    const back = new Reception(8000)
    back.receive(at(0), 9, 1000, 0)
    assert.equal(back.receive(at(0), 9, 1000 - MISORDER_PACKETS_MAX, 0), 1000 - MISORDER_PACKETS_MAX)
    assert.equal(back.receive(at(0), 9, 1000 - MISORDER_PACKETS_MAX - 1, 0), -1)
  })

  it('measures jitter as the RFC has it, and none for a steady stream', () => {
    const steady = new Reception(8000)
    const shaken = new Reception(8000)
    for (let index = 0; index < 500; index++) {
      steady.receive(at(20 * index), 9, index, 160 * index)
      shaken.receive(at(20 * index + (index % 2) * 10), 9, index, 160 * index)
    }
    assert.equal(steady.jitterMs, 0)
    assert.ok(Math.abs(shaken.jitterMs - 10) < 0.5)
  })

  it('goes on counting over a change of SSRC', () => {
    const reception = new Reception(8000)
    for (const [ssrc, sequence] of [
      [1, 10],
      [1, 12],
      [2, 500],
      [2, 501],
    ] as const) {
      reception.receive(at(0), ssrc, sequence, 0)
    }
    assert.deepEqual([reception.packetsReceived, reception.packetsLost], [4, 1])
  })
})
