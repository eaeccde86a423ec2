/**
 * `PUT` and `POST /tandem/v1/recordings/{recordingId}/transcript`: a transcript that was made elsewhere, as WebVTT, plain
 * text or JSON; or one that is to be made here. Under legal hold one that is there stays as it is (promise P16).
 */
import { type TokenOperationId, TRANSCRIPT_CHARS_MAX } from '@tandem/contract'
import { type Actor, ErasedRecording, type Transcript } from '@tandem/recordings'
import { bodyReader } from '../body.ts'
import { actorOf } from '../converged-recordings/actor.ts'
import { readableRecording } from '../converged-recordings/visible-recording.ts'
import { Failure, invalid } from '../failure.ts'
import type { ApiRequest, Operation, Services } from '../operation.ts'
import { noted } from './acting.ts'

/** Largest body of a transcript, in bytes: `TRANSCRIPT_CHARS_MAX` characters of any script. */
export const TRANSCRIPT_BODY_BYTES_MAX: number = 16 * 1_024 * 1_024

const readJson = bodyReader('PutTranscriptRequest')
const readRequest = bodyReader('MakeTranscriptRequest')

/** Stores a transcript in place of an earlier one. */
export const putRecordingTranscript: Operation = {
  id: 'putRecordingTranscript',
  takes: 'text',
  bodyBytesMax: TRANSCRIPT_BODY_BYTES_MAX,
  run: changing('putRecordingTranscript', async (request, services) => {
    const transcript = await transcriptOf(request, services)
    return async (actor, id) => {
      if (!(await services.recordings.transcripts.put(actor, id, transcript))) throw gone()
    }
  }),
}

/** Has a transcript made, again if there is one. */
export const requestRecordingTranscript: Operation = {
  id: 'requestRecordingTranscript',
  run: changing('requestRecordingTranscript', async (request, services) => {
    const { language } = await readRequest(request.body)
    return async (actor, id) => {
      const options = language === undefined ? {} : { language }
      const outcome = await services.recordings.transcripts.request(actor, id, options)
      if (outcome === 'off') throw new Failure('transcriber_off')
      if (outcome === 'missing') throw gone()
    }
  }),
}

type Change = (actor: Actor, recordingId: string) => Promise<void>

/** The body is read first; what it asks for is done for whoever may write the recording. */
function changing(
  operation: TokenOperationId,
  read: (request: ApiRequest, services: Services) => Promise<Change>,
): Operation['run'] {
  return async (request, services) => {
    const change = await read(request, services)
    const { recording, as } = await readableRecording(request, services, operation)
    const { orgId, id } = recording
    const actor = actorOf(request, as)
    return noted(services, { actor, operation, recordingId: id }, async () => {
      const { lifecycle, transcripts } = services.recordings
      const keeping = await lifecycle.keeping(orgId, id)
      if ((keeping?.holds.length ?? 0) > 0 && (await transcripts.get(orgId, id)) !== undefined)
        throw new Failure('recording_held')
      await change(actor, id).catch((error: unknown) => {
        if (error instanceof ErasedRecording) throw gone()
        throw error instanceof RangeError ? invalid('the body', `is no transcript: ${error.message}`) : error
      })
      return {}
    })
  }
}

/** What was sent; a 400 that says where it is wrong. */
async function transcriptOf(request: ApiRequest, services: Services): Promise<Transcript> {
  const { body, contentType } = request
  if (typeof body === 'string')
    return parsedTranscript(services, body, contentType === 'text/vtt' ? 'vtt' : 'txt')
  const { language, segments } = await readJson(body)
  return { ...(language === undefined ? {} : { language }), engine: 'import', segments }
}

/** The transcript that a text holds; `name` is what a 400 calls it. */
export function parsedTranscript(
  services: Services,
  text: string,
  format: 'vtt' | 'txt' | 'json',
  name = 'the body',
): Transcript {
  if (text.length > TRANSCRIPT_CHARS_MAX)
    throw invalid(name, `must have at most ${TRANSCRIPT_CHARS_MAX} characters`)
  const parsed = services.recordings.transcripts.parse(text, format)
  if (typeof parsed === 'string') throw invalid(name, `is no transcript: ${parsed}`)
  return parsed
}

/** Erased since it was looked up. */
function gone(): Failure {
  return new Failure('recording_not_found')
}
