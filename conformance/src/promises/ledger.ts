/**
 * What the worker acknowledged, and what must therefore be found. Of an operation that was under way, or that failed with
 * an error, nobody may know whether it holds: either is right, and what is found settles it.
 */
import { idKey } from '../../../packages/recordings/src/catalogue/recording.ts'
import {
  type Effect,
  type FoundRecording,
  type KnownRecording,
  type LedgerLine,
  type Report,
  UNKNOWN_HOLD,
} from './protocol.ts'

const ACTION: Readonly<Record<Exclude<Effect['do'], 'status'>, string>> = {
  import: 'recording.imported',
  erase: 'recording.erased',
  owner: 'recording.reassigned',
  topic: 'recording.updated',
  hold: 'hold.placed',
  release: 'hold.released',
  transcript: 'recording.transcribed',
  read: 'recording.downloaded',
  retention: 'retention.set',
}

/** The ledger of one data folder over all its lives. */
export class Ledger {
  readonly recordings: Map<string, KnownRecording> = new Map()
  readonly #erased = new Set<string>()
  /** `action id`, and how often it was acknowledged. */
  #audited: Map<string, number> = new Map()
  /** Operations of which nobody knows. */
  #open: Effect[] = []
  readonly #underWay = new Map<number, Effect>()
  retentionDays = 0
  acked = 0
  failed = 0
  /** Names and codes of the errors that operations failed with, each with one of its sentences. */
  readonly faults: Map<string, string> = new Map()
  readonly violations: string[] = []

  /** Takes in one line of the worker. */
  take(line: LedgerLine): void {
    if (line.k === 'begin') this.#underWay.set(line.lane, line.effect)
    else if (line.k === 'violation') this.violations.push(line.what)
    else if (line.k === 'failed') {
      this.#underWay.delete(line.lane)
      this.#open.push(line.effect)
      this.failed++
      const { name, code, message } = line.error
      this.faults.set(`${name} ${code}`.trim(), message)
    } else if (line.k === 'done') {
      this.#underWay.delete(line.lane)
      this.acked++
      this.#apply(line.effect)
    }
  }

  /** The worker is gone: what was under way may or may not have been carried out. */
  cut(): void {
    this.#open.push(...this.#underWay.values())
    this.#underWay.clear()
  }

