/**
 * One data folder over many lives of the worker: started, compared with the ledger, put to work, struck. After every
 * start the full reconcile is made: ledger, rows, bytes, keys, manifests, audit chain, events, both database files.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { verifyExport } from '../../../packages/cli/src/verify/verify-export.ts'
import { idKey } from '../../../packages/recordings/src/catalogue/recording.ts'
import { Ledger } from './ledger.ts'
import type { Command, Report } from './protocol.ts'
import type { Bug } from './seed-bug.ts'
import { type Ending, WorkerProcess } from './worker-process.ts'

/** Lanes of the worker: enough for commits to be shared, as in service. */
export const LANES = 8

/** How to open one. */
export interface LifeOptions {
  readonly bug?: Bug | undefined
  /** Where its files are; in a temporary folder when absent. */
  readonly parent?: string
  /** Made by `prepared`; copied so that the migrations run once for all. */
  readonly template?: string
}

/** See the head of this file. */
export class Life {
  readonly folder: string
  readonly dataFolder: string
  readonly ledger = new Ledger()
  readonly #bug: Bug | undefined
  /** What reconciling found, over all lives. */
  readonly faults: string[] = []
  /** How long each start took until it was ready. */
  readonly readyMs: number[] = []
  orphans = 0
  quarantined = 0
  reconciles = 0

  constructor({ bug, parent = tmpdir(), template }: LifeOptions = {}) {
    this.folder = mkdtempSync(join(parent, 'tandem-promises-'))
    this.dataFolder = join(this.folder, 'data')
    this.#bug = bug
    if (template !== undefined) cpSync(template, this.dataFolder, { recursive: true })
    mkdirSync(join(this.folder, 'scratch'), { recursive: true })
  }

  /** Starts a worker; `strace` as its arguments, `dataFolder` when it is not ours but a copy. */
  start(
    options: {
      readonly strace?: readonly string[]
      readonly dataFolder?: string
      readonly ledger?: Ledger
      readonly still?: boolean
    } = {},
  ): WorkerProcess {
    const { strace, dataFolder = this.dataFolder, ledger = this.ledger, still = false } = options
    const scratch = join(this.folder, 'scratch')
    return new WorkerProcess({
      ...{ dataFolder, scratch, ledger, still, bug: this.#bug },
      ...(strace === undefined ? {} : { strace }),
    })
  }

  /** Waits until it is ready and compares everything. False when it died before. */
  async reconcile(
    worker: WorkerProcess,
    options: { readonly ledger?: Ledger; readonly dataFolder?: string; readonly putAway?: boolean } = {},
  ): Promise<boolean> {
    const { ledger = this.ledger, dataFolder = this.dataFolder, putAway = false } = options
    const ready = await worker.next('ready')
    if (ready === undefined) return false
    this.readyMs.push(ready.ms)
    const auditFile = join(this.folder, 'audit.ndjson')
    worker.send({ c: 'report', auditFile, putAway })
    const told = await worker.next('report')
    if (told === undefined) return false
    this.reconciles++
    this.faults.push(
      ...ledger.compare(told.report, { putAway }),
      ...this.#structure(told.report, { putAway }),
    )
    this.faults.push(...verifyExport(auditFile).faults.map((fault) => `audit chain: ${fault}`))
    for (const file of ['tandem.db', 'keys/recordings.keys'])
      this.faults.push(...integrity(join(dataFolder, file)))
    return true
  }

  /** Puts it to work. */
  work(worker: WorkerProcess, command: Partial<Extract<Command, { readonly c: 'work' }>>): void {
    worker.send({
      ...{ c: 'work', seed: 1, ops: 100, lanes: LANES, kind: 'everything', warm: false, stop: false },
      known: [...this.ledger.recordings.values()],
      retentionDays: this.ledger.retentionDays,
      ...command,
    })
  }

  /** What an ending may not be: a crash of our own making. */
  note(ending: Ending): void {
    const isStruck = ending.signal === 'SIGKILL' || ending.code === 137
    if (ending.code !== 0 && !isStruck)
      this.faults.push(`the worker ended with ${ending.code ?? ending.signal}: ${ending.output.slice(-600)}`)
    this.faults.push(...this.ledger.violations.splice(0))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Row, file, key and event belong together. */
  #structure(report: Report, { putAway }: { readonly putAway: boolean }): string[] {
    const faults: string[] = []
    const named = new Set(report.recordings.map((row) => row.vaultKey))
    const orphans = report.files.filter((file) => !named.has(file) && !/transcript/.test(file))
    this.orphans = Math.max(this.orphans, orphans.length)
    this.quarantined = Math.max(this.quarantined, report.quarantined)
    if (putAway) faults.push(...orphans.map((file) => `orphan: ${file} is not in quarantine`))
    for (const { id, vaultKey } of report.recordings) {
      const key = idKey(id)
      if (!report.files.includes(vaultKey)) faults.push(`phantom: ${id} has a row and no file`)
      if (report.events[`created ${key}`] !== 1)
        faults.push(`event: ${id} was announced ${report.events[`created ${key}`] ?? 0} times`)
      if (report.audited[`recording.imported ${key}`] !== 1)
        faults.push(`audit: ${id} has no row of its import`)
      if (report.erased.includes(key)) faults.push(`${id} is there and among the erased`)
    }
    return faults
  }
}

function integrity(file: string): string[] {
  if (!existsSync(file)) return [`${file} is gone`]
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = database.prepare('PRAGMA integrity_check').all()
    const said = rows.map((row) => String(row['integrity_check'])).join('; ')
    return said === 'ok' ? [] : [`integrity of ${file}: ${said}`]
  } finally {
    database.close()
  }
}

/** A data folder with its tables and nothing in it, to begin lives from. */
export async function prepared(parent: string = tmpdir()): Promise<string> {
  const life = new Life({ parent })
  const worker = life.start()
  await worker.next('ready')
  life.note(await worker.close())
  if (life.faults.length > 0) throw new Error(life.faults.join('\n'))
  return life.dataFolder
}
