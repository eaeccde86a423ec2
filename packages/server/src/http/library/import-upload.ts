/**
 * `PUT /tandem/v1/imports/{importId}/media`: the media of an import, whole or in stretches, straight to disk. What came
 * stays when the connection breaks, and the upload goes on from `receivedBytes`. The answer to the last stretch is the
 * finished import; media that cannot be read is a 400 in the words of the import.
 */
import type { Actor, Import } from '@tandem/recordings'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import type { IncomingBody } from '../request-body.ts'
import { acting } from './acting.ts'
import { type SentRange, sentRange } from './content-range.ts'
import { importOf } from './import-view.ts'

/** Takes media in. */
export const uploadImport: Operation = {
  id: 'uploadImport',
  answer: 'RecordingImport',
  takes: 'stream',
  async run(request, services) {
    const body = incoming(request)
    const range = sentRange(request.headers['content-range'], body.lengthBytes)
    const actor = acting(request, 'uploadImport')
    const stretch = new Stretch(body.bytes, range.lengthBytes)
    const result = await receive(request, services, { actor, range, stretch })
    if (stretch.fault !== undefined) throw invalid('Content-Range', stretch.fault)
    if (result.state === 'failed') throw new Failure('media_unreadable', result.error)
    return { body: importOf(result) }
  },
}

interface Upload {
  readonly actor: Actor
  readonly range: SentRange
  readonly stretch: Stretch
}

async function receive(request: ApiRequest, services: Services, upload: Upload): Promise<Import> {
  const { actor, range, stretch } = upload
  const { imports } = services.recordings
  const id = request.params['importId'] ?? ''
  const known = await imports.get(actor.orgId, id)
  if (known === undefined) throw new Failure('import_not_found')
  const { sizeBytes } = known
  if (range.totalBytes !== undefined && sizeBytes !== undefined && range.totalBytes !== sizeBytes)
    throw invalid('Content-Range', `names ${range.totalBytes} bytes in all where ${sizeBytes} were announced`)
  const { offset, isLast: last } = range
  const result = await imports.receive(actor, id, { offset, last, bytes: stretch.bytes() })
  await stretch.close()
  if (result === 'missing') throw new Failure('import_not_found')
  if (result === 'conflict') throw await conflict(services, actor, id)
  return result
}

/** Says where the upload goes on, when that was the matter. */
async function conflict(services: Services, actor: Actor, id: string): Promise<Failure> {
  const known = await services.recordings.imports.get(actor.orgId, id)
  const goesOn = known?.state === 'waiting' || known?.state === 'receiving'
  return new Failure(
    'import_state_conflict',
    goesOn
      ? `The upload goes on from byte ${known.receivedBytes}, once nothing else is sent to it`
      : `The import is ${known?.state ?? 'gone'} and takes nothing more`,
  )
}

/** The bytes of one request, held to the length that its range names: what is too much or missing leaves the rest whole. */
class Stretch {
  /** What was wrong with the length. */
  fault: string | undefined
  readonly #source: AsyncIterator<Uint8Array>
  readonly #lengthBytes: number | undefined

  constructor(source: AsyncIterable<Uint8Array>, lengthBytes: number | undefined) {
    this.#source = source[Symbol.asyncIterator]()
    this.#lengthBytes = lengthBytes
  }

  /** Breaks off at a wrong length, so that nobody takes the stretch for whole. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    let sent = 0
    for (;;) {
      const piece = await this.#source.next()
      if (piece.done === true) break
      sent += piece.value.length
      if (sent > (this.#lengthBytes ?? sent)) throw this.#broken('names fewer bytes than came')
      yield piece.value
    }
    if (sent < (this.#lengthBytes ?? sent)) throw this.#broken('names more bytes than came')
  }

  /** Nothing more is wanted of the request. */
  async close(): Promise<void> {
    await this.#source.return?.()
  }

  #broken(fault: string): Error {
    this.fault = fault
    return new Error(fault)
  }
}

function incoming({ body }: ApiRequest): IncomingBody {
  if (typeof body === 'object' && body !== null && 'bytes' in body) return body as IncomingBody // What a stream comes as.
  return { lengthBytes: 0, bytes: nothing() }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No body: nothing comes.
}
