/**
 * The scrub: reads everything that is stored within seven days, compares the hash of each whole file, and tells of what
 * is not what was written (promise P5). It goes on after a restart where it stood, takes in plain files of earlier
 * releases, and puts away what belongs to nothing. It has no timer: whoever drives it calls `step` every second or so.
 */
import type { Logger } from '@tandem/base'
import type { Database } from '@tandem/store'
import type { AuditLog } from '../audit/audit-log.ts'
import { idKey } from '../catalogue/recording.ts'
import type { CatalogueTables } from '../catalogue/tables.ts'
import { ErasedRecording } from '../keys/data-keys.ts'
import type { RecordingAlarm } from '../options.ts'
import type { RawEntry } from '../vault/raw-store.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import type { Vault } from '../vault/vault.ts'
import { BATCH_FILES, sortOrphans } from './orphans.ts'
import { type ScrubbedFile, ScrubCatalogue, type ScrubPass } from './scrub-catalogue.ts'
import { dueBytes, PASS_MS, SCRUB_RATES, ScrubPace, type ScrubRates } from './scrub-pace.ts'
import type { StorageState } from './storage-state.ts'
import type { ScrubTables } from './tables.ts'

/**
 * How often a file is asked for that the store does not give, in steps, before the scrub looks whether the store answers
 * otherwise. If so the file is what is broken (a bad sector, say), and the others wait for it no longer.
 */
export const UNREADABLE_TRIES_MAX = 30

/** What the scrub works with. */
export interface ScrubOptions {
  readonly db: Database<CatalogueTables & ScrubTables>
  readonly vault: Vault
  readonly audit: Pick<AuditLog, 'statements'>
  readonly logger: Logger
  readonly onAlarm: (alarm: RecordingAlarm) => void
  /** Whether calls run now. */
  readonly isBusy: () => boolean
  /** Whether a recording is on its way to its row: its file is no orphan. */
  readonly isMaking: (id: string) => boolean
  readonly rates?: ScrubRates
}

/** What one step did. */
export interface ScrubStep {
  readonly checkedFiles: number
  readonly damaged: number
  readonly takenIn: number
  readonly quarantined: number
  /** The store did not answer: nothing is known of the file that was next, and it is asked for again. */
  readonly unreachable: boolean
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** See the head of this file. */
export class Scrub {
  readonly #options: ScrubOptions
  readonly #catalogue: ScrubCatalogue
  readonly #pace: ScrubPace
  #queue: readonly ScrubbedFile[] = []
  #known: ReadonlySet<string> | undefined
  #running: Promise<ScrubStep> | undefined
  /** The file that the store did not give, and how often. */
  #refused: { readonly name: string; readonly times: number } | undefined

  constructor(options: ScrubOptions) {
    this.#options = options
    this.#catalogue = new ScrubCatalogue(options.db)
    this.#pace = new ScrubPace(options.rates ?? SCRUB_RATES)
  }

  /** Reads what is due at this moment (Unix milliseconds). A step that is asked for while one runs is that one. */
  step(now: number): Promise<ScrubStep> {
    this.#running ??= this.#step(now).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Where it stands, as `StorageState` shows it. */
  async state(): Promise<StorageState['scrub']> {
    const pass = await this.#catalogue.pass()
    return {
      ...(pass === undefined || pass.phase === 'done' ? {} : { since: pass.began }),
      checkedFiles: pass?.checkedFiles ?? 0,
      checkedBytes: pass?.checkedBytes ?? 0,
      ...(pass?.lastCompleted === undefined ? {} : { lastCompleted: pass.lastCompleted }),
      damaged: await this.#catalogue.damaged(),
    }
  }

  async #step(now: number): Promise<ScrubStep> {
    this.#pace.advance(now, this.#options.isBusy())
    const step: Mutable<ScrubStep> = {
      checkedFiles: 0,
      damaged: 0,
      takenIn: 0,
      quarantined: 0,
      unreachable: false,
    }
    const before = await this.#currentPass(now)
    let pass = before
    try {
      while (pass.phase === 'files' && this.#pace.mayRead && pass.checkedBytes <= dueBytes(pass, now))
        pass = await this.#checkNext(pass, now, step)
      if (pass.phase === 'orphans') pass = await this.#sortNext(pass, now, step)
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error
      step.unreachable = true // Said by whoever needs the store; here it is tried again.
    }
    if (pass !== before) await this.#catalogue.save(pass)
    return step
  }

  /** The pass that runs, or a new one when the time of the last is over. */
  async #currentPass(now: number): Promise<ScrubPass> {
    const pass = await this.#catalogue.pass()
    const isOver = pass?.phase === 'done' && now - pass.began >= PASS_MS
    // A clock that was set back must not stop the scrub until it has caught up.
    if (pass !== undefined && !isOver && pass.began <= now) return pass
    await this.#catalogue.forgetErased()
    this.#known = undefined
    this.#queue = []
    const begun: ScrubPass = {
      began: now,
      phase: 'files',
      after: '',
      checkedFiles: 0,
      checkedBytes: 0,
      totalBytes: await this.#catalogue.totalBytes(),
      ...(pass?.lastCompleted === undefined ? {} : { lastCompleted: pass.lastCompleted }),
    }
    await this.#catalogue.save(begun)
    return begun
  }

