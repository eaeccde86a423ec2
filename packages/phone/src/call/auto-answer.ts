/**
 * Whether the caller asks a phone to answer by itself, in the forms that phones know: `Call-Info` with
 * `answer-after`, `Alert-Info` with `info=alert-autoanswer` (and `delay`), or the words `Auto Answer`.
 */
import type { Headers } from '@tandem/sip'

const DELAY_SECONDS_MAX = 60 // Nobody waits longer; a larger number is a mistake.

/** After how many milliseconds to answer; undefined when nothing asks for it. */
export function autoAnswerMs(headers: Headers): number | undefined {
  for (const value of headers.all('Call-Info')) {
    const seconds = parameter(value, 'answer-after')
    if (seconds !== undefined) return delayMs(seconds)
  }
  for (const value of headers.all('Alert-Info')) {
    if (/^\s*<?\s*(?:auto answer|ring answer)\b/i.test(value)) return 0
    if (parameter(value, 'info')?.toLowerCase() === 'alert-autoanswer')
      return delayMs(parameter(value, 'delay') ?? '0')
  }
  return undefined
}

function delayMs(seconds: string): number {
  return /^\d{1,4}$/.test(seconds) ? Math.min(Number(seconds), DELAY_SECONDS_MAX) * 1_000 : 0
}

/** A parameter behind the URI, without its quotes. */
function parameter(value: string, name: string): string | undefined {
  const close = value.lastIndexOf('>')
  for (const part of value.slice(close + 1).split(';')) {
    const [key = '', text = ''] = part.split('=', 2)
    if (key.trim().toLowerCase() === name) return text.trim().replace(/^"(.*)"$/, '$1')
  }
  return undefined
}
