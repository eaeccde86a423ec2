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

/** One change in the call that the recording saw. Times in Unix milliseconds. */
export type NoteFacts = Readonly<
  | { kind: 'action'; action: string; at: number }
  | {
      kind: 'activity'
      at: number
      participants: readonly { readonly actor: FactActor; readonly aor: string }[]
    }
>

/** What is known when a recording ends. */
export interface ClosingFacts {
  readonly stoppedAt: number
  readonly answererInfo?: FactParty
  readonly connectedParty?: FactParty
}

/** Everything the journal says about one recording besides its audio. */
export interface RecordingFacts {
  readonly opening: OpeningFacts
  readonly notes: readonly NoteFacts[]
  /** Absent when the recording was cut off. */
  readonly closing?: ClosingFacts
}

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
  if (note['kind'] === 'action' && text(note['action']) !== '') {
    return { kind: 'action', action: text(note['action']), at }
  }
  if (note['kind'] !== 'activity' || !Array.isArray(note['participants'])) return undefined
  const participants = note['participants'].flatMap((each: unknown) => {
    const { actor: actorJson, aor } = asObject(each)
    return text(aor) === '' ? [] : [{ actor: actor(actorJson), aor: text(aor) }]
  })
  return { kind: 'activity', at, participants }
}

/** Reads the facts of an ending. `wallAt` stands in for a lost time. */
export function parseClosing(json: string, wallAt: number): ClosingFacts {
  const facts = objectOf(json)
  const answererInfo = party(facts['answererInfo'])
  const connectedParty = party(facts['connectedParty'])
  return {
    stoppedAt: time(facts['stoppedAt']) ?? wallAt,
    ...(answererInfo === undefined ? {} : { answererInfo }),
    ...(connectedParty === undefined ? {} : { connectedParty }),
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
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
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
