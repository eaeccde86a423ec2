/**
 * The facts about a recording as the engine journals them (JSON of `openRecording`, `note` and `closeRecording`), read
 * tolerantly: what a release before or after this one wrote must still become a row. Only what a row cannot be without,
 * organisation and owner, makes an opening unreadable; every other member has a neutral default.
 */

/** A party as the metadata document shows it (contract, recording metadata §2). */
export interface FactParty {
  readonly actor: FactActor
  readonly name?: string
  /** SIP URI. */
  readonly number?: string
}

/** Who or what a party is; external ones have neither id nor email. */
export interface FactActor {
  readonly type: 'USER' | 'PLACE' | 'VIRTUAL_LINE' | 'CALL_QUEUE' | 'EXTERNAL'
  readonly id?: string
  readonly email?: string
}

/** What is known when a recording begins. */
export interface OpeningFacts {
  /** A message for the owner's mailbox, no recorded call. */
  readonly purpose?: 'voicemail'
  readonly orgId: string
  readonly ownerId: string
  readonly ownerType: 'user' | 'place' | 'virtualLine' | 'callQueue'
  readonly ownerName: string
  readonly ownerEmail: string
  readonly locationId: string
  readonly callSessionId: string
  readonly callId: string
  readonly sipCallId?: string
  readonly personality: 'originator' | 'terminator'
  readonly callingParty: FactParty
  readonly calledParty: FactParty
  readonly recordingType: string
  /** What the default topic names. */
  readonly remoteName: string
  /** Unix milliseconds. */
  readonly startedAt: number
}

/** How a call came to be where it is. */
export interface FactRedirection {
  readonly reason: string
  readonly redirectingParty: FactParty
  /** Unix milliseconds. */
  readonly at: number
}

/** The leg that took a call over. */
export interface FactRedirectedCall {
  readonly callId: string
  readonly callSessionId: string
  readonly party: FactParty
}

/** A change of who takes part, or of how. */
export interface ActivityFacts {
  readonly kind: 'activity'
  readonly at: number
  readonly participants: readonly { readonly actor: FactActor; readonly aor: string }[]
  readonly redirection?: FactRedirection
  readonly redirectedCall?: FactRedirectedCall
}

/** Words or a beep that told people of the recording. */
export interface AnnouncementFacts {
  readonly kind: 'announcement'
  readonly at: number
  readonly file: string
  /** Addresses of record. */
  readonly heardBy: readonly string[]
  readonly level: string
}

/** One change in the call that the recording saw. Times in Unix milliseconds. */
export type NoteFacts =
  | { readonly kind: 'action'; readonly action: string; readonly at: number }
  | ActivityFacts
  | AnnouncementFacts

/** What is known when a recording ends. */
export interface ClosingFacts {
  readonly stoppedAt: number
  readonly answererInfo?: FactParty
  readonly connectedParty?: FactParty
  readonly managedBy?: FactParty
  /** Nothing is kept of it. */
  readonly discarded?: true
  /** Its call half goes on and may be recorded again. */
  readonly callContinues?: true
}

/** Everything the journal says about one recording besides its audio. */
export interface RecordingFacts {
  readonly opening: OpeningFacts
  readonly notes: readonly NoteFacts[]
  /** Absent when the recording was cut off. */
  readonly closing?: ClosingFacts
}

/** Moments that a document can show: years 0000 to 9999 (RFC 3339 §5.6). */
const WALL_MIN: number = Date.UTC(-1, 12)
const WALL_MAX: number = Date.UTC(10_000, 0) - 1

const ACTORS = ['USER', 'PLACE', 'VIRTUAL_LINE', 'CALL_QUEUE', 'EXTERNAL'] as const
const OWNER_TYPES = ['user', 'place', 'virtualLine', 'callQueue'] as const
const PERSONALITIES = ['originator', 'terminator'] as const

type Json = Readonly<Record<string, unknown>>

/** Reads the facts of an opening; undefined when organisation or owner are missing. `wallAt` stands in for a lost time. */
export function parseOpening(json: string, wallAt: number): OpeningFacts | undefined {
  const facts = objectOf(json)
  const orgId = text(facts['orgId'])
  const ownerId = text(facts['ownerId'])
  if (orgId === '' || ownerId === '') return undefined
  const sipCallId = text(facts['sipCallId'])
  return {
    ...(facts['purpose'] === 'voicemail' ? { purpose: 'voicemail' } : {}),
    orgId,
    ownerId,
    ownerType: oneOf(OWNER_TYPES, facts['ownerType'], 'user'),
    ownerName: text(facts['ownerName']),
    ownerEmail: text(facts['ownerEmail']),
    locationId: text(facts['locationId']),
    callSessionId: text(facts['callSessionId']),
    callId: text(facts['callId']),
    ...(sipCallId === '' ? {} : { sipCallId }),
    personality: oneOf(PERSONALITIES, facts['personality'], 'originator'),
    callingParty: party(facts['callingParty']) ?? UNKNOWN_PARTY,
    calledParty: party(facts['calledParty']) ?? UNKNOWN_PARTY,
    recordingType: text(facts['recordingType']) || 'alwaysON',
    remoteName: text(facts['remoteName']),
    startedAt: time(facts['startedAt']) ?? wallAt,
  }
}

