/** Evidence about recordings (promise P17): the signed manifest, the export that is verified offline, the public keys. */

import { Readable } from 'node:stream'
import { printMilliseconds } from '@tandem/contract'
import { actorOf, noteRead } from '../converged-recordings/actor.ts'
import { readableRecording } from '../converged-recordings/visible-recording.ts'
import { Failure } from '../failure.ts'
import { attachment } from '../media/content-disposition.ts'
import type { Operation } from '../operation.ts'
import { recordingContent } from './content.ts'

/** `GET /tandem/v1/recordings/{recordingId}/manifest`. */
export const getRecordingManifest: Operation = {
  id: 'getRecordingManifest',
  answer: 'RecordingManifest',
  async run(request, services) {
    const { recording, as } = await readableRecording(request, services, 'getRecordingManifest')
    const body = await services.recordings.evidence.manifest(recording.orgId, recording.id)
    if (body === undefined) throw new Failure('recording_not_found') // Erased since it was looked up.
    const entry = { actor: actorOf(request, as), action: 'recording.read' as const, recording }
    await noteRead(services, entry, { what: 'manifest' })
    return { body }
  },
}

/** `GET /tandem/v1/recordings/{recordingId}/export`: a tar, streamed; damage found on the way ends the connection. */
export const exportRecording: Operation = {
  id: 'exportRecording',
  async run(request, services) {
    const { recording, as } = await recordingContent(request, services, 'exportRecording')
    const content = request.isHead
      ? Readable.from([])
      : await services.recordings.evidence.export(actorOf(request, as), recording.id) // It writes itself down.
    if (content === undefined) throw new Failure('recording_not_found')
    return {
      headers: {
        'content-disposition': attachment(recording.topic, 'tar'),
        'cache-control': 'private, no-store',
      },
      file: { contentType: 'application/x-tar', content },
    }
  },
}

/** `GET /tandem/v1/signingKeys`. */
export const getSigningKeys: Operation = {
  id: 'getSigningKeys',
  answer: 'SigningKeyList',
  async run(_request, services) {
    const keys = await services.recordings.evidence.keys()
    const items = keys.map(({ keyId, algorithm, publicKey, from, until }) => ({
      keyId,
      algorithm,
      publicKey,
      from: printMilliseconds(from),
      ...(until === undefined ? {} : { until: printMilliseconds(until) }),
    }))
    return { body: { items } }
  },
}
