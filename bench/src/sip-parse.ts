/**
 * How many varied SIP messages a second are parsed, changed and printed on one core?
 *
 * Each message is parsed, gets what a back-to-back user agent does to it (a Via on top, a hop less, another Contact; where
 * it has SDP: parsed, address and port replaced, printed) and is printed. The limit beside it, in the same run, only
 * decodes and encodes the same bytes: nothing that reads text can be faster. A second is one of this process's CPU time
 * (garbage collection and compilation included), so that a busy machine does not decide; the wall's is in the details.
 * The checksum sums the bytes printed.
 */
import { spawnSync } from 'node:child_process'
import {
  type MediaDescription,
  parseMessage,
  parseSdp,
  printMessage,
  printSdpBytes,
  type SipMessage,
} from '@tandem/sip'
import type { BenchResult } from './result.ts'

const GOAL_PER_SECOND = 70_000
const MESSAGES = 512
const SECONDS = 2
const WARM_UP_SECONDS = 1

/** What one process measured. */
interface Measured {
  readonly perSecond: number
  readonly perWallSecond: number
  readonly limitPerSecond: number
  readonly checksum: number
}

/** Runs the benchmark; `tiny` takes milliseconds and proves only that it works. */
export async function run(options: { tiny?: boolean }): Promise<BenchResult> {
  const measured = options.tiny === true ? measureAll({ tiny: true }) : measureAlone()
  const messages = variedMessages(MESSAGES)
  const bytes = messages.reduce((sum, message) => sum + message.length, 0)
  return {
    bench: 'sip-parse',
    value: Math.round(measured.perSecond),
    unit: 'messages/s',
    against: 'decoding and encoding the same bytes',
    ratio: round(measured.perSecond / measured.limitPerSecond),
    goal: GOAL_PER_SECOND,
    ok: measured.perSecond >= GOAL_PER_SECOND,
    checksum: measured.checksum,
    details: {
      'by the clock on the wall, messages/s': Math.round(measured.perWallSecond),
      'limit, messages/s': Math.round(measured.limitPerSecond),
      'mean message, bytes': Math.round(bytes / messages.length),
      'with SDP': messages.filter((message) => Buffer.from(message).includes('application/sdp')).length,
      messages: messages.length,
    },
  }
}

