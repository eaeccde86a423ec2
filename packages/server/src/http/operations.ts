/** Every operation behind a bearer token. A new one is a file of its own, a row of the contract's tables, and a line here. */
import { getConvergedRecordingDetails } from './converged-recordings/details.ts'
import { listConvergedRecordings } from './converged-recordings/list.ts'
import { getConvergedRecordingMetadata } from './converged-recordings/metadata.ts'
import type { Operation } from './operation.ts'
import { getMyPerson } from './people/me.ts'
import { getCallDetails } from './telephony-calls/details.ts'
import { dialCall } from './telephony-calls/dial.ts'
import { hangupCall } from './telephony-calls/hangup.ts'
import { listCalls } from './telephony-calls/list.ts'

/** All of them. */
export const OPERATIONS: readonly Operation[] = [
  dialCall,
  getCallDetails,
  getConvergedRecordingDetails,
  getConvergedRecordingMetadata,
  getMyPerson,
  hangupCall,
  listCalls,
  listConvergedRecordings,
]
