/** The audit log: who did what to which recording, in rows that nobody changes afterwards (promise P17). */
import type { Compilable } from '@tandem/store'
import type { Actor } from '../library.ts'

/** What happened to a recording, a policy or the log itself, and who was let in, told or changed in the directory. */
export type AuditAction =
  | 'recording.created'
  | 'recording.imported'
  | 'recording.listed'
  | 'recording.searched'
  | 'recording.read'
  | 'recording.metadataRead'
  | 'recording.downloaded'
  | 'recording.transcriptRead'
  | 'recording.exported'
  | 'recording.updated'
  | 'recording.softDeleted'
  | 'recording.restored'
  | 'recording.purged'
  | 'recording.withdrawn'
  | 'recording.erased'
  | 'recording.reassigned'
  | 'recording.shared'
  | 'recording.transcribed'
  | 'recording.damaged'
  | 'hold.listed'
  | 'hold.read'
  | 'hold.placed'
  | 'hold.released'
  | 'retention.listed'
  | 'retention.set'
  | 'retention.removed'
  | 'clock.doubted'
  | 'clock.accepted'
  | 'import.listed'
  | 'import.created'
  | 'import.failed'
  | 'import.cancelled'
  | 'audit.read'
  | 'audit.exported'
  | 'directory.created'
  | 'directory.changed'
  | 'directory.removed'
  | 'directory.applied'
  | 'signin.succeeded'
  | 'signin.refused'
  | 'password.set'
  | 'token.created'
  | 'token.revoked'
  | 'client.created'
  | 'client.changed'
  | 'client.deleted'
  | 'app.authorized'
  | 'app.deauthorized'
  | 'webhook.created'
  | 'webhook.changed'
  | 'webhook.deleted'
  | 'webhook.disabled'
  | 'webhook.redelivered'
  | 'refused'

/** One thing to be written down. `detail` holds no audio, no transcript and no secret. */
export interface AuditEntry {
  readonly actor: Actor
  readonly action: AuditAction
  /** Absent when it is about no single recording. */
  readonly recordingId?: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** One row of the log. */
export interface AuditRow {
  /** Its place in the chain of its organisation, from 1 without gaps; 0 for the moment until the row is sealed. */
  readonly seq: number
  readonly id: string
  readonly orgId: string
  readonly at: number
  readonly actorId: string
  readonly as: Actor['as']
  readonly action: AuditAction
  readonly recordingId?: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly trackingId?: string
  /** Of the row before it in the chain; empty for the first, and for a row that is not sealed yet. */
  readonly previousHash: string
  /** Lower-case hex of 32 bytes; empty for the moment until the row is sealed. */
  readonly hash: string
}

/** The log: append only, chained by hashes, its head signed. */
export interface AuditLog {
  /** The statements that write an entry down in the same commit as what it is about. */
  statements(entries: readonly AuditEntry[]): readonly Compilable[]
  /** Writes entries down; on disk when it resolves. */
  add(entries: readonly AuditEntry[]): Promise<void>
  /** Writes an entry down within a moment, without making its caller wait: for lists. */
  addSoon(entry: AuditEntry): void
  /** Newest first. */
  list(
    orgId: string,
    query: {
      readonly from?: number
      readonly to?: number
      readonly recordingId?: string
      readonly actorId?: string
      readonly action?: AuditAction
      readonly max: number
      /** Rows before this sequence number. */
      readonly before?: number
    },
  ): Promise<{ readonly items: readonly AuditRow[]; readonly next?: number }>
  /**
   * Oldest first, with signed heads between them and one that closes it: ready for `verify` when each is written as
   * `JSON.stringify` does it and a newline. Rows between are never left out, also when their clock was elsewhere.
   */
  export(orgId: string, from: number, to: number): AsyncIterable<AuditRow | AuditHead>
}

/** A signed statement of where the chain of an organisation stood. */
export interface AuditHead {
  readonly orgId: string
  readonly seq: number
  readonly hash: string
  readonly at: number
  readonly keyId: string
  /** Only in the last item of an export: what went before it, so that nothing of it can be left out. */
  readonly closes?: AuditClosing
  /** Ed25519, base64. */
  readonly signature: string
}

/** What an export of the log holds. */
export interface AuditClosing {
  readonly from: number
  readonly to: number
  readonly rows: number
  /** Of all lines before: each item as `JSON.stringify` writes it, and a newline. */
  readonly sha256: string
  /** The public keys that check the heads. */
  readonly keys: readonly SigningKey[]
}

/** A public key that checks signatures. */
export interface SigningKey {
  readonly keyId: string
  readonly algorithm: 'Ed25519'
  /** PEM, SPKI. */
  readonly publicKey: string
  readonly from: number
  /** Set when it is no longer used. */
  readonly until?: number
}
