/**
 * The families of operations that have limits of their own (contract README §7), so that a client that reads a lot of
 * recordings does not lock itself out of its calls. Health checks belong to none: they are never refused.
 */
import { type OperationId, ROUTES, type Route } from '@tandem/contract'
import type { Allowance } from './token-bucket.ts'

/** A family. `strangers` are tokens that nobody knows, by source address. */
export type Family =
  | 'callCommands'
  | 'callReads'
  | 'recordingReads'
  | 'recordingWrites'
  | 'downloads'
  | 'webhooks'
  | 'directory'
  | 'oauth'
  | 'own'
  | 'strangers'

/** What a token may do in one second and at once, family by family. Generous: a client that works for people stays far below. */
export const DEFAULT_ALLOWANCES: Readonly<Record<Family, Allowance>> = {
  callCommands: { perSecond: 50, burst: 500 },
  callReads: { perSecond: 100, burst: 500 },
  recordingReads: { perSecond: 100, burst: 500 },
  recordingWrites: { perSecond: 50, burst: 500 },
  downloads: { perSecond: 100, burst: 1_000 },
  webhooks: { perSecond: 50, burst: 500 },
  directory: { perSecond: 100, burst: 500 },
  oauth: { perSecond: 20, burst: 200 },
  own: { perSecond: 50, burst: 500 },
  strangers: { perSecond: 10, burst: 200 },
}

/** All of them. */
export const FAMILIES = Object.keys(DEFAULT_ALLOWANCES) as Family[] // Its type has no others.

/** Never limited. */
const UNLIMITED: ReadonlySet<string> = new Set(['getLiveness', 'getReadiness'])

/** Whole files go out, or are looked for by a link. */
const DOWNLOADS: ReadonlySet<string> = new Set([
  'getRecordingFile',
  'showMeetingRecording',
  'openMeetingRecording',
  'exportRecording',
  'exportAudit',
  'getRecordingTranscript',
  'getVoicemailAudio',
])

const OWN: ReadonlySet<string> = new Set(['getMyPerson', 'streamEvents', 'getOpenApi', 'showApiReference'])

/** By path, the first that fits. `reads` is for GET. */
const BY_PATH: readonly (readonly [path: RegExp, reads: Family, others: Family])[] = [
  [/^\/v1\/telephony\/(calls|conference|externalVoicemail)/, 'callReads', 'callCommands'],
  [/^\/tandem\/v1\/(calls|callRecords|voicemail)/, 'callReads', 'callCommands'],
  [/^\/(tandem\/)?v1\/webhooks/, 'webhooks', 'webhooks'],
  [/^\/v1\/(admin\/|group\/)?(convergedR|r)ecordings/, 'recordingReads', 'recordingWrites'],
  [
    /^\/tandem\/v1\/(recordings|imports|holds|retention|audit|storage|signingKeys)/,
    'recordingReads',
    'recordingWrites',
  ],
  [/^\/v1\/(authorize|access_token|revoke|device\/)/, 'oauth', 'oauth'],
  [/^\/tandem\/v1\/(tokens|clients|people\/me\/password|people\/[^/]+\/invitation)/, 'oauth', 'oauth'],
  [/^\/(signin|signout|device|password|setup|\.well-known)/, 'oauth', 'oauth'],
  [/^\/(tandem\/)?v1\//, 'directory', 'directory'],
]

const BY_OPERATION: ReadonlyMap<string, Family | undefined> = new Map(
  Object.entries(ROUTES as Record<string, Route>).map(([id, route]) => [id, familyOfRoute(id, route)]),
)

/** The family of an operation; undefined for what is never limited. Unknown paths count as `own`. */
export function familyOf(operation: OperationId | undefined): Family | undefined {
  return operation === undefined ? 'own' : BY_OPERATION.get(operation)
}

function familyOfRoute(id: string, { method, path }: Route): Family | undefined {
  if (UNLIMITED.has(id)) return undefined
  if (DOWNLOADS.has(id)) return 'downloads'
  if (OWN.has(id)) return 'own'
  const row = BY_PATH.find(([pattern]) => pattern.test(path))
  if (row === undefined) return 'own'
  return method === 'GET' ? row[1] : row[2]
}
