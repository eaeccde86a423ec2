/**
 * The directory as the API changes it. A change becomes the entry of a directory file (what is there with the body laid over
 * it), is read and planned as a file is, and is written in one transaction with its audit rows and the directory's revision.
 * So a rule stands in one place, and the two ways cannot disagree.
 */
import { randomUUID } from 'node:crypto'
import type { LineKind } from '@tandem/engine'
import type { Actor, AuditLog } from '@tandem/recordings'
import type { ServerData } from '../data/open-data.ts'
import { checkAdministrators } from './administrators.ts'
import { type ApplyResult, applyDirectory } from './apply.ts'
import { entriesOf } from './audit-entries.ts'
import { type EntryPlan, failureOf, refusal } from './entry-change.ts'
import { JsonReader } from './json-reader.ts'
import { type DirectoryPlan, finished } from './plan.ts'
import { API_MANAGER, type MadePassword, Planning } from './planning.ts'
import { type DirectoryRows, readRows } from './rows.ts'
import { newSipPassword } from './sip-password.ts'
import { writePlan } from './write-plan.ts'

/** What the directory needs of the server. */
export interface DirectoryOptions {
  readonly data: Pick<ServerData, 'db' | 'keys'>
  readonly audit: Pick<AuditLog, 'statements'>
  /** Waited for after each change, so that calls know of it when the answer leaves. */
  changed(): Promise<void>
  /** Where phones register, as the settings write it: `udp:pbx.example.com:5060`. */
  sipAddresses(): readonly string[]
  /** Unix milliseconds. */
  now(): number
}

/** What became of a change. */
export interface Changed {
  /** Raw id of the thing. */
  readonly id: string
  /** The organisation's rows after it. */
  readonly rows: DirectoryRows
  /** SIP passwords that were made for it. */
  readonly passwords: readonly MadePassword[]
}

/** Whatever has an entry of its own. */
export type EntryKind = 'organization' | 'location' | LineKind | 'device' | 'group'

/** The directory of one database. */
export class Directory {
  readonly #options: DirectoryOptions

  constructor(options: DirectoryOptions) {
    this.#options = options
  }

  /** Where phones register. */
  get sipAddresses(): readonly string[] {
    return this.#options.sipAddresses()
  }

  /** The rows of an organisation. */
  rows(orgId: string): Promise<DirectoryRows> {
    return readRows(this.#options.data.db.kysely, orgId)
  }

  /** Carries out one change, or throws the `Failure` that says why not. */
  async change(actor: Actor, change: EntryPlan): Promise<Changed> {
    const { data, now } = this.#options
    const { orgId } = actor
    const done = await data.db.transaction(async (tx) => {
      const before = await readRows(tx, orgId)
      const id = change.id ?? randomUUID()
      const reader = new JsonReader(change.document(before, id))
      const planning = new Planning({
        reader,
        before,
        managedBy: API_MANAGER,
        kek: data.keys.kek,
        now: now(),
        newPassword: newSipPassword,
      })
      change.plan(planning, { orgId, id, realm: realmOf(before, orgId) })
      if (reader.errors.length > 0) throw failureOf(reader)
      const plan = finished(planning)
      checkAdministrators(reader, actor, before, plan.rows)
      if (reader.errors.length > 0) throw failureOf(reader)
      if (plan.changes.length > 0) {
        await writePlan(tx, before, plan, orgId)
        for (const entry of this.#audit(actor, before, plan)) await tx.executeQuery(entry.compile())
      }
      return { id, rows: plan.rows, passwords: plan.passwords, some: plan.changes.length > 0 }
    })
    if (done.some) await this.#options.changed()
    return done
  }

  /** Applies the text of a directory file that has one organisation, the caller's own. */
  async apply(
    actor: Actor,
    yamlText: string,
    options: { readonly dryRun: boolean; readonly prune: boolean },
  ): Promise<ApplyResult> {
    const { data, now } = this.#options
    const result = await applyDirectory(data, yamlText, {
      ...options,
      fileName: 'directory.yaml',
      now: now(),
      request: {
        orgId: actor.orgId,
        check: (reader, before, plan) => checkAdministrators(reader, actor, before, plan.rows),
        statements: (before, plan) => [
          ...this.#options.audit.statements([
            {
              actor,
              action: 'directory.applied',
              detail: { changes: plan.changes.length, prune: options.prune },
            },
          ]),
          ...this.#audit(actor, before, plan),
        ],
      },
    })
    if (result.errors.length > 0) throw refusal(result.reason ?? 'invalid', result.errors.join('; '))
    if (!options.dryRun && result.changes.length > 0) await this.#options.changed()
    return result
  }

  #audit(actor: Actor, before: DirectoryRows, plan: DirectoryPlan): ReturnType<AuditLog['statements']> {
    return this.#options.audit.statements(entriesOf(actor, before, plan))
  }
}

/** The first domain of an organisation, over which passwords are hashed. */
export function realmOf(rows: DirectoryRows, orgId: string): string {
  return rows.domains.find((row) => row.org_id === orgId && row.position === 0)?.domain ?? ''
}
