/**
 * What the file beside media says (docs/guides/import.md): `call.json` beside `call.mp3`. A member that is not known here
 * is named, since what is passed over in silence is found missing years later; the shapes of the others are the server's
 * to judge. A flag of the command fills in what the file leaves out.
 */
import type { NewImport } from '@tandem/sdk'

/** Largest file beside media, in bytes: the metadata document of a call of hours has some 100 kB. */
export const SIDECAR_BYTES_MAX: number = 1_024 * 1_024

/** What is said for all files of a batch. */
export interface BatchDefaults {
  readonly owner?: string
  readonly serviceType?: 'calling' | 'customerAssist' | 'meeting'
  readonly siteUrl?: string
}

/** What is known of a recording before its media is looked at. */
export type KnownFacts = Omit<NewImport, 'sizeBytes' | 'fileName' | 'transcript'>

const MEMBERS: readonly string[] = [
  'topic',
  'ownerEmail',
  'ownerId',
  'createTime',
  'timeRecorded',
  'serviceType',
  'storageRegion',
  'callSessionId',
  'locationId',
  'meeting',
  'serviceData',
  'sha256',
]
const MEETING_MEMBERS: readonly string[] = [
  'meetingId',
  'scheduledMeetingId',
  'meetingSeriesId',
  'siteUrl',
  'password',
  'serviceType',
  'format',
  'integrationTags',
]

type Json = Readonly<Record<string, unknown>>

/** What is known by a sidecar (undefined without one) and the defaults; a sentence when something is wrong. */
export function knownFacts(
  json: string | undefined,
  topic: string,
  defaults: BatchDefaults,
): KnownFacts | string {
  const read = json === undefined ? {} : readMembers(json)
  if (typeof read === 'string') return `the .json file beside it: ${read}`
  const isOwned = read['ownerEmail'] !== undefined || read['ownerId'] !== undefined
  if (!isOwned && defaults.owner === undefined)
    return 'nobody is named as its owner: give --owner, or ownerEmail in a .json file beside it'
  const { meeting: given } = read
  const serviceType =
    read['serviceType'] ?? (given === undefined ? defaults.serviceType : 'meeting') ?? 'calling'
  const meeting = given ?? (serviceType === 'meeting' ? {} : undefined)
  const siteUrl = (meeting as Json | undefined)?.['siteUrl'] ?? defaults.siteUrl
  const { sha256 } = read
  return {
    topic,
    ...(isOwned ? {} : { ownerEmail: defaults.owner }),
    ...read,
    serviceType,
    ...(typeof sha256 === 'string' ? { sha256: sha256.toLowerCase() } : {}),
    ...(meeting === undefined
      ? {}
      : { meeting: { ...(meeting as Json), ...(siteUrl === undefined ? {} : { siteUrl }) } }),
  } as KnownFacts // The server judges the shapes.
}

/** Members that are null count as absent, as everywhere in the API. */
function readMembers(json: string): Json | string {
  let value: unknown
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch (error) {
    return `it is no JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  const read = known(value, MEMBERS)
  if (typeof read === 'string' || read['meeting'] === undefined) return read
  const meeting = known(read['meeting'], MEETING_MEMBERS)
  return typeof meeting === 'string' ? `meeting: ${meeting}` : { ...read, meeting }
}

function known(value: unknown, names: readonly string[]): Json | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it must be an object'
  const members = Object.entries(value)
  const stranger = members.find(([name]) => !names.includes(name))
  if (stranger !== undefined)
    return `${JSON.stringify(stranger[0].slice(0, 64))} is not known here; known are ${names.join(', ')}`
  return Object.fromEntries(members.filter(([, member]) => member !== null))
}
