/** What is said of an import that failed: in the audit log, and beside what was put into quarantine. */

import type { AuditEntry } from '../audit/audit-log.ts'
import type { Actor } from '../library.ts'
import type { ImportFault } from './import-fault.ts'

/** The entry for the audit log. */
export function failureEntry(
  actor: Actor,
  importId: string,
  fileName: string | undefined,
  fault: ImportFault,
): AuditEntry {
  const detail = { importId, fileName, kind: fault.kind, why: fault.message }
  return { actor, action: 'import.failed', detail } as const
}

/** The note for whoever looks into the quarantine. */
export function failureNote(
  actor: Actor,
  importId: string,
  fileName: string | undefined,
  fault: ImportFault,
  at: number,
): Readonly<Record<string, unknown>> {
  return {
    importId,
    orgId: actor.orgId,
    fileName,
    kind: fault.kind,
    why: fault.message,
    at: new Date(at).toISOString(),
  }
}
