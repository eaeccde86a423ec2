/** Audio that is sent as it is: the sound track of an imported MP4, and WAV, told by their first bytes. */
import { TranscriberError } from './transcriber.ts'

/** The form of a file that is not decoded here; undefined for MP3. */
export function wholeFormOf(
  first: Uint8Array,
): { readonly name: string; readonly contentType: string } | undefined {
  const head = Buffer.from(first.subarray(0, 12)).toString('latin1')
  if (head.slice(4, 8) === 'ftyp') return { name: 'audio.m4a', contentType: 'audio/mp4' }
  if (head.startsWith('RIFF') && head.slice(8) === 'WAVE')
    return { name: 'audio.wav', contentType: 'audio/wav' }
  return undefined
}

/** All of it; a `TranscriberError` when it is larger than the endpoint takes. */
export async function readWhole(
  audio: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of audio) {
    bytes += chunk.length
    if (bytes > bytesMax) {
      const message = `The sound is larger than the ${bytesMax} bytes that the endpoint takes, and cannot be cut in this form: import it as MP3`
      throw new TranscriberError(message, { again: false })
    }
    chunks.push(chunk)
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
