/** What is wrong with an uploaded sound, in words for who uploaded it. */
export class SoundError extends Error {
  override readonly name = 'SoundError'
}

/** What is accepted, for the end of such a sentence. */
export const ACCEPTED = 'WAV (PCM of 8 or 16 bit, mu-law, A-law), MP3, or raw mu-law of 8 kHz (audio/basic)'
