/** Parameters that many routes share (contract README §5, §6; call-controls §3). */
import { CURSOR_CHARS_MAX } from '../paging.ts'
import {
  EMAIL_CHARS_MAX,
  FORMATS,
  ID_CHARS_MAX,
  LIBRARY_PER_PAGE_MAX,
  MEETING_FORMATS,
  MEETING_SERVICE_TYPES,
  OWNER_TYPES,
  RECORDINGS_PER_PAGE,
  RECORDINGS_PER_PAGE_MAX,
  SERVICE_TYPES,
  STATUSES,
  STORAGE_REGIONS,
  TOPIC_CHARS_MAX,
} from '../schema/vocabulary.ts'
import type { Parameter, Parameters } from './route.ts'

/** Longest name of a time zone that is looked at. */
const ZONE_CHARS_MAX = 64

const zone: Parameter = {
  kind: 'id',
  charsMax: ZONE_CHARS_MAX,
  description:
    'IANA time zone that times are read and shown in; UTC without. The header goes before the query',
}

/** `timezone` as a header; it may also be a query parameter (Ruling 7). */
export const TIMEZONE_HEADER = { timezone: zone } as const satisfies Parameters
/** `timezone` as a query parameter. */
export const TIMEZONE = { timezone: zone } as const satisfies Parameters

/** The time that a list is about. */
export const SPAN = {
  from: { kind: 'time', description: 'From this date and time on, in any ISO 8601 form' },
  to: { kind: 'time', description: 'Before this date and time, in any ISO 8601 form' },
} as const satisfies Parameters

/** Where a page goes on. */
export const CURSOR = {
  cursor: {
    kind: 'text',
    charsMax: CURSOR_CHARS_MAX,
    description: 'Taken from the Link header of the page before; clients make none',
  },
} as const satisfies Parameters

/** The size of a page. */
export function pageSize(usual: number, most: number): { readonly max: Parameter } {
  return {
    max: { kind: 'integer', min: 1, max: most, default: usual, description: 'Most items of one page' },
  }
}

/** Pages of our own lists. */
export const LIBRARY_PAGE: Parameters = {
  ...pageSize(LIBRARY_PER_PAGE_MAX, LIBRARY_PER_PAGE_MAX),
  ...CURSOR,
}

const status: Parameter = {
  kind: 'choice',
  choices: STATUSES,
  default: 'available',
  description: 'Only recordings in this state: deleted is the recycle bin, purged for compliance officers',
}

/** An email that names a host or an owner. */
export const email = (description: string): Parameter => ({
  kind: 'text',
  charsMax: EMAIL_CHARS_MAX,
  description,
})

/** An id of any form: a Webex id, padded or not, or the raw UUID. */
export const id = (description: string): Parameter => ({ kind: 'id', charsMax: ID_CHARS_MAX, description })

/** Both lists of converged recordings (converged-recordings §3, §4). */
export const RECORDING_LIST: Parameters = {
  ...SPAN,
  status,
  serviceType: { kind: 'choice', choices: SERVICE_TYPES, description: 'Only of this kind; all is no filter' },
  ...pageSize(RECORDINGS_PER_PAGE, RECORDINGS_PER_PAGE_MAX),
  format: { kind: 'choice', choices: FORMATS, description: 'Only in this format' },
  ownerType: { kind: 'choice', choices: OWNER_TYPES, description: 'Only of owners of this kind' },
  storageRegion: { kind: 'choice', choices: STORAGE_REGIONS, description: 'Only kept in this region' },
  locationId: id('Only of owners in this calling location'),
  topic: { kind: 'text', charsMax: TOPIC_CHARS_MAX, description: 'Only topics that hold this text' },
  ownerId: id('Only of this owner'),
  ownerEmail: email('Only of this owner'),
  ...TIMEZONE,
  ...CURSOR,
}

/** All lists of meeting recordings (meeting-recordings §2, §7, §9). */
export const MEETING_LIST: Parameters = {
  ...SPAN,
  status,
  ...pageSize(RECORDINGS_PER_PAGE, RECORDINGS_PER_PAGE_MAX),
  siteUrl: {
    kind: 'text',
    charsMax: ID_CHARS_MAX,
    description: 'Only on this site, by its host name',
  },
  integrationTag: {
    kind: 'text',
    charsMax: ID_CHARS_MAX,
    description: 'Only with this tag, exactly; tags of the calling client alone match',
  },
  topic: { kind: 'text', charsMax: TOPIC_CHARS_MAX, description: 'Only topics that hold this text' },
  format: { kind: 'choice', choices: MEETING_FORMATS, description: 'Only in this format' },
  serviceType: {
    kind: 'choice',
    choices: MEETING_SERVICE_TYPES,
    description: 'Only of this kind of meeting',
  },
  ...TIMEZONE,
  ...CURSOR,
}

/** Only recordings of one meeting. */
export const MEETING_ID = {
  meetingId: id('Only of this meeting: id of the series, of the scheduled meeting or of the instance'),
} as const satisfies Parameters

/** For whom an administrator or a compliance officer acts; ignored for everybody else. */
export const HOST_EMAIL = {
  hostEmail: email('The host that an administrator or a compliance officer acts for; ignored for others'),
} as const satisfies Parameters

/** Whose calls are meant, where a request has no body. */
export const LINE_OWNER = {
  lineOwnerId: id('A user, workspace or virtual line whose line is a secondary one of the caller’s phones'),
} as const satisfies Parameters

/** Administrators may name the organisation: their own. */
export const ORGANIZATION = {
  orgId: id('The caller’s own organisation; any other is refused'),
} as const satisfies Parameters
