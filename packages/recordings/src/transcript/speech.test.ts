import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SpeechChannel, type SpeechPiece } from './speech-channel.ts'
import { cutAt, hasSpeech } from './speech-cut.ts'
import { speechPieces, UndecodableAudio } from './speech-pieces.ts'
import { amplitudeAt, callMp3, inChunks, tone } from './test-audio.ts'
import { WAV_HEADER_BYTES, wavOf } from './wav.ts'

const RATE = 8_000

describe('cutting audio', () => {
  it('falls into a pause where there is one', () => {
    const speech = tone(440, 10, RATE)
    speech.fill(0, 7.2 * RATE, 7.8 * RATE)
    const at = cutAt(speech, 9 * RATE, RATE) / RATE
    assert.ok(at > 7.2 && at < 7.8, `cut at ${at} s`)
  })

  it('gives all that fits, and never more than fits', () => {
    const speech = tone(440, 3, RATE)
    assert.equal(cutAt(speech, speech.length, RATE), speech.length)
    for (const max of [1, 2, 100, 479, 480, 481, speech.length - 1]) {
      const cut = cutAt(speech, max, RATE)
      assert.ok(cut >= 1 && cut <= max, `${cut} of ${max}`)
    }
  })

  it('tells speech from the noise of a line', () => {
    assert.equal(hasSpeech(new Int16Array(RATE), RATE), false)
    assert.equal(
      hasSpeech(
        Int16Array.from({ length: RATE }, (_, at) => (at % 2 === 0 ? 8 : -8)),
        RATE,
      ),
      false,
    )
    const word = new Int16Array(RATE)
    word.set(tone(440, 0.05, RATE), 5_000)
    assert.equal(hasSpeech(word, RATE), true)
    assert.equal(hasSpeech(new Int16Array(0), RATE), false)
  })
})

describe('a channel', () => {
  const gather = (sourceHz: number, samples: Float32Array, pieceMs: number): SpeechPiece[] => {
    const channel = new SpeechChannel({ channel: 1, sourceHz, pieceMs })
    const pieces: SpeechPiece[] = []
    for (let at = 0; at < samples.length; at += 1_000) {
      channel.append(samples.subarray(at, at + 1_000))
      pieces.push(...channel.pieces(false))
    }
    return [...pieces, ...channel.pieces(true)]
  }

  it('gives every sample once, in pieces that follow on each other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 50, max: 3_000 }),
        (length, pieceMs) => {
          const samples = Float32Array.from({ length }, (_, at) => ((at * 7) % 1_000) / 1_000)
          const pieces = gather(RATE, samples, pieceMs)
          const pcm = pieces.flatMap((piece) => [...piece.pcm])
          assert.deepEqual(
            pcm,
            Array.from(samples, (sample) => Math.round(sample * 32_767)),
          )
          let next = 0
          for (const piece of pieces) {
            assert.equal(piece.startMs, Math.round((next * 1_000) / RATE))
            assert.ok(piece.durationMs <= pieceMs)
            next += piece.pcm.length
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  for (const sourceHz of [44_100, 48_000, 22_050, 16_000, 11_025]) {
    it(`keeps pitch and length of ${sourceHz} Hz, at 16 kHz at most`, () => {
      const samples = Float32Array.from(tone(440, 2, sourceHz), (sample) => sample / 32_768)
      const [piece, ...others] = gather(sourceHz, samples, 60_000)
      assert.ok(piece !== undefined && others.length === 0)
      assert.equal(piece.rateHz, Math.min(sourceHz, 16_000))
      assert.ok(Math.abs(piece.durationMs - 2_000) <= 1, `${piece.durationMs} ms`)
      assert.ok(amplitudeAt(piece.pcm, piece.rateHz, 440) > 0.2)
      assert.ok(amplitudeAt(piece.pcm, piece.rateHz, 880) < 0.01)
    })
  }
})

describe('a WAV file', () => {
  it('says in its header what it holds (RIFF)', () => {
    const file = Buffer.from(wavOf(Int16Array.of(1, -2, 32_767), 16_000))
    assert.equal(file.length, WAV_HEADER_BYTES + 6)
    assert.equal(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16), 'RIFFWAVEfmt ')
    assert.deepEqual([file.readUInt32LE(4), file.readUInt16LE(22), file.readUInt32LE(24)], [42, 1, 16_000])
    assert.deepEqual([file.readUInt32LE(40), file.readInt16LE(46), file.readInt16LE(48)], [6, -2, 32_767])
  })
})

describe('the pieces of an MP3', () => {
  it('hold each channel alone, left the owner and right the other side', async () => {
    const mp3 = await callMp3({ seconds: 4, left: 440, right: 880 })
    const pieces: SpeechPiece[] = []
    for await (const piece of speechPieces(inChunks(mp3, 1_000), { apart: true, pieceMs: 60_000 }))
      pieces.push(piece)
    assert.deepEqual(
      pieces.map((piece) => [piece.channel, piece.startMs, piece.rateHz, Math.round(piece.durationMs / 100)]),
      [
        [0, 0, 8_000, 40],
        [1, 0, 8_000, 40],
      ],
    )
    for (const { channel, pcm, rateHz } of pieces) {
      const [own, other] = channel === 0 ? [440, 880] : [880, 440]
      assert.ok(amplitudeAt(pcm, rateHz, own) > 0.2)
      assert.ok(amplitudeAt(pcm, rateHz, other) < 0.01)
    }
  })

  it('hold both where channels say nothing, whatever the size of what is read', async () => {
    const mp3 = await callMp3({ seconds: 3, left: 440, right: 880 })
    const [piece, ...others] = await Array.fromAsync(
      speechPieces(inChunks(mp3, 1 << 20), { apart: false, pieceMs: 60_000 }),
    )
    assert.ok(piece !== undefined && others.length === 0)
    assert.ok(amplitudeAt(piece.pcm, piece.rateHz, 440) > 0.1)
    assert.ok(amplitudeAt(piece.pcm, piece.rateHz, 880) > 0.1)
  })

  it('are none of what is no MP3', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100_000, 'no MP3 ')])
      await assert.rejects(
        Array.fromAsync(speechPieces(inChunks(bytes, 4_096), { apart: true, pieceMs: 1_000 })),
        UndecodableAudio,
      )
  })

  it('let go of the audio when nobody reads on', async () => {
    const mp3 = await callMp3({ seconds: 20, left: 440, right: 880 })
    let closed = false
    async function* audio(): AsyncGenerator<Uint8Array> {
      try {
        yield* inChunks(mp3, 1_000)
      } finally {
        closed = true
      }
    }
    for await (const piece of speechPieces(audio(), { apart: true, pieceMs: 1_000 })) {
      assert.equal(piece.channel, 0)
      break
    }
    assert.equal(closed, true)
  })
})
