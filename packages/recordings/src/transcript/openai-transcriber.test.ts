import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { Secret } from '@tandem/base'
import { OpenAiTranscriber, type OpenAiTranscriberOptions } from './openai-transcriber.ts'
import { amplitudeAt, callMp3, inChunks } from './test-audio.ts'
import { type Reply, type Sent, startTestEndpoint, type TestEndpoint } from './test-endpoint.ts'
import { type HeardPiece, TranscriberError, type TranscriberTask } from './transcriber.ts'
import type { Transcript } from './transcripts.ts'

const KEY = 'sk-canary-51c7'
const SIDES = { kind: 'sides', left: 'Tomas Lind', right: 'Mira Okafor' } as const

describe('OpenAiTranscriber', () => {
  let endpoint: TestEndpoint | undefined
  afterEach(async () => {
    await endpoint?.close()
    endpoint = undefined
  })

  const start = async (
    reply: (sent: Sent, index: number) => Reply | Promise<Reply>,
    options: Partial<OpenAiTranscriberOptions> = {},
  ): Promise<OpenAiTranscriber> => {
    endpoint = await startTestEndpoint(reply)
    return new OpenAiTranscriber({
      url: `${endpoint.url}/v1`,
      key: new Secret(KEY),
      model: 'whisper-1',
      ...options,
    })
  }
  const paid: number[] = []
  const task = (mp3: Uint8Array, over: Partial<TranscriberTask> = {}): TranscriberTask => ({
    audio: inChunks(mp3, 10_000),
    speakers: SIDES,
    heard: new Map(),
    answered: async (audioMs) => void paid.push(audioMs),
    signal: new AbortController().signal,
    ...over,
  })
  const faultOf = async (transcript: Promise<Transcript>): Promise<TranscriberError> => {
    const error = await transcript.then(
      () => assert.fail('a transcript was made'),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof TranscriberError, String(error))
    assert.ok(
      !`${error.message}${error.stack}${JSON.stringify(error)}`.includes(KEY),
      'the key is in the error',
    )
    return error
  }

  it('sends each side alone as a WAV file and puts both together by time', async () => {
    const transcriber = await start((sent) => ({
      json: {
        language: 'english',
        duration: 4,
        text: 'x',
        segments: sent.left
          ? [
              { start: 0, end: 1, text: ' Good morning.' },
              { start: 3, end: 9, text: ' Bye.' },
            ]
          : [{ start: 1.5, end: 2.75, text: ' Hello.' }],
      },
    }))
    paid.length = 0
    const mp3 = await callMp3({ seconds: 4, left: 440, right: 880 })
    const made = await transcriber.transcribe(task(mp3))
    assert.deepEqual(made, {
      language: 'en',
      engine: 'whisper-1',
      segments: [
        { startMs: 0, endMs: 1_000, speaker: 'Tomas Lind', text: 'Good morning.' },
        { startMs: 1_500, endMs: 2_750, speaker: 'Mira Okafor', text: 'Hello.' },
        { startMs: 3_000, endMs: 4_000, speaker: 'Tomas Lind', text: 'Bye.' },
      ],
    })
    assert.deepEqual(paid, [4_000, 4_000])
    const sent = endpoint?.sent ?? []
    assert.equal(sent.length, 2)
    for (const { authorization, fields, fileName, path, pcm, rateHz, left } of sent) {
      assert.equal(path, '/v1/audio/transcriptions')
      assert.equal(authorization, `Bearer ${KEY}`)
      assert.deepEqual(fields, { model: 'whisper-1', response_format: 'verbose_json' })
      assert.equal(fileName, 'audio.wav')
      assert.equal(pcm.length, 4 * rateHz)
      const [own, other] = left ? [440, 880] : [880, 440]
      assert.ok(amplitudeAt(pcm, rateHz, own) > 0.25)
      assert.ok(amplitudeAt(pcm, rateHz, other) < 0.01)
    }
  })

  it('sends no silence, and what was asked for as language', async () => {
    const transcriber = await start(
      () => ({ json: { text: 'a', segments: [{ start: 0, end: 1, text: 'a' }] } }),
      {
        language: 'en',
      },
    )
    const mp3 = await callMp3({ seconds: 2, right: 880 })
    const made = await transcriber.transcribe(task(mp3, { language: 'pt-BR' }))
    assert.equal(made.language, 'pt-BR')
    assert.deepEqual(
      endpoint?.sent.map(({ fields, left }) => [left, fields['language']]),
      [[false, 'pt']],
    )
  })

  it('makes an empty transcript of silence without asking anybody', async () => {
    const transcriber = await start(() => ({ json: {} }))
    const made = await transcriber.transcribe(task(await callMp3({ seconds: 2 })))
    assert.deepEqual([made.segments, endpoint?.sent.length], [[], 0])
  })

  it('cuts long audio in pauses and shifts the times back', async () => {
    const transcriber = await start(
      (sent) => ({ json: { text: 'x', segments: [{ start: 0.5, end: 1, text: `${sent.pcm.length}` }] } }),
      { pieceMs: 5_000 },
    )
    const mp3 = await callMp3({
      seconds: 12,
      left: 440,
      silent: [
        [4, 4.5],
        [8, 8.5],
      ],
    })
    const { segments } = await transcriber.transcribe(task(mp3))
    assert.equal(segments.length, 3)
    const starts = segments.map((segment) => segment.startMs - 500)
    assert.equal(starts[0], 0)
    for (const [index, from] of [
      [1, 4_000],
      [2, 8_000],
    ] as const) {
      const cut = starts[index] ?? 0
      assert.ok(cut >= from && cut <= from + 500, `cut at ${cut} ms`)
    }
    assert.equal(
      segments.reduce((sum, segment) => sum + Number(segment.text), 0),
      12 * 8_000,
    )
  })

  it('keeps each file below the size that the endpoint takes', async () => {
    const uploadBytesMax = 44 + 32 * 2_000
    const transcriber = await start(() => ({ json: { text: '', segments: [] } }), { uploadBytesMax })
    await transcriber.transcribe(task(await callMp3({ seconds: 7, left: 440 })))
    const sizes = endpoint?.sent.map((sent) => sent.fileBytes) ?? []
    assert.ok(sizes.length >= 4)
    assert.ok(sizes.every((bytes) => bytes <= uploadBytesMax))
  })

  it('asks for json, then text, when verbose_json is refused, with pieces that give some time', async () => {
    const transcriber = await start(
      ({ fields }) =>
        fields['response_format'] === 'text'
          ? { text: 'plain words\n' }
          : {
              status: 400,
              json: {
                error: { message: `response_format '${fields['response_format']}' is not compatible` },
              },
            },
      { untimedPieceMs: 2_000 },
    )
    const mp3 = await callMp3({ seconds: 5, left: 440 })
    const { segments } = await transcriber.transcribe(task(mp3))
    assert.ok(segments.length >= 3)
    assert.ok(
      segments.every(({ startMs, endMs, text }) => endMs - startMs <= 2_000 && text === 'plain words'),
    )
    assert.equal(segments.at(-1)?.endMs, 5_000)
    const forms = endpoint?.sent.map(({ fields }) => fields['response_format']) ?? []
    assert.deepEqual(forms.slice(0, 3), ['verbose_json', 'json', 'text'])
    assert.ok(
      forms.slice(3).every((form) => form === 'text'),
      'what is known is not asked again',
    )
  })

  it('hears mixed audio once and names nobody', async () => {
    const transcriber = await start(() => ({
      json: { text: 'x', segments: [{ start: 0, end: 1, text: 'x' }] },
    }))
    const mp3 = await callMp3({ seconds: 2, left: 440, right: 880 })
    const { segments } = await transcriber.transcribe(task(mp3, { speakers: { kind: 'mixed' } }))
    assert.deepEqual(segments, [{ startMs: 0, endMs: 1_000, text: 'x' }])
    assert.equal(endpoint?.sent.length, 1)
  })

  it('sends the sound track of an MP4 as it is, up to the size that the endpoint takes', async () => {
    const track = Buffer.concat([Buffer.from('\0\0\0\x20ftypM4A '), Buffer.alloc(5_000, 1)])
    const transcriber = await start(
      () => ({ json: { text: 'x', duration: 3, segments: [{ start: 0, end: 2, text: 'x' }] } }),
      {
        uploadBytesMax: track.length,
      },
    )
    paid.length = 0
    const { segments } = await transcriber.transcribe(task(track))
    assert.deepEqual(segments, [{ startMs: 0, endMs: 2_000, text: 'x' }])
    assert.deepEqual(
      [endpoint?.sent[0]?.fileName, endpoint?.sent[0]?.fileBytes, paid],
      ['audio.m4a', track.length, [3_000]],
    )
    const larger = Buffer.concat([track, Buffer.alloc(1)])
    const error = await faultOf(transcriber.transcribe(task(larger)))
    assert.equal(error.again, false)
    assert.match(error.message, /larger than the 5012 bytes/)
  })

  it('leaves out words that the engine itself thinks are none', async () => {
    const transcriber = await start(() => ({
      json: {
        text: 'Thanks for watching. Hello.',
        segments: [
          { start: 0, end: 1, text: 'Thanks for watching.', no_speech_prob: 0.9, avg_logprob: -1.5 },
          { start: 1, end: 2, text: 'Hello.', no_speech_prob: 0.9, avg_logprob: -0.2 },
        ],
      },
    }))
    const { segments } = await transcriber.transcribe(task(await callMp3({ seconds: 2, left: 440 })))
    assert.deepEqual(
      segments.map((segment) => segment.text),
      ['Hello.'],
    )
  })

  it('does not pay again for what an earlier attempt has heard', async () => {
    const transcriber = await start(
      (_, index) =>
        index === 1
          ? { status: 503, text: 'overloaded' }
          : { json: { text: 'x', segments: [{ start: 0, end: 1, text: `${index}` }] } },
      { pieceMs: 3_000 },
    )
    const mp3 = await callMp3({ seconds: 5, left: 440 })
    const heard = new Map<string, HeardPiece>()
    assert.equal((await faultOf(transcriber.transcribe(task(mp3, { heard })))).again, true)
    const { segments } = await transcriber.transcribe(task(mp3, { heard }))
    assert.deepEqual(
      segments.map((segment) => segment.text),
      ['0', '2'],
    )
  })

  for (const [reply, again, message, retryAfterMs] of [
    [
      { status: 429, headers: { 'retry-after': '7' }, json: { error: { message: 'Slow down' } } },
      true,
      /answered 429: Slow down$/,
      7_000,
    ],
    [
      { status: 429, headers: { 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' } },
      true,
      /answered 429$/,
      30_000,
    ],
    [
      { status: 503, headers: { 'retry-after': 'soon' }, text: '<html>\n away</html>' },
      true,
      /503: <html> away/,
      undefined,
    ],
    [{ status: 500, text: 'x'.repeat(10_000) }, true, /^The transcriber answered 500: x{300}…$/, undefined],
    [
      { status: 401, json: { error: { message: `Incorrect API key provided: ${KEY}` } } },
      false,
      /401: Incorrect API key provided: \[redacted\]$/,
      undefined,
    ],
    [
      { status: 400, json: { detail: 'The audio is too short' } },
      false,
      /400: The audio is too short$/,
      undefined,
    ],
    [{ status: 302, headers: { location: 'http://127.0.0.1:9/' } }, false, /answered 302/, undefined],
    [{ status: 200, text: '<html>' }, true, /is not JSON/, undefined],
    [{ status: 200, json: [] }, true, /has no "text"/, undefined],
    [{ status: 200, json: { text: 'a', segments: [{ start: 'a' }] } }, true, /without times/, undefined],
    [{ status: 200, text: 'x'.repeat(8 * 1_024 * 1_024 + 1) }, false, /more than 8388608 bytes/, undefined],
    [{ hangUp: true }, true, /cannot be reached/, undefined],
  ] as const) {
    it(`sorts a failure: ${JSON.stringify(reply).slice(0, 70)}`, async () => {
      const transcriber = await start(() => reply, { now: () => Date.UTC(2026, 10, 22, 10) })
      const error = await faultOf(transcriber.transcribe(task(await callMp3({ seconds: 1, left: 440 }))))
      assert.match(error.message, message)
      assert.deepEqual([error.again, error.retryAfterMs], [again, retryAfterMs])
    })
  }

  it('gives up a server that does not answer, and may try again', async () => {
    const transcriber = await start(() => ({ never: true }), { requestMs: 100 })
    const error = await faultOf(transcriber.transcribe(task(await callMp3({ seconds: 1, left: 440 }))))
    assert.match(error.message, /did not answer within 0\.1 s/)
    assert.equal(error.again, true)
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const transcriber = await start(() => {
      stop.abort(new Error('the end'))
      return { never: true }
    })
    const mp3 = await callMp3({ seconds: 1, left: 440 })
    await assert.rejects(transcriber.transcribe(task(mp3, { signal: stop.signal })), /the end/)
  })

  it('says that audio which is no MP3 cannot be used', async () => {
    const transcriber = await start(() => ({ json: {} }))
    const error = await faultOf(transcriber.transcribe(task(Buffer.alloc(50_000, 'rot '))))
    assert.deepEqual([error.again, error.message], [false, 'No MP3 frame of the recording could be decoded'])
  })

  for (const [url, fault] of [
    ['localhost:8000', /is not an http or https address/],
    ['no address', /is not an http or https address/],
    ['https://user:pass@host/v1', /holds a user name or password/],
  ] as const) {
    it(`refuses the address ${url}`, () => {
      assert.throws(
        () => new OpenAiTranscriber({ url, model: 'm' }),
        (error: Error) => {
          assert.match(error.message, fault)
          assert.ok(!error.message.includes('pass@'))
          return error instanceof RangeError
        },
      )
    })
  }
})
