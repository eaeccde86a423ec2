/** One channel of 16-bit PCM as a WAV file (RIFF, Microsoft and IBM 1991): a header of 44 bytes, then the samples. */

/** Bytes of the header. */
export const WAV_HEADER_BYTES = 44

/** The file. */
export function wavOf(pcm: Int16Array, rateHz: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + 2 * pcm.length)
  const view = new DataView(bytes.buffer)
  const text = (at: number, letters: string): void => {
    for (let index = 0; index < letters.length; index++) view.setUint8(at + index, letters.charCodeAt(index))
  }
  text(0, 'RIFF')
  view.setUint32(4, bytes.length - 8, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true) // PCM.
  view.setUint16(22, 1, true) // One channel.
  view.setUint32(24, rateHz, true)
  view.setUint32(28, 2 * rateHz, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, 2 * pcm.length, true)
  for (let index = 0; index < pcm.length; index++)
    view.setInt16(WAV_HEADER_BYTES + 2 * index, pcm[index] ?? 0, true)
  return bytes
}
