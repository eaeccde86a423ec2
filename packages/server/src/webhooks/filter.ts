/**
 * Filters of webhooks (contract, webhooks §4): `key=value` pairs joined by `&`, all of which must match the data of an
 * event. A key that the resource does not have is refused when the webhook is made.
 */
import { sameId } from '@tandem/contract'
import type { OwnedBy, WebhookResource } from '../events/sight.ts'

/** Longest filter that is looked at. */
export const FILTER_CHARS_MAX = 1_024

/** How a value is compared: as it is, as an id (padding and form do not count), or without letter case. */
type Comparison = 'text' | 'id' | 'folded'

interface FilterKey {
  /** Where the value stands in the data of the event. */
  readonly path: readonly string[]
  readonly compare: Comparison
  /** Only with `ownedBy: org`. */
  readonly wide?: true
}

const text = (...path: string[]): FilterKey => ({ path, compare: 'text' })
const id = (...path: string[]): FilterKey => ({ path, compare: 'id' })

const KEYS: Readonly<Record<WebhookResource, Readonly<Record<string, FilterKey>>>> = {
  telephony_calls: {
    personality: text('personality'),
    state: text('state'),
    number: text('remoteParty', 'number'),
    personId: id('actorPersonId'),
    callType: text('remoteParty', 'callType'),
  },
  telephony_conference: {},
  convergedRecordings: {
    recordingId: id('id'),
    ownerType: text('ownerType'),
    storageRegion: text('storageRegion'),
    serviceType: text('serviceType'),
    locationId: id('serviceData', 'locationId'),
    ownerId: { ...id('ownerId'), wide: true },
    ownerEmail: { path: ['ownerEmail'], compare: 'folded', wide: true },
  },
  recordings: {
    id: id('id'),
    meetingId: text('meetingId'),
    scheduledMeetingId: text('scheduledMeetingId'),
    meetingSeriesId: text('meetingSeriesId'),
    siteUrl: { path: ['siteUrl'], compare: 'folded' },
    hostEmail: { path: ['hostEmail'], compare: 'folded', wide: true },
    hostUserId: { ...id('hostUserId'), wide: true },
  },
}

/** One pair. */
interface Condition {
  readonly key: FilterKey
  readonly value: string
}

/** A filter ready to be asked. */
export type Filter = readonly Condition[]

/** Reads a filter; a text says what is wrong with it. The empty filter matches everything. */
export function readFilter(
  filter: string,
  about: { readonly resource: WebhookResource | 'all'; readonly ownedBy: OwnedBy },
): Filter | string {
  if (filter === '') return []
  if (filter.length > FILTER_CHARS_MAX) return `filter must have at most ${FILTER_CHARS_MAX} characters`
  if (about.resource === 'all') return 'filter cannot be used with the resource all'
  const keys = KEYS[about.resource]
  const conditions: Condition[] = []
  const seen = new Set<string>()
  for (const pair of filter.split('&')) {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined
    if (key === undefined || (key.wide === true && about.ownedBy !== 'org'))
      return `unknown filter: ${plain(name)}`
    const value = at < 0 ? '' : decoded(pair.slice(at + 1))
    if (value === undefined || value === '' || seen.has(name)) return `invalid value for filter: ${name}`
    seen.add(name)
    conditions.push({ key, value })
  }
  return conditions
}

/** Whether the data of an event match. */
export function matches(filter: Filter, data: unknown): boolean {
  return filter.every((condition) => holds(condition, data))
}

function holds({ key, value }: Condition, data: unknown): boolean {
  const found = key.path.reduce<unknown>(memberOf, data)
  if (typeof found !== 'string') return false
  switch (key.compare) {
    case 'text':
      return found === value
    case 'id':
      return sameId(found, value)
    case 'folded':
      return found.toLowerCase() === value.toLowerCase()
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name] // An object, as checked above.
}

/** A value may be percent-encoded; a plus sign is one, as in telephone numbers. */
function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** A name of a stranger, short and plain. */
function plain(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 40)
}
