/**
 * Which errors an operation may answer with: those of its row, and those that come with what it is (contract README §4).
 * A document and a client need the statuses; the names say what is behind them.
 */
import type { ErrorName } from '../error.ts'
import type { Route } from './route.ts'

/** What the call engine and the phones may answer to any command. */
export const CALL_COMMAND = [
  'call_not_found',
  'call_ambiguous',
  'call_state_forbids',
  'line_owner_forbidden',
  'endpoint_unknown',
  'no_registered_device',
  'phone_cannot',
  'phone_refused',
  'phone_timeout',
  'calls_unavailable',
  'calls_timeout',
  'service_draining',
] as const satisfies readonly ErrorName[]

/** What a request for calls may be answered with. */
export const CALL_QUESTION = [
  'line_owner_forbidden',
  'calls_unavailable',
  'calls_timeout',
] as const satisfies readonly ErrorName[]

/** A member that an administrator names. */
export const MEMBER = ['line_not_found', 'organization_forbidden'] as const satisfies readonly ErrorName[]

/** What may stand in the way of a change to recordings. */
export const RECORDING_CHANGE = [
  'recording_not_found',
  'owner_not_found',
  'access_forbidden',
  'recording_state_conflict',
  'recording_held',
  'recording_retained',
  'recording_locked',
  'storage_unavailable',
] as const satisfies readonly ErrorName[]

/** What may stand in the way of reading a file of a recording. */
export const RECORDING_FILE = [
  'recording_not_found',
  'access_forbidden',
  'recording_locked',
  'recording_damaged',
  'storage_unavailable',
] as const satisfies readonly ErrorName[]

/** Every error that the operation of a row may answer with, without repetition. */
export function errorsOf(route: Route): readonly ErrorName[] {
  const names = new Set<ErrorName>(['invalid_request', ...(route.errors ?? [])])
  if (route.access === 'token') names.add('unauthorized').add('scope_missing').add('too_many_requests')
  if (route.access === 'local' || route.path.includes('{')) names.add('not_found')
  if (route.method !== 'GET') {
    names.add('request_timeout').add('body_too_large').add('unsupported_media_type')
  }
  names.add('headers_too_large').add('internal').add('overloaded')
  return [...names]
}