  /** The same, as it is now: for an image of the disk, while the worker goes on. */
  copy(): Ledger {
    const copy = new Ledger()
    for (const [id, recording] of this.recordings) copy.recordings.set(id, recording)
    for (const id of this.#erased) copy.#erased.add(id)
    copy.#audited = new Map(this.#audited)
    copy.#open = [...this.#open, ...this.#underWay.values()]
    copy.retentionDays = this.retentionDays
    copy.acked = this.acked
    return copy
  }

  /** Everything that is not as acknowledged; what was open is settled by what was found. */
  compare(report: Report, { putAway }: { readonly putAway: boolean }): readonly string[] {
    const faults: string[] = []
    const found = new Map(report.recordings.map((each) => [each.id, each]))
    const erased = new Set(report.erased)
    const open = new Map<string, Effect[]>()
    const imports = new Map<string, Effect>()
    for (const effect of this.#open) {
      if (effect.do === 'import') imports.set(effect.sha256, effect)
      else if (effect.do === 'retention') {
        if (report.retentionDays === effect.days) this.retentionDays = effect.days
      } else open.set(effect.id, [...(open.get(effect.id) ?? []), effect])
    }
    for (const [id, known] of this.recordings) {
      const row = found.get(id)
      found.delete(id)
      const settled = settle(known, row, open.get(id) ?? [], erased.has(idKey(id)))
      if (settled.kind === 'fault') faults.push(settled.what)
      if (settled.kind === 'erased') this.#erased.add(id)
      if (settled.kind === 'is') this.recordings.set(id, settled.known)
      else this.recordings.delete(id)
    }
    for (const row of found.values()) {
      const effect = imports.get(row.sha256)
      if (effect?.do !== 'import') {
        const isBack = this.#erased.has(row.id)
        faults.push(
          isBack ? `${row.id} was erased and is there again` : `phantom: ${row.id} was never imported`,
        )
        continue
      }
      const { owner, topic } = effect
      const known = { id: row.id, sha256: row.sha256, owner, topic, status: 'available', holds: [] }
      const settled = settle(known, row, [], false)
      if (settled.kind === 'fault') faults.push(settled.what)
      if (settled.kind === 'is') this.recordings.set(row.id, known)
    }
    faults.push(...this.#erasedFaults(report, { putAway }))
    for (const [name, times] of this.#audited)
      if ((report.audited[name] ?? 0) < times)
        faults.push(
          `audit: ${name} was acknowledged ${times} times and is written ${report.audited[name] ?? 0}`,
        )
    if (report.retentionDays < this.retentionDays)
      faults.push(`lost: retention of ${this.retentionDays} days, found ${report.retentionDays}`)
    this.#open = []
    return faults
  }

  /** A transcript whose storing was cut off has no row, and lies there without its key until the scrub comes by. */
  #erasedFaults(report: Report, { putAway }: { readonly putAway: boolean }): readonly string[] {
    const faults: string[] = []
    const [keys, erased] = [new Set(report.keys), new Set(report.erased)]
    const files = report.files.filter((file) => putAway || !file.includes('.transcript-')).map(idKey)
    for (const id of this.#erased) {
      const key = idKey(id)
      if (!erased.has(key)) faults.push(`${id} was erased and is not among the erased`)
      if (keys.has(key)) faults.push(`${id} was erased and still has its key`)
      const file = files.find((name) => name.includes(key))
      if (file !== undefined) faults.push(`${id} was erased and has the file ${file}`)
    }
    return faults
  }

  #apply(effect: Effect): void {
    const action = effect.do === 'status' ? effect.action : ACTION[effect.do]
    // Holds and policies are audited without, or with, the recording as the library likes; the others by recording.
    if (!['hold', 'release', 'retention'].includes(effect.do)) {
      const name = `${action} ${idKey('id' in effect ? (effect.id ?? '') : '')}`
      this.#audited.set(name, (this.#audited.get(name) ?? 0) + 1)
    }
    if (effect.do === 'retention') this.retentionDays = effect.days
    else if (effect.do === 'import') {
      const { id = '', sha256, owner, topic } = effect
      this.recordings.set(id, { id, sha256, owner, topic, status: 'available', holds: [] })
    } else if (effect.do === 'erase') {
      this.recordings.delete(effect.id)
      this.#erased.add(effect.id)
    } else {
      const known = this.recordings.get(effect.id)
      if (known !== undefined) this.recordings.set(effect.id, changed(known, effect))
    }
  }
}

function changed(known: KnownRecording, effect: Effect): KnownRecording {
  switch (effect.do) {
    case 'status':
      return { ...known, status: effect.status }
    case 'owner':
      return { ...known, owner: effect.owner }
    case 'topic':
      return { ...known, topic: effect.topic }
    case 'hold':
      return { ...known, holds: [...known.holds, effect.holdId ?? UNKNOWN_HOLD] }
    case 'release':
      return { ...known, holds: known.holds.filter((each) => each !== effect.holdId) }
    case 'transcript':
      return { ...known, transcript: effect.text }
    case 'import':
    case 'erase':
    case 'read':
    case 'retention':
      return known
  }
}

type Settled =
  | { readonly kind: 'is'; readonly known: KnownRecording }
  | { readonly kind: 'erased' }
  | { readonly kind: 'fault'; readonly what: string }

/** What the recording is now. */
function settle(
  known: KnownRecording,
  row: FoundRecording | undefined,
  open: readonly Effect[],
  isErased: boolean,
): Settled {
  const { id, sha256 } = known
  const fault = (what: string): Settled => ({ kind: 'fault', what })
  if (row === undefined) {
    if (!open.some((effect) => effect.do === 'erase'))
      return fault(`lost: ${id} was acknowledged and is not there`)
    return isErased ? { kind: 'erased' } : fault(`${id} is gone and not among the erased`)
  }
  if (row.sha256 !== sha256) return fault(`torn: ${id} has another hash than was imported`)
  if (row.read !== sha256) return fault(`torn: ${id} reads as ${row.read}`)
  if (row.manifest !== sha256) return fault(`torn: ${id} has a manifest that says ${row.manifest}`)
  if (!row.keyed) return fault(`torn: ${id} has no key`)
  const candidates = [known, ...open.map((effect) => changed(known, effect))]
  const fits = candidates.find((each) => same(each, row))
  if (fits !== undefined) return { kind: 'is', known: fits }
  return fault(`lost: ${id} should be ${describe(known)} and is ${describe({ ...row, holds: row.held })}`)
}

function same(known: KnownRecording, row: FoundRecording): boolean {
  return describe({ ...known, holds: known.holds.length }) === describe({ ...row, holds: row.held })
}

function describe({
  status,
  owner,
  topic,
  holds,
  transcript,
}: {
  readonly status: string
  readonly owner: string
  readonly topic: string
  readonly holds: number | readonly string[]
  readonly transcript?: string
}): string {
  const held = typeof holds === 'number' ? holds : holds.length
  return `${status}, of ${owner}, "${topic}", held ${held}, transcript ${transcript ?? 'none'}`
}
