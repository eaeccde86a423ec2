/**
 * Which of the own phones is to ring or to answer (call-controls §3): one by `endpointId`, or a number-reach number, or
 * all of them. The engine knows whose phone it is; what cannot be a phone at all is refused here.
 */
import { rawKey } from '@tandem/contract'
import type { OwnPhone } from '@tandem/engine'
import { Failure, invalid } from '../failure.ts'

/** The members of a body that say it. */
export interface OwnPhoneBody {
  readonly endpointId?: string
  readonly singleNumberReachPhoneNumber?: string
}

/** What the engine is told. Throws a 400 when both are given, or the id can name no phone. */
export function ownPhoneOf(body: OwnPhoneBody): OwnPhone {
  const { endpointId, singleNumberReachPhoneNumber } = body
  if (endpointId !== undefined && singleNumberReachPhoneNumber !== undefined)
    throw invalid('endpointId', 'and singleNumberReachPhoneNumber exclude each other')
  if (singleNumberReachPhoneNumber !== undefined) return { numberReach: singleNumberReachPhoneNumber }
  return endpointId === undefined ? {} : { endpointId: deviceId(endpointId) }
}

/** The raw id of a phone; throws `endpoint_unknown`. */
export function deviceId(endpointId: string): string {
  const id = rawKey(endpointId, ['DEVICE', 'APPLICATION'])
  if (id === undefined) throw new Failure('endpoint_unknown')
  return id
}
