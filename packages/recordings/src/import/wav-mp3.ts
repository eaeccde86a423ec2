/**
 * A WAV file as the MP3 that it becomes: its channels stay apart, its rate stays where MPEG has it, the bit rate follows
 * from both. Runs in the media thread; gives frames as they are made, so that neither file is ever whole in memory.
 */
import type { Lame, Mp3Form } from '../mp3/lame.ts'
import type { MediaSource } from './media-source.ts'
import { Resampler } from './resampler.ts'
import type { WavFacts } from './wav-file.ts'
import { wavSamples } from './wav-samples.ts'

/** Rates that MPEG audio has. */
const RATES_HZ = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
/** Encoded bytes handed over at a time. */
const OUTPUT_BYTES_MIN = 65_536

/**
 * The form for sound of this kind: the rate itself, or where MPEG lacks it the half or the next above; 32 kbit/s for
 * each channel of telephone and wide-band speech, 48 up to 24 kHz, 64 above.
 */
export function mp3FormFor(sound: Pick<WavFacts, 'channels' | 'rateHz'>): Mp3Form {
  let wantedHz = sound.rateHz
  while (wantedHz > 48_000) wantedHz /= 2
  const rateHz = RATES_HZ.find((rate) => rate >= wantedHz) ?? 48_000
  const kbit = rateHz <= 16_000 ? 32 : rateHz <= 24_000 ? 48 : 64
  return { channels: sound.channels, rateHz, bitsPerSecond: kbit * 1_000 * sound.channels }
}

/** Encodes all of it. Each piece is the caller's to keep. */
export async function* wavToMp3(
  source: MediaSource,
  facts: WavFacts,
  lame: Lame,
): AsyncGenerator<Uint8Array, void, undefined> {
  const form = mp3FormFor(facts)
  const encoder = lame.encoder(form)
  const bringOver = channelsBroughtOver(facts, form.rateHz)
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0
  const gather = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return
    gathered.push(bytes.slice()) // The encoder uses its memory again.
    gatheredBytes += bytes.length
  }
  try {
    for await (const samples of wavSamples(source, facts)) {
      const { left, right } = bringOver.push(samples.left, samples.right)
      gather(encoder.encode(left, right))
      if (gatheredBytes < OUTPUT_BYTES_MIN) continue
      yield Buffer.concat(gathered)
      gathered = []
      gatheredBytes = 0
    }
    const { left, right } = bringOver.finish()
    gather(encoder.encode(left, right))
    gather(encoder.finish())
    if (gatheredBytes > 0) yield Buffer.concat(gathered)
  } finally {
    encoder.close()
  }
}

interface BroughtOver {
  push(left: Int16Array, right: Int16Array): { left: Int16Array; right: Int16Array }
  finish(): { left: Int16Array; right: Int16Array }
}

function channelsBroughtOver(facts: WavFacts, rateHz: number): BroughtOver {
  if (facts.rateHz === rateHz) {
    const none = new Int16Array(0)
    return { push: (left, right) => ({ left, right }), finish: () => ({ left: none, right: none }) }
  }
  const one = new Resampler(facts.rateHz, rateHz)
  const other = facts.channels === 2 ? new Resampler(facts.rateHz, rateHz) : undefined
  return {
    push(left, right) {
      const first = one.push(left)
      return { left: first, right: other?.push(right) ?? first }
    },
    finish() {
      const first = one.finish()
      return { left: first, right: other?.finish() ?? first }
    },
  }
}
