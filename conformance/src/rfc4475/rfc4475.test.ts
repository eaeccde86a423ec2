/**
 * The torture messages of RFC 4475 against our parser and validator: every message has its verdict, and the ones that
 * are taken mean what their section says. Also the promise that no message of 64 kB takes longer than 5 ms.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  encodeUtf8,
  isTransactionBranch,
  MESSAGE_BYTES_MAX,
  parseAuth,
  parseContactList,
  parseCSeq,
  parseMessage,
  parseNameAddr,
  parseSdp,
  parseUri,
  parseVia,
  printMessage,
  refusalOf,
  type SipMessage,
  type SipRequest,
  StreamFramer,
  validateRequest,
  validateResponse,
} from '@tandem/sip'
import { VERDICTS, type Verdict } from './verdicts.ts'

const FOLDER = new URL('../../rfc4475/', import.meta.url)
const ARCHIVE = new URL('../../../../shared/torture/rfc4475/', import.meta.url)

function bytesOf(name: string): Buffer {
  return readFileSync(new URL(`${name}.dat`, FOLDER))
}

function messageOf(name: string): SipMessage {
  const message = parseMessage(bytesOf(name))
  assert.ok(message.kind !== 'failure', message.kind === 'failure' ? message.reason : '')
  return message
}

function requestOf(name: string): SipRequest {
  const message = messageOf(name)
  assert.ok(message.kind === 'request')
  return message
}

function header(message: SipMessage, name: string): string {
  return message.headers.get(name) ?? ''
}

/** What our user agent does with a message, and the answer that it sends, if any. */
function judge(bytes: Uint8Array): { verdict: Verdict['verdict']; answer?: SipMessage } {
  const message = parseMessage(bytes)
  if (message.kind === 'failure') {
    if (Buffer.from(bytes.subarray(0, 4)).toString() === 'SIP/') return { verdict: 'dropped' }
    if (message.request === undefined) return { verdict: message.status }
    return { verdict: message.status, answer: refusalOf(message.request, message) }
  }
  if (message.kind === 'response')
    return { verdict: validateResponse(message) === undefined ? 'accepted' : 'dropped' }
  const refusal = validateRequest(message)
  return refusal === undefined
    ? { verdict: 'accepted' }
    : { verdict: refusal.status, answer: refusalOf(message, refusal) }
}

describe('RFC 4475', () => {
  it('is here in full: 49 messages, each with one verdict', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.dat'))
    assert.equal(files.length, 49)
    assert.deepEqual(files.toSorted(), VERDICTS.map(({ name }) => `${name}.dat`).toSorted())
  })

  const archive = existsSync(ARCHIVE)
  it('is the same as the raw archive, byte for byte', {
    skip: archive ? false : 'the archive is not beside the repository',
  }, () => {
    for (const { name } of VERDICTS)
      assert.ok(readFileSync(new URL(`${name}.dat`, ARCHIVE)).equals(bytesOf(name)), name)
  })

  for (const { name, section, verdict, unanswerable, why } of VERDICTS) {
    it(`§${section} ${name}: ${typeof verdict === 'number' ? `refused with ${verdict}` : verdict}: ${why}`, () => {
      const result = judge(bytesOf(name))
      assert.equal(result.verdict, verdict)
      if (typeof verdict !== 'number') return
      assert.equal(result.answer === undefined, unanswerable === true)
      if (result.answer !== undefined)
        assert.notEqual(parseMessage(printMessage(result.answer)).kind, 'failure')
    })
  }

  it('is printed and read again without a change, where it parses', () => {
    for (const { name } of VERDICTS) {
      const message = parseMessage(bytesOf(name))
      if (message.kind === 'failure') continue
      const again = parseMessage(printMessage(message))
      assert.ok(again.kind !== 'failure', name)
      const withoutLength = (each: SipMessage): unknown =>
        [...each.headers].filter(([field]) => field !== 'Content-Length')
      assert.deepEqual(withoutLength(again), withoutLength(message), name)
      assert.deepEqual(Buffer.from(again.body), Buffer.from(message.body), name)
    }
  })

  it('comes out of a stream as out of a datagram, where it has a Content-Length', () => {
    for (const { name } of VERDICTS) {
      const bytes = bytesOf(name)
      const message = parseMessage(bytes)
      if (message.kind === 'failure' || !message.headers.has('Content-Length')) continue
      const [output] = new StreamFramer().push(bytes)
      assert.ok(output?.kind === 'message', name)
      assert.deepEqual([...output.message.headers], [...message.headers], name)
      assert.deepEqual(Buffer.from(output.message.body), Buffer.from(message.body), name)
    }
  })
})

