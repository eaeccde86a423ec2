/** Our own operations on recordings (contract README §11). */
import type { Operation } from '../operation.ts'
import { exportAudit } from './audit-export.ts'
import { listAudit } from './audit-list.ts'
import { exportRecording, getRecordingManifest, getSigningKeys } from './evidence.ts'
import { getHold, listHolds, placeHold, releaseHold } from './hold.ts'
import { cancelImport, createImport, getImport, listImports } from './import.ts'
import { uploadImport } from './import-upload.ts'
import { getRecordingKeeping } from './keeping.ts'
import { deleteRetentionPolicy, listRetentionPolicies, setRetentionPolicy } from './retention.ts'
import { searchRecordings } from './search.ts'
import { acceptClock, getStorage } from './storage.ts'
import { getRecordingTranscript } from './transcript.ts'
import { putRecordingTranscript, requestRecordingTranscript } from './transcript-change.ts'
import { updateRecording } from './update.ts'

/** All of them. */
export const LIBRARY_OPERATIONS: readonly Operation[] = [
  acceptClock,
  cancelImport,
  createImport,
  deleteRetentionPolicy,
  exportAudit,
  exportRecording,
  getHold,
  getImport,
  getRecordingKeeping,
  getRecordingManifest,
  getRecordingTranscript,
  getSigningKeys,
  getStorage,
  listAudit,
  listHolds,
  listImports,
  listRetentionPolicies,
  placeHold,
  putRecordingTranscript,
  releaseHold,
  requestRecordingTranscript,
  searchRecordings,
  setRetentionPolicy,
  updateRecording,
  uploadImport,
]
