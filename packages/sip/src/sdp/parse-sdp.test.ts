import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import type { SessionDescription } from './description.ts'
import {
  parseSdp,
  SDP_CHARS_MAX,
  SDP_FORMATS_MAX,
  SDP_LINE_CHARS_MAX,
  SDP_LINES_MAX,
  SDP_MEDIA_MAX,
  SDP_WORD_CHARS_MAX,
} from './parse-sdp.ts'
import { printSdp } from './print-sdp.ts'

const HEAD = 'v=0\r\no=ada 2890844526 2890842807 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n'
const AUDIO = 'm=audio 49170 RTP/AVP 0 8 101\r\n'

function parsed(text: string): SessionDescription {
  const description = parseSdp(text)
  assert.ok(!('kind' in description), 'kind' in description ? description.reason : '')
  return description
}

function reasonOf(text: string): string {
  const description = parseSdp(text)
  return 'kind' in description ? description.reason : 'fine'
}

const lines = (count: number, line: string): string => line.repeat(count)

describe('parseSdp', () => {
  it('reads an audio description (RFC 8866 §5)', () => {
    const text = `${HEAD}${AUDIO}a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=rtcp:49180 IN IP4 192.0.2.9\r\na=rtcp-mux\r\na=sendonly\r\na=label:1\r\n`
    assert.deepEqual(parsed(text), {
      origin: { username: 'ada', sessionId: '2890844526', version: '2890842807', host: '192.0.2.1' },
      name: '-',
      media: [
        {
          media: 'audio',
          port: 49_170,
          protocol: 'RTP/AVP',
          formats: [
            { payloadType: 0, encoding: 'PCMU', clockRateHz: 8_000, channels: 1 },
            { payloadType: 8, encoding: 'PCMA', clockRateHz: 8_000, channels: 1 },
            { payloadType: 101, encoding: 'TELEPHONE-EVENT', clockRateHz: 8_000, channels: 1, fmtp: '0-16' },
          ],
          formatTokens: ['0', '8', '101'],
          host: '192.0.2.1',
          direction: 'sendonly',
          ptimeMs: 20,
          rtcpPort: 49_180,
          rtcpMux: true,
          attributes: ['label:1'],
        },
      ],
    })
  })

  it('takes LF alone, and a direction on a last line without any end (RFC 8866 §5)', () => {
    const text = `${HEAD}${AUDIO}a=inactive`.replaceAll('\r\n', '\n')
    assert.equal(parsed(text).media[0]?.direction, 'inactive')
  })

  it('lets a line override the session: connection, direction, packet time', () => {
    const { media } = parsed(
      `${HEAD}a=recvonly\r\na=ptime:30\r\n${AUDIO}${AUDIO}c=IN IP6 2001:db8::1\r\na=sendrecv\r\na=ptime:10\r\n`,
    )
    assert.deepEqual(
      media.map(({ host, direction, ptimeMs }) => [host, direction, ptimeMs]),
      [
        ['192.0.2.1', 'recvonly', 30],
        ['2001:db8::1', 'sendrecv', 10],
      ],
    )
  })

  it('reads the old way to hold, c=0.0.0.0, as inactive (RFC 3264 §8.4)', () => {
    assert.equal(
      parsed(HEAD.replace('c=IN IP4 192.0.2.1', 'c=IN IP4 0.0.0.0') + AUDIO).media[0]?.direction,
      'inactive',
    )
  })

  it('fills in static formats, and leaves out dynamic ones that nothing explains (RFC 3551 §6)', () => {
    const [line] = parsed(`${HEAD}m=audio 4000 RTP/AVP 18 9 96\r\n`).media
    assert.deepEqual(
      line?.formats.map(({ encoding }) => encoding),
      ['G729', 'G722'],
    )
    assert.deepEqual(line.formatTokens, ['18', '9', '96'])
  })

  it('keeps the tokens of lines that are not RTP', () => {
    const [line] = parsed(`${HEAD}m=image 4000 udptl t38\r\na=fmtp:t38 x\r\n`).media
    assert.deepEqual([line?.formats, line?.formatTokens, line?.attributes], [[], ['t38'], ['fmtp:t38 x']])
  })

  it('needs a connection only where something is received', () => {
    const bare = HEAD.replace('c=IN IP4 192.0.2.1\r\n', '')
    assert.equal(reasonOf(bare + AUDIO), 'Missing Connection')
    assert.equal(reasonOf(bare + AUDIO.replace('49170', '0')), 'fine')
    assert.equal(reasonOf(`${bare}${AUDIO}c=IN IP4 192.0.2.1`), 'fine')
  })

  it('refuses each kind of nonsense by its rule', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['', 'Missing Origin'],
      ['v=1\r\n', 'Unknown Version'],
      ['o=- 1 1 IN IP4 h\r\n', 'Unknown Version'],
      ['v=0\r\nhello\r\n', 'Line Without Type'],
      [HEAD.replace('2890844526', 'x'), 'Malformed Origin'],
      [HEAD.replace('o=ada ', 'o='), 'Malformed Origin'],
      [HEAD.replace('c=IN IP4 192.0.2.1', 'c=IN IP6 1::2::3'), 'Malformed Connection'],
      [HEAD.replace('c=IN IP4 192.0.2.1', 'c=IN IP4 a b'), 'Malformed Connection'],
      [`${HEAD}m=audio 65536 RTP/AVP 0`, 'Malformed Port'],
      [`${HEAD}m=audio x RTP/AVP 0`, 'Malformed Port'],
      [`${HEAD}m=audio 1 RTP//AVP 0`, 'Malformed Protocol'],
      [`${HEAD}m=audio 1 RTP/AVP`, 'Malformed Format List'],
      [`${HEAD}m=audio 1 RTP/AVP 128`, 'Malformed Format List'],
      [`${HEAD}${AUDIO}a=rtpmap:128 X/8000`, 'Payload Type Out Of Range'],
      [`${HEAD}${AUDIO}a=rtpmap:96 X/0`, 'Malformed Format'],
      [`${HEAD}${AUDIO}a=rtpmap:96 /8000`, 'Malformed Format'],
      [`${HEAD}${AUDIO}a=fmtp:128 x`, 'Payload Type Out Of Range'],
      [`${HEAD}${AUDIO}a=ptime:0`, 'Malformed Packet Time'],
      [`${HEAD}${AUDIO}a=ptime:1001`, 'Malformed Packet Time'],
      [`${HEAD}${AUDIO}a=rtcp:65536`, 'Malformed RTCP Port'],
      [`${HEAD}${AUDIO}a=:x`, 'Malformed Attribute'],
      [`${HEAD}${AUDIO}a=x:\ry\r\n`, 'Bare CR'],
      [`${HEAD}\0`, 'NUL Byte'],
    ]
    for (const [text, expected] of cases)
      assert.equal(reasonOf(text), expected, JSON.stringify(text.slice(-30)))
    assert.equal(reasonOf(`${HEAD}${AUDIO}a=ptime:1000\r\na=ptime:20.0`), 'fine')
  })

  it('holds its limits: at each and one past it', () => {
    const head = HEAD + AUDIO
    const used = head.split('\r\n').length - 1
    const formats = (count: number): string => `${HEAD}m=audio 1 RTP/AVP${' 0'.repeat(count)}\r\n`
    const word = (length: number): string => `${HEAD}m=${'w'.repeat(length)} 0 RTP/AVP 0\r\n`
    const line = (length: number): string => `${head}a=${'x'.repeat(length - 2)}`
    const whole = (length: number): string => {
      const filler = head + lines(16, `a=${'x'.repeat(1_000)}\r\n`)
      return `${filler}a=${'x'.repeat(length - filler.length - 2)}`
    }
    const cases: readonly (readonly [string, string, string])[] = [
      [formats(SDP_FORMATS_MAX), formats(SDP_FORMATS_MAX + 1), 'Malformed Format List'],
      [word(SDP_WORD_CHARS_MAX), word(SDP_WORD_CHARS_MAX + 1), 'Malformed Media Type'],
      [line(SDP_LINE_CHARS_MAX), line(SDP_LINE_CHARS_MAX + 1), 'Line Too Long'],
      [
        head + lines(SDP_LINES_MAX - used, 'a=x\r\n'),
        head + lines(SDP_LINES_MAX - used + 1, 'a=x\r\n'),
        'Too Many Lines',
      ],
      [HEAD + lines(SDP_MEDIA_MAX, AUDIO), HEAD + lines(SDP_MEDIA_MAX + 1, AUDIO), 'Too Many Media Lines'],
      [whole(SDP_CHARS_MAX), whole(SDP_CHARS_MAX + 1), 'Too Long'],
    ]
    for (const [at, past, expected] of cases) {
      assert.equal(reasonOf(at), 'fine', expected)
      assert.equal(reasonOf(past), expected)
    }
  })
})

