/**
 * Digits on their way to a phone, and those that a phone sends by INFO.
 *
 * They go as RFC 4733 events, or as tones in the audio, from the media port; a phone that agreed on no events and takes
 * INFO gets them by INFO, one after the other. What one phone sends by INFO reaches the other in that one's own way: nothing
 * of the request goes over.
 */
import { decodeUtf8, encodeUtf8, type SipRequest } from '@tandem/sip'
import { audienceOf, talks } from '../bridge/arrange.ts'
import type { CallHalf } from '../half/half.ts'
import type { Leg } from '../leg/leg.ts'
import type { Core } from '../session/core.ts'
import { keyPressed } from './keys.ts'

/** Largest DTMF body, in bytes: `Signal` and `Duration` lines take under sixty. */
export const DTMF_BODY_BYTES_MAX = 128
/** Most digits that wait for one phone: as many as one command may send. */
export const INFO_DIGITS_MAX = 256
/** From one INFO to the next: the length of the key press it tells of, and a gap. */
export const INFO_DIGIT_MS = 250
/** A comma, as long as it is in the audio. */
export const COMMA_MS = 2_000

const INFO_DURATION_MS = 160
const RELAY_TYPE = 'application/dtmf-relay'
const PLAIN_TYPE = 'application/dtmf'

/** Sends digits to everybody that `half` talks to. */
export function sendToOthers(core: Core, half: CallHalf, digits: string): void {
  for (const other of audienceOf(half.session))
    if (other !== half && other.line.id !== half.line.id && talks(other) && other.leg !== undefined)
      sendToPhone(core, other.leg, digits)
}

/** Sends digits to one phone. */
export function sendToPhone(core: Core, leg: Leg, digits: string): void {
  if (!usesInfo(core, leg)) {
    core.media({ kind: 'sendDigits', leg: leg.id, digits })
    return
  }
  const isIdle = !core.timers.has({ kind: 'half', owner: leg.half, wait: 'digits' })
  leg.infoDigits = (leg.infoDigits + digits).slice(0, INFO_DIGITS_MAX)
  if (isIdle) nextInfoDigit(core, leg.half)
}

/** The time for the next digit by INFO has come. */
export function nextInfoDigit(core: Core, half: CallHalf): void {
  const { leg } = half
  if (leg?.sip === undefined || leg.infoDigits === '') return
  const [digit = ''] = leg.infoDigits
  leg.infoDigits = leg.infoDigits.slice(1)
  if (digit !== ',') {
    const { outputs } = core.endpoint.requestInCall(core.now, leg.sip, {
      method: 'INFO',
      headers: [['Content-Type', RELAY_TYPE]],
      body: encodeUtf8(`Signal=${digit}\r\nDuration=${INFO_DURATION_MS}\r\n`),
    })
    core.sip(outputs)
  }
  core.arm({ kind: 'half', owner: half, wait: 'digits' }, digit === ',' ? COMMA_MS : INFO_DIGIT_MS)
}

/** Takes an INFO of a phone; returns the status that it earns. */
export function infoReceived(core: Core, leg: Leg, request: SipRequest): number {
  if (request.body.length === 0) return 200
  const type = (request.headers.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type !== RELAY_TYPE && type !== PLAIN_TYPE) return 415
  if (request.body.length > DTMF_BODY_BYTES_MAX) return 413
  const digit = digitIn(decodeUtf8(request.body) ?? '', type)
  if (digit === undefined) return 400
  const { half } = leg
  if (half.leg !== leg || half.phase !== 'connected') return 200
  if (talks(half)) sendToOthers(core, half, digit)
  keyPressed(core, leg, digit)
  return 200
}

/** The one digit of a body: `Signal=5` among its lines, or nothing but the digit. */
function digitIn(body: string, type: string): string | undefined {
  const text = type === RELAY_TYPE ? /^\s*Signal\s*=\s*(\S+)\s*$/im.exec(body)?.[1] : body.trim()
  const digit = text === '10' ? '*' : text === '11' ? '#' : text?.toUpperCase()
  return digit !== undefined && /^[0-9*#A-D]$/.test(digit) ? digit : undefined
}

function usesInfo(core: Core, leg: Leg): boolean {
  if (leg.sip === undefined || leg.negotiated?.format.dtmfPayloadType !== undefined) return false
  return core.endpoint.describe(leg.sip)?.allow.includes('INFO') === true
}
