/**
 * The file that says about media what the media does not say itself: `call.json` beside `call.mp3`, for the import of a
 * folder (docs/guides/import.md). Read strictly: a member that is misspelt or has the wrong shape is named, since what
 * is passed over in silence is found missing years later.
 */
import {
  EMAIL_CHARS_MAX,
  ID_CHARS_MAX,
  MEETING_SERVICE_TYPES,
  STORAGE_REGIONS,
  TOPIC_CHARS_MAX,
} from '@tandem/contract'
import type { MeetingFacts } from '../meeting/meeting-recordings.ts'
import type { ImportRequest } from './imports.ts'
import { readMoment } from './moment.ts'

/** Largest sidecar: the metadata document of a call of hours has some 100 kB. */
export const SIDECAR_BYTES_MAX: number = 1_024 * 1_024

/** What a sidecar says; its owner is still to be found. Tags belong to the client that imports. */
export interface Sidecar
  extends Pick<
    ImportRequest,
    | 'createTime'
    | 'timeRecorded'
    | 'storageRegion'
    | 'callSessionId'
    | 'locationId'
    | 'serviceData'
    | 'sha256'
  > {
  readonly topic?: string
  readonly ownerEmail?: string
  readonly ownerId?: string
  readonly serviceType?: ImportRequest['serviceType']
  /** Without `siteUrl` it is that of whoever imports; ids that are missing are made. */
  readonly meeting?: SidecarMeeting
}

/** What a sidecar says of a meeting. */
export type SidecarMeeting = Partial<Omit<MeetingFacts, 'integrationTags'>> & {
  readonly integrationTags?: readonly string[]
}

const SERVICE_TYPES = ['calling', 'customerAssist', 'meeting'] as const
const MEETING_FORMATS = ['MP4', 'ARF', 'UPLOADED'] as const
/** Most tags of one meeting, and the longest, as in the API. */
const TAGS_MAX = 64
const TAG_CHARS_MAX = 256

type Json = Readonly<Record<string, unknown>>
/** Reads one member: the value, or what is wrong with it. */
type Reader = (value: unknown) => { readonly value: unknown } | string

/** Reads a sidecar; a sentence that names what is wrong with it when it cannot be taken as it is. */
export function parseSidecar(json: string): Sidecar | string {
  if (Buffer.byteLength(json) > SIDECAR_BYTES_MAX)
    return `It has more than ${SIDECAR_BYTES_MAX} bytes; it should hold what is known of one recording.`
  let value: unknown
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch (error) {
    return `It is no JSON: ${error instanceof Error ? error.message : String(error)}.`
  }
  const read = members(MEMBERS)(value)
  if (typeof read === 'string') return `${read}.`
  const sidecar = read.value as Sidecar // Every member was read by its own reader.
  if (sidecar.meeting !== undefined && sidecar.serviceType !== undefined && sidecar.serviceType !== 'meeting')
    return `meeting is there although serviceType is ${sidecar.serviceType}.`
  if (sidecar.ownerEmail !== undefined && sidecar.ownerId !== undefined)
    return 'ownerEmail and ownerId are both there; one names the owner.'
  return sidecar
}

const MEETING: Readonly<Record<keyof SidecarMeeting, Reader>> = {
  meetingId: text(ID_CHARS_MAX),
  scheduledMeetingId: text(ID_CHARS_MAX),
  meetingSeriesId: text(ID_CHARS_MAX),
  siteUrl: (value) =>
    typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(value)
      ? { value }
      : 'must be a host name without a scheme',
  password: text(TOPIC_CHARS_MAX),
  serviceType: oneOf(MEETING_SERVICE_TYPES),
  format: oneOf(MEETING_FORMATS),
  integrationTags: tags,
}

const MEMBERS: Readonly<Record<keyof Sidecar, Reader>> = {
  topic: text(TOPIC_CHARS_MAX),
  ownerEmail: text(EMAIL_CHARS_MAX),
  ownerId: text(ID_CHARS_MAX),
  createTime: moment,
  timeRecorded: moment,
  serviceType: oneOf(SERVICE_TYPES),
  storageRegion: oneOf(STORAGE_REGIONS),
  callSessionId: text(ID_CHARS_MAX),
  locationId: text(ID_CHARS_MAX),
  meeting: members(MEETING),
  serviceData: (value) => (isObject(value) ? { value } : 'must be an object'),
  sha256: (value) =>
    typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)
      ? { value: value.toLowerCase() }
      : 'must be 64 hex digits',
}

/** Members that are null count as absent, as everywhere in the API. */
function members(readers: Readonly<Record<string, Reader>>): Reader {
  return (value) => {
    if (!isObject(value)) return 'must be an object'
    const read: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(value)) {
      const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
      if (reader === undefined)
        return `${printable(name)} is not known here; known are ${Object.keys(readers).join(', ')}`
      if (member === null) continue
      const result = reader(member)
      if (typeof result === 'string')
        return result.startsWith('must') ? `${name} ${result}` : `${name}: ${result}`
      read[name] = result.value
    }
    return { value: read }
  }
}

function text(charsMax: number): Reader {
  return (value) =>
    typeof value === 'string' && value.trim() !== '' && [...value].length <= charsMax && value.isWellFormed()
      ? { value }
      : `must be a text of 1 to ${charsMax} characters`
}

function oneOf(values: readonly string[]): Reader {
  return (value) =>
    typeof value === 'string' && values.includes(value) ? { value } : `must be one of ${values.join(', ')}`
}

function moment(value: unknown): ReturnType<Reader> {
  const at = typeof value === 'string' ? readMoment(value) : undefined
  return at === undefined
    ? 'must be a date and time of ISO 8601, such as 2026-02-03T10:15:00Z'
    : { value: at }
}

function tags(value: unknown): ReturnType<Reader> {
  const isFine = Array.isArray(value) && value.length <= TAGS_MAX && value.every(isTag)
  return isFine
    ? { value }
    : `must be a list of at most ${TAGS_MAX} texts of 1 to ${TAG_CHARS_MAX} characters`
}

function isTag(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= TAG_CHARS_MAX
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A name for people, of whatever was in the file. */
function printable(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 63)}…` : name)
}
