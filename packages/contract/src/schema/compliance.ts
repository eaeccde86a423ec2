/**
 * What compliance officers and operators do with recordings, on the wire (contract README §11): legal hold, retention,
 * manifests, the audit log, the state of the store. Ids are raw UUIDs, times UTC with milliseconds.
 */
import Type, { type Static } from 'typebox'
import {
  ID_CHARS_MAX,
  KEEP_DAYS_MAX,
  REASON_CHARS_MAX,
  RECORDING_ID_ENTRIES_MAX,
  RETENTION_SCOPES,
  STATUSES,
} from './vocabulary.ts'

const time = Type.String({ format: 'date-time' })
const reason = Type.String({ minLength: 1, maxLength: REASON_CHARS_MAX })

/** Until when a recording is kept, and why. */
export const RecordingKeeping = Type.Object(
  {
    status: Type.Enum([...STATUSES]),
    retainUntil: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'No purge or erasure before; absent without a policy',
      }),
    ),
    eraseAtEnd: Type.Boolean({ description: 'Whether it is erased then' }),
    binUntil: Type.Optional(
      Type.String({ format: 'date-time', description: 'When it leaves the recycle bin' }),
    ),
    held: Type.Boolean({ description: 'Whether a legal hold forbids every delete' }),
    holds: Type.Array(Type.String(), { description: 'Holds in force; empty but for compliance officers' }),
  },
  { title: 'RecordingKeeping' },
)
/** Until when a recording is kept, and why. */
export type RecordingKeeping = Static<typeof RecordingKeeping>

/** What is signed about one recording. */
export const RecordingManifest = Type.Object(
  {
    keyId: Type.String(),
    body: Type.String({ description: 'Canonical JSON, exactly the signed bytes' }),
    signature: Type.String({ description: 'Ed25519, base64' }),
  },
  { title: 'RecordingManifest' },
)
/** What is signed about one recording. */
export type RecordingManifest = Static<typeof RecordingManifest>

/** The public keys that manifests and exports are signed with. */
export const SigningKeyList = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        keyId: Type.String(),
        algorithm: Type.Enum(['Ed25519']),
        publicKey: Type.String({ description: 'PEM, SPKI' }),
        from: time,
        until: Type.Optional(Type.String({ format: 'date-time', description: 'No longer used since' })),
      }),
    ),
  },
  { title: 'SigningKeyList' },
)
/** The public keys that manifests and exports are signed with. */
export type SigningKeyList = Static<typeof SigningKeyList>

/** Body of `POST /tandem/v1/holds`. */
export const PlaceHoldRequest = Type.Object(
  {
    recordingIds: Type.Array(Type.String({ minLength: 1, maxLength: ID_CHARS_MAX }), {
      minItems: 1,
      maxItems: RECORDING_ID_ENTRIES_MAX,
      description: 'At most 100 different ones',
    }),
    reason,
  },
  { title: 'PlaceHoldRequest' },
)
/** Body of `POST /tandem/v1/holds`. */
export type PlaceHoldRequest = Static<typeof PlaceHoldRequest>

/** Body of `DELETE /tandem/v1/holds/{holdId}`. */
export const ReleaseHoldRequest = Type.Object({ reason }, { title: 'ReleaseHoldRequest' })
/** Body of `DELETE /tandem/v1/holds/{holdId}`. */
export type ReleaseHoldRequest = Static<typeof ReleaseHoldRequest>

/** A legal hold. */
export const LegalHold = Type.Object(
  {
    id: Type.String(),
    reason: Type.String(),
    recordingIds: Type.Array(Type.String()),
    placedBy: Type.String(),
    placed: time,
    releasedBy: Type.Optional(Type.String()),
    released: Type.Optional(time),
    releaseReason: Type.Optional(Type.String()),
  },
  { title: 'LegalHold' },
)
/** A legal hold. */
export type LegalHold = Static<typeof LegalHold>