/** Measures in a process of its own that collects garbage on the measured core: helpers on others would hide its cost. */
function measureAlone(): Measured {
  const args = ['--single-threaded-gc', import.meta.filename]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the measuring process failed: ${stderr}`)
  return JSON.parse(stdout) as Measured // Written by this very file, below.
}

function measureAll(options: { readonly tiny: boolean }): Measured {
  const messages = variedMessages(MESSAGES)
  measure(messages, relayed, options.tiny ? 0 : WARM_UP_SECONDS)
  measure(messages, recoded, options.tiny ? 0 : WARM_UP_SECONDS)
  const ours = measure(messages, relayed, options.tiny ? 0 : SECONDS)
  const limit = measure(messages, recoded, options.tiny ? 0 : 1)
  return { ...ours, limitPerSecond: limit.perSecond }
}

function round(ratio: number): number {
  return Math.round(ratio * 1_000) / 1_000
}

/** Runs whole rounds over the messages for `seconds` of CPU time at least; the checksum is that of one round. */
function measure(
  messages: readonly Uint8Array[],
  work: (bytes: Uint8Array) => number,
  seconds: number,
): { perSecond: number; perWallSecond: number; checksum: number } {
  const start = performance.now()
  const cpuStart = process.cpuUsage()
  let rounds = 0
  let checksum = 0
  let usedSeconds = 0
  do {
    checksum = 0
    for (const message of messages) checksum += work(message)
    rounds++
    const cpu = process.cpuUsage(cpuStart)
    usedSeconds = (cpu.user + cpu.system) / 1e6
  } while (usedSeconds < seconds)
  const count = rounds * messages.length
  return {
    perSecond: count / usedSeconds,
    perWallSecond: (count * 1_000) / (performance.now() - start),
    checksum,
  }
}

/** What one message costs: the length of what goes out. */
function relayed(bytes: Uint8Array): number {
  const message = parseMessage(bytes)
  if (message.kind === 'failure') throw new Error(`a message of the benchmark is faulty: ${message.reason}`)
  const { headers } = message
  if (message.kind === 'request') {
    headers.prepend('Via', 'SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK7c1d5e0f9a')
    headers.set('Max-Forwards', String(Number(headers.get('Max-Forwards') ?? 70) - 1))
  } else headers.shift('Via')
  if (headers.has('Contact')) headers.set('Contact', '<sip:tandem@198.51.100.1:5060>')
  return printMessage({ ...message, body: changedBody(message) }).length
}

function changedBody(message: SipMessage): Uint8Array {
  if (message.headers.get('Content-Type') !== 'application/sdp') return message.body
  const description = parseSdp(message.body)
  if ('kind' in description)
    throw new Error(`a description of the benchmark is faulty: ${description.reason}`)
  const host = '198.51.100.1'
  const media = description.media.map(
    (line): MediaDescription => ({ ...line, host, port: 20_000, rtcpPort: 20_001 }),
  )
  return printSdpBytes({ ...description, origin: { ...description.origin, host }, media })
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

function recoded(bytes: Uint8Array): number {
  return encoder.encode(decoder.decode(bytes)).length
}

/** INVITE, 180, 200, ACK, BYE, its 200 and REGISTER by turns, from different makes of phone. */
function variedMessages(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(messageText(index)))
}

const PHONES = [
  'Yealink SIP-T54W 96.86.0.100',
  'PolyEdge-E450-UA/8.1.2',
  'baresip v3.1.0 (x86_64/Linux)',
  'Linphone',
]

function messageText(index: number): string {
  const call = Math.floor(index / 7)
  const kind = index % 7
  const host = `192.0.2.${(call % 250) + 1}`
  const agent = PHONES[call % PHONES.length] ?? 'phone'
  const via = `Via: SIP/2.0/UDP ${host}:5060;rport;branch=z9hG4bK${(call * 7919).toString(36)}x${kind}\r\n`
  const from = `From: "Person ${call}" <sip:${1_000 + call}@example.test>;tag=${(call * 104_729).toString(36)}\r\n`
  const to = (tagged: boolean): string =>
    `To: <sip:${2_000 + call}@example.test>${tagged ? `;tag=${(call * 1_299_709).toString(36)}` : ''}\r\n`
  const callId = `Call-ID: ${(call * 15_485_863).toString(16)}-${call}@${host}\r\n`
  const contact = `Contact: <sip:${1_000 + call}@${host}:5060;transport=udp>\r\n`
  const allow = 'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, NOTIFY, REFER, UPDATE, PRACK\r\n'
  const common = (method: string, tagged: boolean): string =>
    `${via}Max-Forwards: 70\r\n${from}${to(tagged)}${callId}CSeq: ${call + 1} ${method}\r\n`
  const answer = (method: string): string =>
    `${via}${from}${to(true)}${callId}CSeq: ${call + 1} ${method}\r\n`
  const nothing = 'Content-Length: 0\r\n\r\n'
  const withSdp = (head: string): string => {
    const body = sdpText(host, 10_000 + 2 * call, call)
    return `${head}Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  const uri = `sip:${2_000 + call}@example.test`
  const extra = `${allow}Supported: replaces, timer, path\r\nUser-Agent: ${agent}\r\n`
  switch (kind) {
    case 0:
      return withSdp(`INVITE ${uri} SIP/2.0\r\n${common('INVITE', false)}${contact}${extra}`)
    case 1:
      return `SIP/2.0 180 Ringing\r\n${answer('INVITE')}${contact}${extra}${nothing}`
    case 2:
      return withSdp(`SIP/2.0 200 OK\r\n${answer('INVITE')}${contact}${extra}`)
    case 3:
      return `ACK ${uri} SIP/2.0\r\n${common('ACK', true)}${nothing}`
    case 4:
      return `BYE ${uri} SIP/2.0\r\n${common('BYE', true)}User-Agent: ${agent}\r\n${nothing}`
    case 5:
      return `SIP/2.0 200 OK\r\n${answer('BYE')}Server: ${agent}\r\n${nothing}`
    default: {
      const proof = `username="${1_000 + call}", realm="example.test", nonce="6f1d5a7b", uri="sip:example.test"`
      const digest = `response="0123456789abcdef0123456789abcdef", algorithm=MD5, qop=auth, nc=00000001, cnonce="f00"`
      return `REGISTER sip:example.test SIP/2.0\r\n${common('REGISTER', false)}${contact}Authorization: Digest ${proof}, ${digest}\r\nExpires: 3600\r\n${extra}${nothing}`
    }
  }
}

function sdpText(host: string, port: number, call: number): string {
  const lines = [
    'v=0',
    `o=- ${call + 1} 1 IN IP4 ${host}`,
    's=call',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0 8 9 18 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:18 G729/8000',
    'a=fmtp:18 annexb=no',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
    'a=sendrecv',
  ]
  return `${lines.join('\r\n')}\r\n`
}

if (import.meta.main) process.stdout.write(JSON.stringify(measureAll({ tiny: false })))
