/**
 * A transcriber behind any endpoint that speaks OpenAI's `POST /v1/audio/transcriptions`: multipart with `file`, `model`,
 * `language` and `response_format`. One channel at a time, so that speakers are known; long audio in pieces below the
 * endpoint's size limit, their times shifted back; both channels merged by time.
 *
 * `verbose_json` gives times; a server that refuses it with 400 is asked for `json`, then for `text`, with shorter pieces
 * instead, since a piece is then the finest time there is.
 */
import type { Secret } from '@tandem/base'
import { type HeardAnswer, hearAnswer, type ResponseForm } from './openai-answer.ts'
import { OpenAiEndpoint } from './openai-endpoint.ts'
import type { SpeechPiece } from './speech-channel.ts'
import { cutAt, hasSpeech } from './speech-cut.ts'
import { speechPieces, UndecodableAudio } from './speech-pieces.ts'
import { type HeardPiece, type Transcriber, TranscriberError, type TranscriberTask } from './transcriber.ts'
import type { Transcript, TranscriptSegment } from './transcripts.ts'
import { WAV_HEADER_BYTES, wavOf } from './wav.ts'
import { readWhole, wholeFormOf } from './whole-audio.ts'

/** Largest file that OpenAI takes; other servers take more. */
export const UPLOAD_BYTES_MAX: number = 25 * 1_024 * 1_024
/** Longest piece with times in its answer: an answer has to come within one request's patience. */
export const PIECE_MS_MAX: number = 10 * 60 * 1_000
/** Longest piece when the answer has no times. */
export const PIECE_MS_UNTIMED = 30_000
/** Longest wait for one answer, below the 300 s after which Node's `fetch` gives up by itself. */
export const REQUEST_MS_MAX = 280_000

/** How the endpoint is used. */
export interface OpenAiTranscriberOptions {
  /** Such as `https://api.openai.com/v1`; `/audio/transcriptions` is added when it is not there. */
  readonly url: string
  /** Sent as a bearer token; absent for servers that want none. */
  readonly key?: Secret<string>
  readonly model: string
  /** A language tag for tasks that name none; absent: what the engine hears. */
  readonly language?: string
  readonly uploadBytesMax?: number
  readonly pieceMs?: number
  readonly untimedPieceMs?: number
  readonly requestMs?: number
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** The forms asked for, in the order of preference. */
const FORMS: readonly ResponseForm[] = ['verbose_json', 'json', 'text']

/** One endpoint. Throws a `RangeError` that names the fault when its address cannot be used. */
export class OpenAiTranscriber implements Transcriber {
  readonly #options: OpenAiTranscriberOptions
  readonly #endpoint: OpenAiEndpoint
  /** Which of `FORMS` the server takes, as far as is known. */
  #form = 0

  constructor(options: OpenAiTranscriberOptions) {
    this.#options = options
    this.#endpoint = new OpenAiEndpoint({ requestMs: REQUEST_MS_MAX, ...options })
  }

  async transcribe(task: TranscriberTask): Promise<Transcript> {
    const pieces: HeardPiece[] = []
    const { first, whole, close } = await peek(task.audio)
    try {
      const form = wholeFormOf(first)
      if (form === undefined) for await (const heard of this.#hear(whole, task)) pieces.push(heard)
      else pieces.push(await this.#hearWhole(whole, form, task))
    } catch (error) {
      if (error instanceof UndecodableAudio) throw new TranscriberError(error.message, { again: false })
      throw error
    } finally {
      await close()
    }
    const segments = pieces.flatMap((piece) => piece.segments)
    const language =
      task.language ??
      this.#options.language ??
      pieces.find((piece) => piece.language !== undefined)?.language
    return {
      ...(language === undefined ? {} : { language }),
      engine: this.#options.model,
      segments: segments.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs),
    }
  }

  async *#hear(
    audio: AsyncIterable<Uint8Array>,
    task: TranscriberTask,
  ): AsyncGenerator<HeardPiece, void, undefined> {
    const { uploadBytesMax = UPLOAD_BYTES_MAX, pieceMs = PIECE_MS_MAX } = this.#options
    // At 16 kHz and two bytes a sample a millisecond has 32 bytes.
    const fitting = Math.floor((uploadBytesMax - WAV_HEADER_BYTES) / 32)
    const apart = task.speakers.kind === 'sides'
    for await (const piece of speechPieces(audio, { apart, pieceMs: Math.min(pieceMs, fitting) })) {
      task.signal.throwIfAborted()
      if (piece.speech) yield await this.#hearPiece(piece, task)
    }
  }