describe('printSdp', () => {
  it('writes what phones expect, the shared connection once', () => {
    const text = `${HEAD.replace('s=-', 's=call')}m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=rtcp:4010\r\na=rtcp-mux\r\na=label:1\r\na=sendrecv\r\n`
    assert.equal(printSdp(parsed(text)), text)
  })

  it('writes IPv6, and a connection a line where they differ', () => {
    const text = printSdp(parsed(`${HEAD}${AUDIO}c=IN IP6 ::1\r\n${AUDIO}`))
    assert.ok(text.includes('\r\nc=IN IP6 ::1\r\n') && text.includes('\r\nc=IN IP4 192.0.2.1\r\n'))
    assert.ok(text.indexOf('c=') > text.indexOf('m='))
  })

  it('is read back as the same description, whatever was damaged on the way', () => {
    const original = `${HEAD}${AUDIO}a=rtpmap:101 telephone-event/8000/1\r\na=fmtp:101 0-16\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\nc=IN IP6 ::\r\na=sendonly\r\n`
    for (let seed = 0; seed < 3_000; seed++) {
      const random = new Random(seed)
      let text = original
      for (let change = random.below(5); change >= 0; change--) {
        const at = random.below(text.length)
        const inserted = random.pick([
          '',
          ' ',
          '\r',
          '\n',
          '\r\n',
          ':',
          '=',
          '/',
          '0',
          '999',
          'a=',
          'm=',
          '\0',
          'ü',
        ])
        text = text.slice(0, at) + inserted + text.slice(at + random.below(4))
      }
      const once = parseSdp(text)
      if ('kind' in once) continue
      assert.deepEqual(parseSdp(printSdp(once)), once, `seed ${seed}`)
    }
  })
})
