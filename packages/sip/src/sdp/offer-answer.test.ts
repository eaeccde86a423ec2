import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Direction, SessionDescription } from './description.ts'
import { directionOf, mirror, narrowed, receives, sends } from './direction.ts'
import {
  type AudioAbilities,
  answerFor,
  type LocalMedia,
  makeOffer,
  type Negotiated,
  negotiated,
  withVersion,
} from './offer-answer.ts'
import { parseSdp } from './parse-sdp.ts'
import { printSdp } from './print-sdp.ts'

const LOCAL: LocalMedia = { host: '198.51.100.1', rtpPort: 20_000, sessionId: '7', version: 1 }
const ABLE: AudioAbilities = { codecs: ['PCMU', 'PCMA'], dtmf: true, comfortNoise: true }
const HEAD = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n'

function parsed(text: string): SessionDescription {
  const description = parseSdp(text)
  assert.ok(!('kind' in description))
  return description
}

/** The answer to the media lines, and what was negotiated. */
function answered(media: string, able: AudioAbilities = ABLE): { lines: string[]; negotiated: Negotiated } {
  const result = answerFor(parsed(HEAD + media), able, LOCAL)
  assert.ok(result.kind === 'answer', result.kind === 'refused' ? result.reason : '')
  const lines = printSdp(result.answer).split('\r\n').slice(4, -1)
  return { lines: lines.filter((line) => line !== 't=0 0'), negotiated: result.negotiated }
}

