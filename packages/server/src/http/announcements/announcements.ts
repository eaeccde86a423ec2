/**
 * Uploaded announcements and hold music (contract README §11; issue 3: "own announcements and hold music can be
 * uploaded"). The body of the upload is the sound itself; what can be read is the sounds' own business.
 */
import {
  type Announcement,
  canonicalUuid,
  printMilliseconds,
  rawKey,
  SOUND_BYTES_MAX,
  SOUND_NAME_CHARS_MAX,
} from '@tandem/contract'
import { bodyReader } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import type { Operation } from '../operation.ts'
import type { Sound } from '../ports.ts'

const readHoldMusic = bodyReader('HoldMusicRequest')

/** `GET /tandem/v1/announcements`. */
export const listAnnouncements: Operation = {
  id: 'listAnnouncements',
  answer: 'AnnouncementList',
  async run(request, services) {
    const sounds = await services.sounds.list(request.caller.orgId)
    return { body: { items: sounds.map(announcementOf) } }
  },
}

/** `POST /tandem/v1/announcements?name=…` with `Content-Type: audio/*`. */
export const addAnnouncement: Operation = {
  id: 'addAnnouncement',
  answer: 'Announcement',
  takes: 'audio',
  bodyBytesMax: SOUND_BYTES_MAX,
  async run(request, services) {
    const name = request.query.text('name', SOUND_NAME_CHARS_MAX)?.trim()
    if (name === undefined || name === '') throw invalid('name', 'is required in the query')
    const { body, contentType } = request
    if (!(body instanceof Uint8Array)) throw invalid('the body', 'must be the sound')
    const sound = await services.sounds.add(request.caller.orgId, { name, contentType, bytes: body })
    return { body: announcementOf(sound) }
  },
}

/** `DELETE /tandem/v1/announcements/{announcementId}`. */
export const deleteAnnouncement: Operation = {
  id: 'deleteAnnouncement',
  async run(request, services) {
    const id = canonicalUuid(request.params['announcementId'] ?? '')
    if (!(await services.sounds.remove(request.caller.orgId, id))) throw new Failure('sound_not_found')
    return {}
  },
}

/** `PUT /tandem/v1/locations/{locationId}/holdMusic`. */
export const setHoldMusic: Operation = {
  id: 'setHoldMusic',
  async run(request, services) {
    const { announcementId } = await readHoldMusic(request.body)
    const { orgId } = request.caller
    const soundId = announcementId === null ? null : canonicalUuid(announcementId)
    if (soundId !== null && !(await services.sounds.list(orgId)).some((sound) => sound.id === soundId))
      throw invalid('announcementId', 'names no announcement')
    const locationId = rawKey(request.params['locationId'] ?? '', ['LOCATION'])
    const found = locationId !== undefined && (await services.lines.setHoldMusic(orgId, locationId, soundId))
    if (!found) throw new Failure('location_not_found')
    return {}
  },
}

function announcementOf(sound: Sound): Announcement {
  const { id, name, sizeBytes, durationMs } = sound
  return { id, name, sizeBytes, durationMs, created: printMilliseconds(sound.createdAt) }
}
