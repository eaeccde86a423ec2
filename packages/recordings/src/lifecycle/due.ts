/**
 * What is due by kept time: bins that are over and retention that has ended (converged-recordings §1; promise P16). In
 * commits of a bounded size, by key, so that it may be cut off anywhere and begun again. Nothing is due while kept time
 * doubts the clock.
 */
import type { Actor } from '../library.ts'
import type { Erasure } from './erasure.ts'
import { judgeAndCommit } from './guard.ts'
import { COMMIT_RECORDINGS_MAX, Keeper, type KeptRow } from './kept-rows.ts'
import type { Mover } from './moves.ts'
import type { LifecycleOptions } from './options.ts'

const UNKEPT = { hold: true, retention: true }

/** Where a page of due rows ends. */
interface Place {
  readonly at: number
  readonly seq: number
}

/** Finds and carries out what is due. */
export class DueWork {
  readonly #options: LifecycleOptions
  readonly #mover: Mover
  readonly #erasure: Erasure

  constructor(options: LifecycleOptions, parts: { readonly mover: Mover; readonly erasure: Erasure }) {
    this.#options = options
    this.#mover = parts.mover
    this.#erasure = parts.erasure
  }

  /** Purges what has been in the recycle bin for its time; what is held or retained stays there. */
  purge(): Promise<number> {
    return this.#each('bin_until', (actor, rows, keeper) => this.#mover.plan(actor, 'purge', rows, keeper))
  }

  /** Erases what was to be erased when its retention ended. */
  async erase(): Promise<number> {
    return this.#each(
      'retain_until',
      (actor, rows, keeper) => this.#erasure.plan(actor, rows, keeper, { reason: 'retention' }),
      () => this.#erasure.finish(),
    )
  }

  /** Whether anything would be due at this moment. */
  async isDue(at: number): Promise<boolean> {
    const first = { at: Number.MIN_SAFE_INTEGER, seq: 0 }
    const due = await Promise.all([
      this.#select('bin_until', at, first).select('seq').limit(1).execute(),
      this.#select('retain_until', at, first).select('seq').limit(1).execute(),
    ])
    return due.some((rows) => rows.length > 0)
  }

  async #each(
    column: 'bin_until' | 'retain_until',
    plan: (actor: Actor, rows: readonly KeptRow[], keeper: Keeper) => ReturnType<Mover['plan']>,
    done: () => Promise<unknown> = async () => {},
  ): Promise<number> {
    const { db, keptTime, retention } = this.#options
    let count = 0
    for (let after: Place = { at: Number.MIN_SAFE_INTEGER, seq: 0 }; ; ) {
      const from = after
      const step = await judgeAndCommit(db, async () => {
        if (keptTime.doubt !== undefined) return { moved: 0, next: undefined }
        const now = keptTime.now()
        const page = await this.#select(column, now, from).selectAll().limit(COMMIT_RECORDINGS_MAX).execute()
        const orgId = page[0]?.org_id
        if (orgId === undefined) return { moved: 0, next: undefined }
        // One organisation at a time: the audit log and the policies are its own.
        const end = page.findIndex((row) => row.org_id !== orgId)
        const rows = end < 0 ? page : page.slice(0, end)
        const keeper = await Keeper.of(retention, orgId, now)
        const due = rows.filter((row) => isDue(column, row, keeper))
        const last = rows.at(-1)
        const outcome = {
          moved: due.length,
          next: last && { at: Number(last[column]), seq: Number(last.seq) },
        }
        if (due.length === 0) return outcome
        const actor: Actor = { orgId, personId: '', as: 'system' }
        return { commit: await plan(actor, due, keeper), outcome }
      })
      count += step.moved
      if (step.moved > 0) await done()
      if (step.next === undefined) return count
      after = step.next
    }
  }

  /** Rows that are due at `at` and free of hold, in the order of the index, after a place. */
  #select(column: 'bin_until' | 'retain_until', at: number, after: Place) {
    const select = this.#options.db.kysely
      .selectFrom('recording')
      .where(column, '<=', at)
      .where(column, '>=', after.at)
      .where((eb) => eb.or([eb(column, '>', after.at), eb('seq', '>', after.seq)]))
      .where('held', '=', 0)
      .orderBy(column)
      .orderBy('seq')
    if (column === 'bin_until')
      return select
        .where('status', '=', 'deleted')
        .where((eb) => eb.or([eb('retain_until', 'is', null), eb('retain_until', '<=', at)]))
    return select.where((eb) => eb('erase_at_end', '=', eb.lit(1)))
  }
}

function isDue(column: 'bin_until' | 'retain_until', row: KeptRow, keeper: Keeper): boolean {
  if (keeper.refuse(row, UNKEPT) !== undefined) return false
  return column === 'bin_until' || keeper.retention(row).eraseAtEnd
}