describe('makeOffer', () => {
  it('offers the codecs in our order, comfort noise and events (RFC 3264 §5.1)', () => {
    const offer = makeOffer({ ...LOCAL, ...ABLE })
    assert.deepEqual(printSdp(offer).split('\r\n'), [
      'v=0',
      'o=- 7 1 IN IP4 198.51.100.1',
      's=-',
      'c=IN IP4 198.51.100.1',
      't=0 0',
      'm=audio 20000 RTP/AVP 0 8 13 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:13 CN/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ])
    assert.deepEqual(parseSdp(printSdp(offer)), offer)
  })

  it('keeps the number and order of the lines that were there before (RFC 3264 §8)', () => {
    const previous = parsed(
      `${HEAD}m=video 0 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8\r\nm=image 5000 udptl t38\r\n`,
    )
    const offer = makeOffer({ ...LOCAL, ...ABLE, previous, direction: 'sendonly', rtcpPort: 20_005 })
    assert.deepEqual(
      offer.media.map(({ media, port, direction }) => [media, port, direction]),
      [
        ['video', 0, 'inactive'],
        ['audio', 20_000, 'sendonly'],
        ['image', 0, 'inactive'],
      ],
    )
    assert.equal(offer.media[1]?.rtcpPort, 20_005)
  })
})

describe('answerFor', () => {
  it('takes the first codec of the offer that we know, under its number (RFC 3264 §6.1)', () => {
    const { lines, negotiated: agreed } = answered(
      'm=audio 4000 RTP/AVP 9 8 0 96 13\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\na=rtcp:4009\r\n',
    )
    assert.deepEqual(lines, [
      'm=audio 20000 RTP/AVP 8 13 96',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:13 CN/8000',
      'a=rtpmap:96 telephone-event/8000',
      'a=fmtp:96 0-15',
      'a=ptime:20',
      'a=sendrecv',
    ])
    assert.deepEqual(agreed, {
      codec: 'PCMA',
      payloadType: 8,
      clockRateHz: 8_000,
      ptimeMs: 30,
      dtmfPayloadType: 96,
      comfortNoisePayloadType: 13,
      remote: { host: '192.0.2.1', port: 4_000, rtcpPort: 4_009 },
      direction: 'sendrecv',
      send: true,
      receive: true,
    })
  })

  it('finds a codec under a dynamic number, and adds nothing that was not offered', () => {
    const { lines, negotiated: agreed } = answered('m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 pcmu/8000\r\n')
    assert.deepEqual(lines.slice(0, 2), ['m=audio 20000 RTP/AVP 97', 'a=rtpmap:97 PCMU/8000'])
    assert.deepEqual(
      [agreed.codec, agreed.payloadType, agreed.dtmfPayloadType, agreed.comfortNoisePayloadType],
      ['PCMU', 97, undefined, undefined],
    )
  })

  it('refuses the other lines with port 0, in their places (RFC 3264 §6)', () => {
    const { lines } = answered(
      'm=video 3000 RTP/AVP 31 34\r\nm=audio 0 RTP/AVP 0\r\nm=audio 4000 RTP/AVP 0\r\nm=audio 5000 RTP/AVP 0\r\n',
    )
    assert.deepEqual(
      lines.filter((line) => line.startsWith('m=')),
      ['m=video 0 RTP/AVP 31 34', 'm=audio 0 RTP/AVP 0', 'm=audio 20000 RTP/AVP 0', 'm=audio 0 RTP/AVP 0'],
    )
  })

  it('mirrors the direction, and narrows it to what we want (RFC 3264 §6.1)', () => {
    const table: readonly (readonly [Direction, Direction, Direction])[] = [
      ['sendrecv', 'sendrecv', 'sendrecv'],
      ['sendonly', 'sendrecv', 'recvonly'],
      ['recvonly', 'sendrecv', 'sendonly'],
      ['inactive', 'sendrecv', 'inactive'],
      ['sendrecv', 'sendonly', 'sendonly'],
      ['sendonly', 'sendonly', 'inactive'],
    ]
    for (const [offered, wanted, expected] of table) {
      const { lines, negotiated: agreed } = answered(`m=audio 4000 RTP/AVP 0\r\na=${offered}\r\n`, {
        ...ABLE,
        direction: wanted,
      })
      assert.equal(lines.at(-1), `a=${expected}`)
      assert.deepEqual([agreed.send, agreed.receive], [sends(expected), receives(expected)])
    }
    const held = answerFor(
      parsed(`${HEAD.replace('c=IN IP4 192.0.2.1', 'c=IN IP4 0.0.0.0')}m=audio 4000 RTP/AVP 0\r\n`),
      ABLE,
      LOCAL,
    )
    assert.equal(held.kind === 'answer' && held.negotiated.direction, 'inactive')
  })

  it('earns a 488 when nothing fits', () => {
    for (const media of [
      '',
      'm=video 3000 RTP/AVP 31\r\n',
      'm=audio 4000 RTP/AVP 9 18\r\n',
      'm=audio 4000 RTP/SAVP 0\r\n',
      'm=audio 0 RTP/AVP 0\r\n',
      'm=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/16000\r\n',
    ])
      assert.equal(answerFor(parsed(HEAD + media), ABLE, LOCAL).kind, 'refused', media)
  })

  it('keeps packet times between 10 and 60 ms', () => {
    const ptime = (attributes: string): number =>
      answered(`m=audio 4000 RTP/AVP 0\r\n${attributes}`).negotiated.ptimeMs
    assert.deepEqual(
      ['', 'a=ptime:5\r\n', 'a=ptime:200\r\n', 'a=ptime:40\r\na=maxptime:30\r\n'].map(ptime),
      [20, 10, 60, 30],
    )
  })
})

describe('negotiated', () => {
  const offer = makeOffer({ ...LOCAL, ...ABLE })

  it('agrees with what the answerer negotiated, from the other side', () => {
    const result = answerFor(
      offer,
      { codecs: ['PCMA'], dtmf: true },
      { ...LOCAL, host: '192.0.2.7', rtpPort: 30_000 },
    )
    assert.ok(result.kind === 'answer')
    assert.deepEqual(negotiated(offer, result.answer), {
      codec: 'PCMA',
      payloadType: 8,
      clockRateHz: 8_000,
      ptimeMs: 20,
      dtmfPayloadType: 101,
      remote: { host: '192.0.2.7', port: 30_000, rtcpPort: 30_001 },
      direction: 'sendrecv',
      send: true,
      receive: true,
    })
  })

  it('sees the direction from our side, never wider than we offered', () => {
    const seen = (ours: Direction, theirs: Direction): Direction | undefined =>
      negotiated(
        makeOffer({ ...LOCAL, ...ABLE, direction: ours }),
        parsed(`${HEAD}m=audio 4000 RTP/AVP 0\r\na=${theirs}\r\n`),
      )?.direction
    assert.equal(seen('sendrecv', 'recvonly'), 'sendonly')
    assert.equal(seen('sendonly', 'recvonly'), 'sendonly')
    assert.equal(seen('sendonly', 'sendrecv'), 'sendonly')
    assert.equal(seen('sendrecv', 'inactive'), 'inactive')
  })

  it('takes no answer that refuses, adds, drops or invents (RFC 3264 §6, §7)', () => {
    for (const media of [
      '',
      'm=audio 0 RTP/AVP 0\r\n',
      'm=audio 4000 RTP/AVP 9\r\n',
      'm=video 4000 RTP/AVP 0\r\n',
      'm=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\n',
      'm=audio 4000 RTP/AVP 13\r\n',
    ])
      assert.equal(negotiated(offer, parsed(HEAD + media)), undefined, media)
    const silent = makeOffer({ ...LOCAL, codecs: ['PCMU'], dtmf: false })
    const agreed = negotiated(
      silent,
      parsed(`${HEAD}m=audio 4000 RTP/AVP 0 101 13\r\na=rtpmap:101 telephone-event/8000\r\n`),
    )
    assert.deepEqual([agreed?.dtmfPayloadType, agreed?.comfortNoisePayloadType], [undefined, undefined])
  })
})

it('withVersion adds one when something changed, and only then (RFC 3264 §8)', () => {
  const first = makeOffer({ ...LOCAL, ...ABLE })
  assert.equal(withVersion(first, makeOffer({ ...LOCAL, ...ABLE, version: 9 })), first)
  const held = withVersion(first, makeOffer({ ...LOCAL, ...ABLE, direction: 'sendonly' }))
  assert.deepEqual([held.origin.version, held.media[0]?.direction], ['2', 'sendonly'])
  const old = { ...first, origin: { ...first.origin, version: '18446744073709551614' } }
  assert.equal(withVersion(old, held).origin.version, '18446744073709551615')
})

it('directions form a small algebra (RFC 3264 §6.1)', () => {
  const all: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']
  for (const direction of all) {
    assert.equal(mirror(mirror(direction)), direction)
    assert.equal(narrowed(direction, 'sendrecv'), direction)
    assert.equal(narrowed(direction, 'inactive'), 'inactive')
    assert.equal(directionOf({ send: sends(direction), receive: receives(direction) }), direction)
  }
  assert.deepEqual(all.map(mirror), ['sendrecv', 'recvonly', 'sendonly', 'inactive'])
})
