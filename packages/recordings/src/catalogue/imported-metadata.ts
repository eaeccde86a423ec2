/**
 * `serviceData` of a recording that came from elsewhere (recording-metadata §2): what its sender told, as far as it has
 * the contract's shapes; what has not is left out rather than repaired, and both lists are there even when empty. Moments
 * are shown in UTC with whole seconds whatever zone they came in.
 */
import type { CallActivity, MetadataParty, RecordingMetadata } from '@tandem/contract'
import type { RecordingFacts } from '../facts.ts'
import { secondsIso } from './catalogue.ts'
import type { Recording } from './recording.ts'

/** What stands in place of the facts of a call. */
export interface ImportedFacts {
  /** The sender's `serviceData`, of any shape. */
  readonly imported: Readonly<Record<string, unknown>>
}

/** Whether these are the facts of an import. */
export function isImported(facts: RecordingFacts | ImportedFacts): facts is ImportedFacts {
  return 'imported' in facts
}

type ServiceData = RecordingMetadata['serviceData']
type Json = Readonly<Record<string, unknown>>

/** The members of one object that have their right shape. */
type Shape<Value> = { readonly [Name in keyof Value]-?: (value: unknown) => Value[Name] | undefined }

/** The `serviceData` of an import. */
export function importedServiceData(
  recording: Pick<Recording, 'id' | 'serviceData'>,
  imported: unknown,
  options: { readonly showAllTypes: boolean },
): ServiceData {
  const told = membersOf(SERVICE_DATA, objectOf(imported))
  const { locationId, callSessionId } = recording.serviceData
  const { recordingActions = [], callActivity = [], ...rest } = told
  return {
    ...rest,
    callRecordingId: recording.id,
    // What the catalogue knows counts: a recording may have been reassigned since.
    ...(locationId === '' ? {} : { locationId }),
    ...(callSessionId === '' ? {} : { callSessionId }),
    recordingActions: recordingActions.toSorted((a, b) => compare(a.time, b.time)),
    callActivity: callActivity
      .toSorted((a, b) => compare(a.timeStamp, b.timeStamp))
      .map((entry) => (options.showAllTypes ? entry : alwaysShown(entry))),
  }
}

/** What `showAllTypes=false` leaves of an entry (§3). */
function alwaysShown({ timeStamp, announcementData }: CallActivity): CallActivity {
  return { timeStamp, ...(announcementData === undefined ? {} : { announcementData }) }
}

const ACTORS = ['USER', 'PLACE', 'VIRTUAL_LINE', 'CALL_QUEUE', 'EXTERNAL'] as const

const actor = whole<MetadataParty['actor'], 'type'>({ type: oneOf(ACTORS), id: text, email: text }, ['type'])
/** A known client rejects a party without an actor (§2). */
const party = (value: unknown): MetadataParty | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { name, number } = membersOf<MetadataParty>({ actor, name: text, number: text }, value as Json)
  return {
    actor: actor((value as Json)['actor']) ?? { type: 'EXTERNAL' },
    ...(name === undefined ? {} : { name }),
    ...(number === undefined ? {} : { number }),
  }
}
const action = whole<ServiceData['recordingActions'][number], 'action' | 'time'>(
  { action: text, time: moment },
  ['action', 'time'],
)
const activity = whole<CallActivity, 'timeStamp'>(
  {
    timeStamp: moment,
    announcementData: whole<NonNullable<CallActivity['announcementData']>, never>(
      {
        announcementFilename: text,
        announcementTimestamp: moment,
        announcementParticipants: listOf(text),
        announcementType: text,
      },
      [],
    ),
    mediaStreams: listOf(
      whole({ streamId: text, mode: text, mLineIndex: lineIndex }, ['streamId', 'mode', 'mLineIndex']),
    ),
    participants: listOf(whole({ actor, aor: text, send: text }, ['actor', 'aor', 'send'])),
    redirectInfo: whole<NonNullable<CallActivity['redirectInfo']>, 'reason'>(
      { reason: text, redirectingParty: party, time: moment },
      ['reason'],
    ),
    redirectedCall: whole<NonNullable<CallActivity['redirectedCall']>, 'callId' | 'callSessionId'>(
      { callId: text, callSessionId: text, party },
      ['callId', 'callSessionId'],
    ),
  },
  ['timeStamp'],
)

const SERVICE_DATA: Shape<ServiceData> = {
  callRecordingId: text,
  locationId: text,
  callSessionId: text,
  callId: text,
  sipCallId: text,
  personality: oneOf(['originator', 'terminator'] as const),
  callingParty: party,
  calledParty: party,
  answererInfo: party,
  connectedParty: party,
  managedBy: party,
  session: whole<NonNullable<ServiceData['session']>, 'startTime'>({ startTime: moment, stopTime: moment }, [
    'startTime',
  ]),
  recordingType: text,
  recordingActions: listOf(action),
  callActivity: listOf(activity),
}

function membersOf<Value>(shape: Shape<Value>, from: Json): Partial<Value> {
  const members: Partial<Value> = {}
  for (const name of Object.keys(shape) as (keyof Value & string)[]) {
    const value = Object.hasOwn(from, name) ? shape[name](from[name]) : undefined
    if (value !== undefined) members[name] = value
  }
  return members
}

/** An object without its wrong members; undefined when one that must be there is missing. */
function whole<Value, Needed extends keyof Value & string>(
  shape: Shape<Value>,
  needed: readonly Needed[],
): (value: unknown) => Value | undefined {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const members = membersOf(shape, value as Json)
    return needed.every((name) => members[name] !== undefined) ? (members as Value) : undefined
  }
}

function listOf<Value>(item: (value: unknown) => Value | undefined): (value: unknown) => Value[] | undefined {
  return (value) => {
    if (!Array.isArray(value)) return undefined
    return value.map(item).filter((each) => each !== undefined)
  }
}

function oneOf<const Value extends string>(known: readonly Value[]): (value: unknown) => Value | undefined {
  return (value) => known.find((each) => each === value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A string on the wire; other systems give the number that it is. */
function lineIndex(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? String(value) : text(value)
}

/** An ISO 8601 moment with its zone, in the years that four digits show. */
function moment(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/.test(value))
    return undefined
  const at = Date.parse(value)
  if (!Number.isFinite(at)) return undefined
  const shown = secondsIso(at)
  return /^\d{4}-/.test(shown) ? shown : undefined
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