/** One page of holds, newest first. */
export const LegalHoldList = Type.Object({ items: Type.Array(LegalHold) }, { title: 'LegalHoldList' })
/** One page of holds, newest first. */
export type LegalHoldList = Static<typeof LegalHoldList>

/** Body of `PUT /tandem/v1/retention/{scope}/{scopeId}`. */
export const RetentionPolicyRequest = Type.Object(
  {
    keepDays: Type.Integer({ minimum: 1, maximum: KEEP_DAYS_MAX }),
    eraseAtEnd: Type.Optional(
      Type.Boolean({ description: 'Whether recordings are erased then; default false' }),
    ),
  },
  { title: 'RetentionPolicyRequest' },
)
/** Body of `PUT /tandem/v1/retention/{scope}/{scopeId}`. */
export type RetentionPolicyRequest = Static<typeof RetentionPolicyRequest>

const policy = {
  scope: Type.Enum([...RETENTION_SCOPES]),
  scopeId: Type.String(),
  keepDays: Type.Integer(),
  eraseAtEnd: Type.Boolean(),
  setBy: Type.String(),
  set: time,
}

/** How long some recordings are kept. */
export const RetentionPolicy = Type.Object(policy, { title: 'RetentionPolicy' })
/** How long some recordings are kept. */
export type RetentionPolicy = Static<typeof RetentionPolicy>

/** All policies of an organisation. */
export const RetentionPolicyList = Type.Object(
  { items: Type.Array(RetentionPolicy) },
  { title: 'RetentionPolicyList' },
)
/** All policies of an organisation. */
export type RetentionPolicyList = Static<typeof RetentionPolicyList>

/** A policy that was just set. */
export const RetentionPolicySet = Type.Object(
  { ...policy, extended: Type.Integer({ description: 'How many recordings are kept longer now' }) },
  { title: 'RetentionPolicySet' },
)
/** A policy that was just set. */
export type RetentionPolicySet = Static<typeof RetentionPolicySet>

/** One row of the audit log. */
export const AuditRecord = Type.Object(
  {
    seq: Type.Integer(),
    id: Type.String(),
    time,
    actorId: Type.Optional(Type.String({ description: 'Absent for the server itself' })),
    as: Type.Enum(['user', 'admin', 'complianceOfficer', 'system']),
    action: Type.String(),
    recordingId: Type.Optional(Type.String()),
    detail: Type.Record(Type.String(), Type.Unknown()),
    trackingId: Type.Optional(Type.String()),
    previousHash: Type.String({ description: 'SHA-256 of the row before it, hex' }),
    hash: Type.String({ description: 'Empty until the row is sealed, a moment later' }),
  },
  { title: 'AuditRecord' },
)
/** One row of the audit log. */
export type AuditRecord = Static<typeof AuditRecord>

/** One page of the audit log, newest first. */
export const AuditRecordList = Type.Object({ items: Type.Array(AuditRecord) }, { title: 'AuditRecordList' })
/** One page of the audit log, newest first. */
export type AuditRecordList = Static<typeof AuditRecordList>

/** The state of the store of recordings. */
export const StorageReport = Type.Object(
  {
    vault: Type.Enum(['folder', 's3']),
    encrypted: Type.Boolean(),
    quarantinedFiles: Type.Integer(),
    keptTime: Type.String({ format: 'date-time', description: 'What retention believes' }),
    clockDoubted: Type.Boolean({
      description: 'The clock has jumped; nothing is purged until it is confirmed',
    }),
    scrub: Type.Object({
      since: Type.Optional(Type.String({ format: 'date-time', description: 'Begin of the running pass' })),
      checkedFiles: Type.Integer(),
      checkedBytes: Type.Integer(),
      lastCompleted: Type.Optional(time),
      damaged: Type.Array(Type.Object({ recordingId: Type.String(), file: Type.String(), found: time })),
    }),
  },
  { title: 'StorageReport' },
)
/** The state of the store of recordings. */
export type StorageReport = Static<typeof StorageReport>
