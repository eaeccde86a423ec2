/**
 * The decoding thread of one transcript: MP3 in, pieces of single channels out, at low priority and as fast as they are
 * asked for, so that the main thread stays free and an hour of audio never lies in memory whole.
 */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { MPEGDecoder } from 'mpg123-decoder'
import { SpeechChannel } from './speech-channel.ts'
import type { SpeechReply, SpeechRequest, SpeechThreadData } from './speech-protocol.ts'

/** Niceness of the thread: behind media, signalling and encoding. */
const NICENESS = 15

const { apart, pieceMs } = workerData as SpeechThreadData // Given by `speechPieces`.
lowerPriority()
const decoder = new MPEGDecoder()
await decoder.ready
let channels: readonly SpeechChannel[] | undefined
let rateHz = 0

parentPort?.on('message', (request: SpeechRequest) => {
  const reply = answer(request)
  const transfer = reply.kind === 'pieces' ? reply.pieces.map((piece) => piece.pcm.buffer as ArrayBuffer) : []
  parentPort?.postMessage(reply, transfer)
})

function answer(request: SpeechRequest): SpeechReply {
  if (request.kind === 'end') {
    if (channels === undefined)
      return { kind: 'failed', message: 'No MP3 frame of the recording could be decoded' }
    return { kind: 'pieces', pieces: piecesOf(channels, { rest: true }) }
  }
  const { channelData, samplesDecoded, sampleRate } = decoder.decode(request.bytes)
  if (samplesDecoded === 0) return { kind: 'pieces', pieces: [] }
  const [left = new Float32Array(), right = left] = channelData
  if (channels !== undefined && sampleRate !== rateHz)
    return { kind: 'failed', message: `The sampling rate changes from ${rateHz} to ${sampleRate} Hz midway` }
  rateHz = sampleRate
  const numbers = apart ? [0, 1] : [0]
  channels ??= numbers.map((channel) => new SpeechChannel({ channel, sourceHz: rateHz, pieceMs }))
  if (apart) channels[1]?.append(right)
  channels[0]?.append(apart ? left : left.map((sample, at) => (sample + (right[at] ?? sample)) / 2))
  return { kind: 'pieces', pieces: piecesOf(channels, { rest: false }) }
}

function piecesOf(all: readonly SpeechChannel[], { rest }: { readonly rest: boolean }) {
  return all.flatMap((channel) => channel.pieces(rest))
}

function lowerPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, NICENESS)
  } catch {
    // Best effort: without /proc the thread has the priority of its process, and only latency under load differs.
  }
}
