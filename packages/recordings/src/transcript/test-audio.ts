/** Sound for tests: tones, a call of two tones as one of our MP3s, and an ear for what came of them. */
import { infoFrame, musicCrc } from '../mp3/info-frame.ts'
import { Lame } from '../mp3/lame.ts'

let lame: Promise<Lame> | undefined

/** A tone at a third of full scale. */
export function tone(frequencyHz: number, seconds: number, rateHz: number): Int16Array {
  const samples = Math.round(seconds * rateHz)
  return Int16Array.from({ length: samples }, (_, at) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * at) / rateHz)),
  )
}

/** An MP3 as the encoder of recordings makes it; a channel without a tone is silent. */
export async function callMp3(call: {
  readonly seconds: number
  readonly left?: number
  readonly right?: number
  /** Stretches in seconds in which nobody speaks. */
  readonly silent?: readonly (readonly [from: number, to: number])[]
}): Promise<Uint8Array> {
  lame ??= Lame.load()
  const encoder = (await lame).encoder()
  const [left, right] = [call.left, call.right].map((frequency) => {
    const pcm =
      frequency === undefined ? new Int16Array(call.seconds * 8_000) : tone(frequency, call.seconds, 8_000)
    for (const [from, to] of call.silent ?? []) pcm.fill(0, from * 8_000, to * 8_000)
    return pcm
  })
  const frames = encoder.encode(left ?? new Int16Array(), right ?? new Int16Array()).slice()
  const body = Buffer.concat([frames, encoder.finish().slice()])
  encoder.close()
  const samples = call.seconds * 8_000
  const head = infoFrame({ samples, bodyBytes: body.length, crc: musicCrc(body, 0) })
  return Buffer.concat([head, body])
}

/** Bytes as a file is read. */
export async function* inChunks(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

/** How much of a tone there is, as an amplitude from 0 to 1 (Goertzel). */
export function amplitudeAt(pcm: Int16Array, rateHz: number, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz)
  let [last, before] = [0, 0]
  for (const sample of pcm) [last, before] = [sample / 32_768 + coefficient * last - before, last]
  const power = last * last + before * before - coefficient * last * before
  return (2 * Math.sqrt(Math.max(0, power))) / pcm.length
}
