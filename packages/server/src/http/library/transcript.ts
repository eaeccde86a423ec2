/**
 * `GET /tandem/v1/recordings/{recordingId}/transcript?format=json|vtt|txt`: how far the transcript is and what was said,
 * as JSON; or the text as a file, which is not there before it is done.
 */
import { type RecordingTranscript, TRANSCRIPT_FORMATS } from '@tandem/contract'
import { actorOf, noteRead } from '../converged-recordings/actor.ts'
import { Failure } from '../failure.ts'
import { attachment } from '../media/content-disposition.ts'
import type { Operation } from '../operation.ts'
import { recordingContent } from './content.ts'

const operation = 'getRecordingTranscript'

/** Shows what was said in one recording. */
export const getRecordingTranscript: Operation = {
  id: operation,
  answer: 'RecordingTranscript',
  async run(request, services) {
    const format = request.query.choice('format', TRANSCRIPT_FORMATS) ?? 'json'
    const { recording, as } = await recordingContent(request, services, operation)
    const { transcripts } = services.recordings
    const { orgId, id } = recording
    const [state, transcript] = await Promise.all([transcripts.state(orgId, id), transcripts.get(orgId, id)])
    if (transcript === undefined && format !== 'json') throw new Failure('transcript_not_found')
    const entry = { actor: actorOf(request, as), action: 'recording.transcriptRead' as const, recording }
    await noteRead(services, entry, { format, state: state.state })
    if (format === 'json') {
      const body: RecordingTranscript = {
        ...state,
        ...(transcript === undefined
          ? {}
          : { ...transcript, segments: transcript.segments.map((segment) => ({ ...segment })) }),
      }
      return { body }
    }
    const { contentType, text } = transcripts.render(transcript ?? { engine: '', segments: [] }, format)
    return {
      headers: {
        'content-disposition': attachment(recording.topic, format),
        'cache-control': 'private, no-store',
      },
      file: { contentType, content: Buffer.from(text) },
    }
  },
}