  async #checkNext(pass: ScrubPass, now: number, step: Mutable<ScrubStep>): Promise<ScrubPass> {
    if (this.#queue.length === 0) this.#queue = await this.#catalogue.next(pass.after)
    const [file, following] = this.#queue
    if (file === undefined) return { ...pass, phase: 'orphans', after: '' }
    await this.#check(file, now, step)
    this.#queue = this.#queue.slice(1)
    this.#pace.spend(file.sizeBytes)
    step.checkedFiles += 1
    const isLastOfIts = following === undefined || following.recordingId !== file.recordingId
    return {
      ...pass,
      after: isLastOfIts ? idKey(file.recordingId) : pass.after,
      checkedFiles: pass.checkedFiles + 1,
      checkedBytes: pass.checkedBytes + file.sizeBytes,
    }
  }

  async #check(file: ScrubbedFile, now: number, step: Mutable<ScrubStep>): Promise<void> {
    const { vault } = this.#options
    try {
      await vault.verify(file)
    } catch (error) {
      if (!(error instanceof StorageFault)) throw error
      if (error.kind !== 'damaged' && !(await this.#isGivenUp(file))) throw error
      if (await this.#tellOf(file, error.message, now)) step.damaged += 1
      return
    }
    this.#refused = undefined
    if ((await this.#knownDamage()).has(nameOf(file))) {
      await this.#catalogue.clearDamage(file)
      this.#known = undefined
    }
    if (file.storage === 'bare' && vault.form !== 'bare' && (await this.#takeIn(file))) step.takenIn += 1
  }

  /** Whether a file was asked for in vain often enough, while the store does answer. */
  async #isGivenUp(file: ScrubbedFile): Promise<boolean> {
    const name = nameOf(file)
    const times = this.#refused?.name === name ? this.#refused.times + 1 : 1
    this.#refused = { name, times }
    if (times < UNREADABLE_TRIES_MAX) return false
    try {
      for await (const _ of this.#options.vault.list()) break
    } catch {
      return false // The store itself is away: no file of it is accused.
    }
    this.#refused = undefined
    return true
  }

  /** Notes, audits and reports damage, once until it is whole again. */
  async #tellOf(file: ScrubbedFile, what: string, now: number): Promise<boolean> {
    // Erased, replaced or taken in while it was read: that is no damage.
    if (!(await this.#catalogue.isCurrent(file))) return false
    const { recordingId, orgId } = file
    const entry = {
      actor: { orgId, personId: '', as: 'system' },
      action: 'recording.damaged',
      recordingId,
      detail: { file: file.file },
    } as const
    const isNew = await this.#catalogue.noteDamage({ file, what, foundAt: now }, () =>
      this.#options.audit.statements([entry]),
    )
    if (!isNew) return false
    this.#known = undefined
    this.#options.logger.error('A recording is damaged', { recordingId, file: file.file, message: what })
    this.#options.onAlarm({ what: 'file-damaged', recordingId, message: what })
    return true
  }

  /** Stores a plain file of an earlier release in the form of today, then removes the plain one. */
  async #takeIn(file: ScrubbedFile): Promise<boolean> {
    const { vault } = this.#options
    let key: string | undefined
    try {
      const written = await vault.write(file.recordingId, file.file, vault.read(file), file)
      key = written.key
      if (written.sha256 === file.sha256 && (await this.#catalogue.moved(file, written))) {
        // A list is put beside a plain file that may keep its name: then there is nothing to remove.
        if (key !== file.vaultKey) await vault.remove(file.vaultKey)
        return true
      }
    } catch (error) {
      if (!(error instanceof ErasedRecording)) throw error
    }
    if (key !== undefined && key !== file.vaultKey) await vault.remove(key)
    return false
  }

  async #sortNext(pass: ScrubPass, now: number, step: Mutable<ScrubStep>): Promise<ScrubPass> {
    const { vault, isMaking, logger } = this.#options
    const entries: RawEntry[] = []
    for await (const entry of vault.list(pass.after === '' ? undefined : pass.after)) {
      entries.push(entry)
      if (entries.length === BATCH_FILES) break
    }
    const last = entries.at(-1)
    if (last === undefined) return { ...pass, phase: 'done', after: '', lastCompleted: now }
    const sorted = await sortOrphans(entries, now, { vault, catalogue: this.#catalogue, isMaking })
    step.quarantined += sorted.quarantined.length
    if (sorted.quarantined.length + sorted.removed.length > 0)
      logger.info('Put files away that belong to no recording', { ...sorted })
    return { ...pass, after: last.key }
  }

  async #knownDamage(): Promise<ReadonlySet<string>> {
    this.#known ??= new Set((await this.#catalogue.damaged()).map(nameOf))
    return this.#known
  }
}

function nameOf(file: { readonly recordingId: string; readonly file: string }): string {
  return `${idKey(file.recordingId)}/${file.file}`
}
