/**
 * The encoding thread: follows the journal while recordings are open, encodes as it goes, and finishes on request. It
 * runs at low priority, so that media and signalling always come first (design: a thread for each kind of work).
 */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { openSealed } from '../journal/open-sealed.ts'
import { SegmentTail } from '../journal/segment-tail.ts'
import { Lame } from '../mp3/lame.ts'
import { partName } from '../vault/part-name.ts'
import { JournalEncoder } from './journal-encoder.ts'
import type { EncoderReply, EncoderRequest, EncoderThreadData, EncodingFault } from './protocol.ts'

/** How often the journal is looked at while recordings are open: its writer writes every 100 ms. */
const POLL_MS = 250
/** Niceness of the thread: behind media and signalling, before nothing. */
const NICENESS = 10

const data = workerData as EncoderThreadData // Given by `EncoderPool`.

lowerPriority()
const lame = await Lame.load()
const encoder = new JournalEncoder({
  journalFolder: data.journalFolder,
  partPath: (id, format) => join(data.partFolder, partName(id, format)),
  form: data.form,
  kek: data.kek,
  open: openSealed,
  encoder: () => lame.encoder(),
  done: data.done,
})
let timer: NodeJS.Timeout | undefined

parentPort?.on('message', (request: EncoderRequest) => {
  const reply = answer(request)
  if (reply !== undefined) parentPort?.postMessage(reply)
})

function answer(request: EncoderRequest): EncoderReply | undefined {
  switch (request.kind) {
    case 'follow':
      follow()
      return undefined
    case 'key':
      encoder.useKey(request.id, request.dataKey)
      return undefined
    case 'forget':
      encoder.forget(request.id)
      return undefined
    case 'finish':
      return attempt(request.ask, () => {
        const assembled = encoder.finish(request.id, request.cut, request.dataKey)
        return { kind: 'finished', ask: request.ask, assembled }
      })
    case 'ofCall':
      return attempt(request.ask, () => ({
        kind: 'making',
        ask: request.ask,
        ids: encoder.ofCall(request.callId),
      }))
    case 'inspect':
      return attempt(request.ask, () => {
        const tail = new SegmentTail(request.path, { kek: data.kek, open: openSealed, wants: () => false })
        tail.read(() => {})
        const contents = {
          ids: [...tail.ids],
          hasHeader: tail.hasHeader,
          damaged: tail.damaged !== undefined,
        }
        return { kind: 'contents', ask: request.ask, contents }
      })
  }
}

function attempt(ask: number, work: () => EncoderReply): EncoderReply {
  try {
    return work()
  } catch (error) {
    return { kind: 'failed', ask, fault: faultOf(error) }
  }
}

/** Errors of the system may pass (a full disk is emptied); what the journal lacks will not come. */
function faultOf(error: unknown): EncodingFault {
  const message = error instanceof Error ? error.message : String(error)
  return { message, again: error instanceof Error && 'code' in error }
}

function follow(): void {
  if (timer !== undefined) return
  timer = setTimeout(() => {
    timer = undefined
    encoder.poll()
    if (encoder.openCount > 0) follow()
  }, POLL_MS)
}

function lowerPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, NICENESS)
  } catch {
    // Best effort: without /proc the thread has the priority of its process, and only latency under load differs.
  }
}
