/** Everything that the audit log has a word for, as the filter of its list takes it. */
import type { AuditAction } from '@tandem/recordings'

/** An action for each word, and a word for each action: the type says so. */
const WORDS: Readonly<Record<AuditAction, true>> = {
  'recording.created': true,
  'recording.imported': true,
  'recording.listed': true,
  'recording.searched': true,
  'recording.read': true,
  'recording.metadataRead': true,
  'recording.downloaded': true,
  'recording.transcriptRead': true,
  'recording.exported': true,
  'recording.updated': true,
  'recording.softDeleted': true,
  'recording.restored': true,
  'recording.purged': true,
  'recording.withdrawn': true,
  'recording.erased': true,
  'recording.reassigned': true,
  'recording.shared': true,
  'recording.transcribed': true,
  'recording.damaged': true,
  'hold.placed': true,
  'hold.released': true,
  'retention.set': true,
  'retention.removed': true,
  'clock.doubted': true,
  'clock.accepted': true,
  'import.created': true,
  'import.failed': true,
  'import.cancelled': true,
  'audit.read': true,
  'audit.exported': true,
  refused: true,
}

/** The words. */
export const AUDIT_ACTIONS: readonly AuditAction[] = Object.keys(WORDS) as AuditAction[] // The keys of that very type.
