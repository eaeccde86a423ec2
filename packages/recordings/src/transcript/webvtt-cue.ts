/**
 * The text of one WebVTT cue, taken apart (W3C WebVTT §6.4, §6.6): voice spans become speakers, every other tag (`<i>`,
 * `<c.loud>`, `<ruby>`, timestamps) is left out and its words stay.
 */
import type { TranscriptSegment } from './transcripts.ts'

/** The character references that cues use (§3.3), beside numeric ones; any other stays as it is written. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  lrm: '\u200e',
  rlm: '\u200f',
  nbsp: '\u00a0',
  quot: '"',
  apos: "'",
}

/** The stretches of one cue: one for each change of voice, all with the cue's times. */
export function cueSegments(
  payload: string,
  times: { readonly startMs: number; readonly endMs: number },
): TranscriptSegment[] {
  const spoken: { speaker: string; text: string }[] = []
  let speaker = ''
  for (const token of payload.match(/<[^>]*>?|[^<]+/g) ?? []) {
    if (!token.startsWith('<')) {
      const last = spoken.at(-1)
      if (last !== undefined && last.speaker === speaker) last.text += decode(token)
      else spoken.push({ speaker, text: decode(token) })
      continue
    }
    const tag = token.slice(1).replace(/>$/, '')
    const voice = /^v(?:\.[^\s]*)?(?:\s+([\s\S]*))?$/.exec(tag)
    if (voice !== null) speaker = decode(voice[1] ?? '').trim()
    else if (tag === '/v') speaker = ''
  }
  return spoken
    .filter(({ text }) => text.trim() !== '')
    .map((each) => ({
      ...times,
      ...(each.speaker === '' ? {} : { speaker: each.speaker }),
      text: each.text,
    }))
}

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return NAMED[name as string] ?? whole
      const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
      return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\ufffd'
    },
  )
}