describe('what the messages of RFC 4475 mean', () => {
  it('§3.1.1.1 wsinv', () => {
    const message = requestOf('wsinv')
    assert.deepEqual(
      message.headers.all('Via').map((via) => parseVia(via)?.host),
      ['192.0.2.2', 'spindle.example.com', '192.168.255.111'],
    )
    assert.deepEqual(parseCSeq(header(message, 'CSeq')), { number: 9, method: 'INVITE' })
    assert.equal(parseNameAddr(header(message, 'To'))?.params.get('tag'), '1918181833n')
    assert.equal(parseNameAddr(header(message, 'From'))?.displayName, 'J Rosenberg \\"')
    const contacts = parseContactList(message.headers.all('Contact'))
    assert.ok(Array.isArray(contacts))
    assert.deepEqual([contacts[0]?.displayName, contacts[0]?.q], ['Quoted string ""', 0.33])
    assert.equal(header(message, 'Newfangledheader'), 'newfangled value continued newfangled value')
    assert.equal(header(message, 'Subject'), '')
  })

  it('§3.1.1.2 intmeth', () => {
    const message = requestOf('intmeth')
    assert.equal(message.method, "!interesting-Method0123456789_*+`.%indeed'~")
    assert.equal(parseNameAddr(header(message, 'To'))?.displayName, 'BEL:\u0007 NUL:\u0000 DEL:\u007f')
    assert.equal(parseNameAddr(header(message, 'From'))?.displayName, "token1~` token2'+_ token3*%!.-")
    const uri = parseUri(message.uri)
    assert.equal(uri?.kind === 'sip' && uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
  })

  it('§3.1.1.3 esc01, §3.1.1.4 escnull, §3.1.1.5 esc02, §3.1.1.9 semiuri: escapes', () => {
    const user = (text: string): string | undefined => {
      const uri = parseUri(text)
      return uri?.kind === 'sip' ? uri.user : undefined
    }
    assert.equal(user(requestOf('esc01').uri), 'sips:user@example.com')
    assert.equal(parseNameAddr(header(requestOf('esc01'), 'To'))?.uriText, 'sip:%75se%72@example.com')
    assert.equal(user('sip:%75se%72@example.com'), 'user')
    const [contact] = requestOf('esc01').headers.all('Contact')
    const uri = parseNameAddr(contact ?? '')?.uri
    assert.deepEqual(uri?.kind === 'sip' && [...uri.params], [
      ['lr', ''],
      ['name', 'value%41'],
    ])
    assert.deepEqual(
      requestOf('escnull')
        .headers.all('Contact')
        .map((text) => user(parseNameAddr(text)?.uriText ?? '')),
      ['\0', '\0\0'],
    )
    assert.deepEqual(
      [requestOf('esc02').method, requestOf('esc02').headers.all('Contact').length],
      ['RE%47IST%45R', 2],
    )
    assert.equal(parseNameAddr(header(requestOf('esc02'), 'To'))?.displayName, '%Z%45')
    assert.equal(user(requestOf('semiuri').uri), 'user;par=u@example.net')
  })

  it('§3.1.1.7 longreq, §3.1.1.8 dblreq, §3.1.1.10 transports: lists and ends', () => {
    assert.equal(requestOf('longreq').headers.all('Via').length, 34)
    assert.equal(requestOf('dblreq').body.length, 0)
    assert.deepEqual(
      requestOf('transports')
        .headers.all('Via')
        .map((via) => parseVia(via)?.transport),
      ['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'],
    )
  })

  it('§3.1.1.11 mpart01: the body has its 553 bytes, binary as they are', () => {
    const { body } = requestOf('mpart01')
    assert.equal(body.length, 553)
    assert.ok(body.includes(0x82) && body.includes(0))
  })

  it('§3.1.1.12 unreason, §3.1.1.13 noreason: reasons', () => {
    const reason = (name: string): string | undefined => {
      const message = messageOf(name)
      return message.kind === 'response' ? message.reason : undefined
    }
    assert.equal(reason('unreason'), '= 2**3 * 5**2 но сто девяносто девять - простое')
    assert.equal(reason('noreason'), '')
  })

  it('§3.1.2.15 baddn: with an empty line at its end, the comma alone is enough', () => {
    const whole = Buffer.concat([bytesOf('baddn'), Buffer.from('\r\n')])
    assert.notEqual(parseMessage(whole).kind, 'failure')
    assert.equal(judge(whole).verdict, 400)
  })

  it('§3.2.1 badbranch: the branch names no transaction', () => {
    assert.equal(
      isTransactionBranch(parseVia(header(requestOf('badbranch'), 'Via'))?.params.get('branch')),
      false,
    )
  })

  it('§3.3.5 bext01: the answer names what is not supported', () => {
    const { answer } = judge(bytesOf('bext01'))
    assert.deepEqual(answer?.headers.all('Unsupported'), ['nothingSupportsThis', 'nothingSupportsThisEither'])
  })

  it('§3.3.6 invut: the answer says what is', () => {
    assert.deepEqual(judge(bytesOf('invut')).answer?.headers.all('Accept'), ['application/sdp'])
  })

  it('§3.3.7 regaut01: the credentials are read, and their scheme is nobody’s', () => {
    assert.equal(parseAuth(header(requestOf('regaut01'), 'Authorization'))?.scheme, 'NoOneKnowsThisScheme')
  })

  it('§3.3.12 cparam01, §3.3.13 cparam02, §3.3.14 regescrt: whose parameter it is', () => {
    const sizes = (name: string): unknown => {
      const contact = parseNameAddr(header(requestOf(name), 'Contact'))
      return (
        contact?.uri.kind === 'sip' && [
          contact.params.size,
          contact.uri.params.size,
          contact.uri.headers.size,
        ]
      )
    }
    assert.deepEqual(['cparam01', 'cparam02', 'regescrt'].map(sizes), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
  })

  it('§3.4.1 inv2543: its offer is read to the end of the datagram', () => {
    const description = parseSdp(requestOf('inv2543').body)
    assert.equal('kind' in description ? undefined : description.media[0]?.port, 49_217)
  })
})

describe('the time that one message may take', () => {
  const HEADERS = ['Contact', 'To', 'Via', 'Route', 'Authorization', 'Accept', 'X-Any', 'Call-ID', 'Date']
  const UNITS = [
    '"',
    '\\',
    '"\\',
    '<',
    ',',
    ';',
    ' ',
    '\r\n ',
    ';a=',
    '%',
    ':',
    '[',
    '::',
    '.',
    '\t,',
    'a',
    'ü',
    '\\\u0001',
  ]
  const LIMIT_MS = 5

  /** The shortest of several runs, since this machine does other things too. */
  function costMs(work: () => void): number {
    let best = Number.POSITIVE_INFINITY
    for (let turn = 0; turn < 8 && best > LIMIT_MS / 4; turn++) {
      const start = performance.now()
      work()
      best = Math.min(best, performance.now() - start)
    }
    return best
  }

  function pad(bytes: Uint8Array): Uint8Array {
    const whole = new Uint8Array(MESSAGE_BYTES_MAX)
    whole.fill(0x20)
    whole.set(bytes.subarray(0, MESSAGE_BYTES_MAX))
    return whole
  }

  it('is 5 ms at most for any header full of what parsers trip over', () => {
    for (const name of HEADERS) {
      for (const unit of UNITS) {
        const line = `${name}: ${unit.repeat(Math.floor(8_000 / unit.length))}`
        const frame = requestOf('zeromf')
        const text = [
          'OPTIONS sip:b@h SIP/2.0',
          line,
          ...[...frame.headers].map(([each, value]) => `${each}: ${value}`),
          `Y-A: ${line}`,
          `Y-B: ${line}`,
        ]
        const bytes = pad(encodeUtf8(`${text.join('\r\n')}\r\n\r\n`))
        const ms = costMs(() => void judge(bytes))
        assert.ok(ms <= LIMIT_MS, `${name} full of ${JSON.stringify(unit)} took ${ms.toFixed(1)} ms`)
      }
    }
  })

  it('is 5 ms at most for a body of SDP full of the same', () => {
    const head = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n'
    for (const type of ['m=audio 1 RTP/AVP', 'a=rtpmap:96', 'a=fmtp:96', 'c=IN IP6', 'a=ptime:', 'a=x:']) {
      for (const unit of UNITS) {
        const line = `${type} ${unit.repeat(Math.floor(1_000 / unit.length))}\r\n`
        const ms = costMs(() => void parseSdp(`${head}m=audio 1 RTP/AVP 0\r\n${line.repeat(15)}`))
        assert.ok(ms <= LIMIT_MS, `${type} full of ${JSON.stringify(unit)} took ${ms.toFixed(1)} ms`)
      }
    }
  })
})
