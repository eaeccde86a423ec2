import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseRtcp, RTCP_COMPOUND_BYTES_MAX, type RtcpPacket, writeRtcp } from './rtcp-packet.ts'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const block = fc.record({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  extendedHighest: uint32,
  jitterTicks: uint32,
  lastReport: uint32,
  delay: uint32,
})
const blocks = fc.array(block, { maxLength: 5 })
const report: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({
    kind: fc.constant('senderReport' as const),
    ssrc: uint32,
    ntpSeconds: uint32,
    ntpFraction: uint32,
    timestamp: uint32,
    packets: uint32,
    octets: uint32,
    blocks,
  }),
  fc.record({ kind: fc.constant('receiverReport' as const), ssrc: uint32, blocks }),
)
const cname = fc.string({ unit: 'binary-ascii', maxLength: 255 })
const description = fc.record({ kind: fc.constant('description' as const), ssrc: uint32, cname })
const ssrcs = fc.array(uint32, { maxLength: 31 })
const goodbye = fc.record({ kind: fc.constant('goodbye' as const), ssrcs })

describe('RTCP compounds (RFC 3550 §6)', () => {
  it('are parsed as they were written', () => {
    fc.assert(
      fc.property(report, description, goodbye, (first, second, third) => {
        const bytes = new Uint8Array(RTCP_COMPOUND_BYTES_MAX)
        const length = writeRtcp(bytes, [first, second, third])
        assert.equal(length % 4, 0)
        // fast-check makes some objects without a prototype.
        const plain = [first, second, third].map((packet) => structuredClone(packet))
        assert.deepEqual(structuredClone(parseRtcp(bytes, length)), plain)
      }),
    )
  })

  it('are refused when cut anywhere but between packets, and when they begin with no report (§A.2)', () => {
    const bytes = new Uint8Array(200)
    const first: RtcpPacket = { kind: 'receiverReport', ssrc: 1, blocks: [] }
    const whole = writeRtcp(bytes, [first, { kind: 'description', ssrc: 1, cname: 'abc' }])
    for (let length = 0; length < whole; length++) {
      assert.equal(parseRtcp(bytes, length) === undefined, length !== 8, `${length} bytes`)
    }
    const lone = writeRtcp(bytes, [{ kind: 'goodbye', ssrcs: [1] }])
    assert.equal(parseRtcp(bytes, lone), undefined)
  })

  it('pass over packet types that we do not know', () => {
    const bytes = new Uint8Array(40)
    const length = writeRtcp(bytes, [
      { kind: 'receiverReport', ssrc: 1, blocks: [] },
      { kind: 'goodbye', ssrcs: [1] },
    ])
    bytes[9] = 204
    assert.equal(parseRtcp(bytes, length)?.length, 1)
  })

  it('survive any bytes (S61)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (bytes.length > 1)
          bytes.set([0x80 | ((bytes[0] as number) & 0x1f), 200 + ((bytes[1] as number) & 3)])
        if (bytes.length > 3) bytes.set([0, (bytes[3] as number) & 15], 2)
        parseRtcp(bytes, bytes.length)
      }),
      { numRuns: 2000 },
    )
  })
})