  /** What was said in a piece, from an earlier attempt when it is known; smaller pieces when answers have no times. */
  async #hearPiece(piece: SpeechPiece, task: TranscriberTask): Promise<HeardPiece> {
    const name = `${piece.channel}:${piece.startMs}:${piece.durationMs}`
    const known = task.heard.get(name)
    if (known !== undefined) return known
    const limit = Math.floor(((this.#options.untimedPieceMs ?? PIECE_MS_UNTIMED) * piece.rateHz) / 1_000)
    if (this.#form > 0 && piece.pcm.length > limit) return this.#hearInParts(piece, limit, task)
    const file = { bytes: wavOf(piece.pcm, piece.rateHz), name: 'audio.wav', contentType: 'audio/wav' }
    const answer = await this.#ask(file, task, (form) => form === 0 || piece.pcm.length <= limit)
    if (answer === 'smaller') return this.#hearInParts(piece, limit, task)
    const heard = placed(answer, piece, speakerOf(task, piece.channel))
    task.heard.set(name, heard)
    await task.answered(piece.durationMs)
    return heard
  }

  async #hearInParts(piece: SpeechPiece, limit: number, task: TranscriberTask): Promise<HeardPiece> {
    const heard: HeardPiece[] = []
    for (let at = 0; at < piece.pcm.length; ) {
      const rest = piece.pcm.subarray(at)
      const pcm = rest.subarray(0, cutAt(rest, limit, piece.rateHz))
      const startMs = piece.startMs + Math.round((at * 1_000) / piece.rateHz)
      const durationMs = Math.round((pcm.length * 1_000) / piece.rateHz)
      task.signal.throwIfAborted()
      if (hasSpeech(pcm, piece.rateHz))
        heard.push(await this.#hearPiece({ ...piece, pcm, startMs, durationMs }, task))
      at += pcm.length
    }
    const language = heard.find((part) => part.language !== undefined)?.language
    const segments = heard.flatMap((part) => part.segments)
    return { ...(language === undefined ? {} : { language }), segments }
  }

  /** Audio in another form than MP3 goes as it is: one voice for all. */
  async #hearWhole(
    audio: AsyncIterable<Uint8Array>,
    form: { readonly name: string; readonly contentType: string },
    task: TranscriberTask,
  ): Promise<HeardPiece> {
    const known = task.heard.get('whole')
    if (known !== undefined) return known
    const bytes = await readWhole(audio, this.#options.uploadBytesMax ?? UPLOAD_BYTES_MAX)
    const answer = await this.#ask({ bytes, ...form }, task, () => true)
    if (answer === 'smaller') throw new TranscriberError('The audio cannot be cut', { again: false })
    const durationMs = Math.max(answer.durationMs ?? 0, ...answer.segments.map((each) => each.endMs))
    const heard = placed(answer, { startMs: 0, durationMs }, undefined)
    task.heard.set('whole', heard)
    await task.answered(durationMs)
    return heard
  }

  /** Asks in the first form that the server takes; `smaller` when the form that is left wants a smaller piece. */
  async #ask(
    file: { readonly bytes: Uint8Array<ArrayBuffer>; readonly name: string; readonly contentType: string },
    task: TranscriberTask,
    fits: (form: number) => boolean,
  ): Promise<HeardAnswer | 'smaller'> {
    const language = task.language ?? this.#options.language
    for (;;) {
      const index = this.#form
      if (!fits(index)) return 'smaller'
      const form = FORMS[index] as ResponseForm // Never counted past the last.
      const fields = {
        model: this.#options.model,
        // The endpoint knows languages, not regions (ISO 639).
        ...(language === undefined ? {} : { language: (language.split('-')[0] ?? language).toLowerCase() }),
        response_format: form,
      }
      try {
        const answer = hearAnswer(await this.#endpoint.post(file, fields, task.signal), form)
        if (index === 0 && !answer.timed) this.#form = 1 // It takes the form and does not give it.
        return answer
      } catch (error) {
        if (index + 1 >= FORMS.length || !refusesForm(error)) throw error
        this.#form = Math.max(this.#form, index + 1)
      }
    }
  }
}

/** Only what speaks of the form is about the form; anything else would fail in every form. */
function refusesForm(error: unknown): boolean {
  if (!(error instanceof TranscriberError) || (error.status !== 400 && error.status !== 422)) return false
  return /response_format|verbose_json|format/i.test(error.message)
}

function speakerOf(task: TranscriberTask, channel: number): string | undefined {
  if (task.speakers.kind === 'mixed') return undefined
  return channel === 0 ? task.speakers.left : task.speakers.right
}

/** Puts an answer in its place in the recording; nothing reaches beyond its piece. */
function placed(
  answer: HeardAnswer,
  piece: { readonly startMs: number; readonly durationMs: number },
  speaker: string | undefined,
): HeardPiece {
  const within = (ms: number): number => piece.startMs + Math.max(0, Math.min(ms, piece.durationMs))
  const untimed = answer.text === '' ? [] : [{ startMs: 0, endMs: piece.durationMs, text: answer.text }]
  const segments: TranscriptSegment[] = (answer.timed ? answer.segments : untimed).map((each) => ({
    startMs: within(each.startMs),
    endMs: within(Math.max(each.startMs, each.endMs)),
    ...(speaker === undefined ? {} : { speaker }),
    text: each.text,
  }))
  return { ...(answer.language === undefined ? {} : { language: answer.language }), segments }
}

/** The first bytes of the audio, the audio from its beginning, and a way to let go of what was not read. */
async function peek(
  audio: AsyncIterable<Uint8Array>,
): Promise<{ first: Uint8Array; whole: AsyncIterable<Uint8Array>; close: () => Promise<void> }> {
  const iterator = audio[Symbol.asyncIterator]()
  const { value, done } = await iterator.next()
  const first = done === true ? new Uint8Array() : (value as Uint8Array) // An iterator that is not done has a value.
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield first
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  const close = async (): Promise<void> => {
    await iterator.return?.()
  }
  return { first, whole: whole(), close }
}