/** Reads one note; undefined when it is of no kind that we know. */
export function parseNote(json: string): NoteFacts | undefined {
  const note = objectOf(json)
  const at = time(note['at'])
  if (at === undefined) return undefined
  switch (note['kind']) {
    case 'action':
      return text(note['action']) === '' ? undefined : { kind: 'action', action: text(note['action']), at }
    case 'activity':
      return activity(note, at)
    case 'announcement':
      return announcement(note, at)
    default: // A kind of a later release.
      return undefined
  }
}

/** Reads the facts of an ending. `wallAt` stands in for a lost time. */
export function parseClosing(json: string, wallAt: number): ClosingFacts {
  const facts = objectOf(json)
  const answererInfo = party(facts['answererInfo'])
  const connectedParty = party(facts['connectedParty'])
  const managedBy = party(facts['managedBy'])
  return {
    stoppedAt: time(facts['stoppedAt']) ?? wallAt,
    ...(answererInfo === undefined ? {} : { answererInfo }),
    ...(connectedParty === undefined ? {} : { connectedParty }),
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(facts['discarded'] === true ? { discarded: true } : {}),
    ...(facts['callContinues'] === true ? { callContinues: true } : {}),
  }
}

function activity(note: Json, at: number): ActivityFacts | undefined {
  if (!Array.isArray(note['participants'])) return undefined
  const participants = note['participants'].flatMap((each: unknown) => {
    const { actor: actorJson, aor } = asObject(each)
    return text(aor) === '' ? [] : [{ actor: actor(actorJson), aor: text(aor) }]
  })
  const redirection = redirectionOf(note['redirection'], at)
  const redirectedCall = redirectedCallOf(note['redirectedCall'])
  return {
    kind: 'activity',
    at,
    participants,
    ...(redirection === undefined ? {} : { redirection }),
    ...(redirectedCall === undefined ? {} : { redirectedCall }),
  }
}

function redirectionOf(value: unknown, noteAt: number): FactRedirection | undefined {
  const { reason, redirectingParty, at } = asObject(value)
  const by = party(redirectingParty)
  if (text(reason) === '' && by === undefined) return undefined
  return {
    reason: text(reason) || 'unknown',
    redirectingParty: by ?? UNKNOWN_PARTY,
    at: time(at) ?? noteAt,
  }
}

function redirectedCallOf(value: unknown): FactRedirectedCall | undefined {
  const { callId, callSessionId, party: partyJson } = asObject(value)
  if (text(callId) === '') return undefined
  return {
    callId: text(callId),
    callSessionId: text(callSessionId),
    party: party(partyJson) ?? UNKNOWN_PARTY,
  }
}

function announcement(note: Json, at: number): AnnouncementFacts {
  const { heardBy } = note
  return {
    kind: 'announcement',
    at,
    file: text(note['file']),
    heardBy: Array.isArray(heardBy) ? heardBy.filter((each: unknown) => text(each) !== '') : [],
    level: text(note['level']) || 'USER_LEVEL',
  }
}

const UNKNOWN_PARTY: FactParty = { actor: { type: 'EXTERNAL' } }

function objectOf(json: string): Json {
  try {
    return asObject(JSON.parse(json))
  } catch {
    return {}
  }
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {} // Members are checked one by one.
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function time(value: unknown): number | undefined {
  return typeof value === 'number' && value >= WALL_MIN && value <= WALL_MAX ? value : undefined
}

function oneOf<Value extends string>(known: readonly Value[], value: unknown, otherwise: Value): Value {
  return known.find((each) => each === value) ?? otherwise
}

function actor(value: unknown): FactActor {
  const { type, id, email } = asObject(value)
  return {
    type: oneOf(ACTORS, type, 'EXTERNAL'),
    ...(text(id) === '' ? {} : { id: text(id) }),
    ...(text(email) === '' ? {} : { email: text(email) }),
  }
}

function party(value: unknown): FactParty | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { actor: actorJson, name, number } = asObject(value)
  return {
    actor: actor(actorJson),
    ...(text(name) === '' ? {} : { name: text(name) }),
    ...(text(number) === '' ? {} : { number: text(number) }),
  }
}
