/**
 * Power cuts (promises P1, P2): the data folder lies on an ext4 image that writes nothing back by itself; in the middle of
 * the work all threads are stopped and the image is copied, which is the disk as the cut would leave it. The copy is
 * mounted and started from, and must hold everything that was acknowledged before the copy was made.
 *
 * Every second run has the vault on an image of its own: on one file system ext4 puts a new name on disk with whatever is
 * synced next, so that a folder which nobody syncs shows on two only.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '@tandem/testing'
import { Life } from './life.ts'
import type { Command } from './protocol.ts'
import type { Bug } from './seed-bug.ts'

const IMAGE_BYTES = 96 * 1024 * 1024
/** ext4 writes back by itself after so many seconds: longer than any run. */
const COMMIT_S = 300
/** Copies taken of one run before the next begins on a new image. */
const CUTS_PER_IMAGE = 5
const WORK_MS_MIN = 100
const WORK_MS_SPREAD = 900

/** What happened. */
export interface PowerCuts {
  readonly cuts: number
  readonly acked: number
  readonly readyMsMax: number
  readonly faults: readonly string[]
}

/** How much, and with which bug. */
export interface PowerCutOptions {
  readonly random: Random
  readonly template: string
  readonly bug?: Bug
  /** Whether the vault has a disk of its own; by turns when absent. */
  readonly vaultApart?: boolean
  /** Work of one kind that ends by itself, and the cut right after its last acknowledgement. */
  readonly exactly?: Pick<Extract<Command, { readonly c: 'work' }>, 'ops' | 'lanes' | 'kind' | 'warm'>
  readonly until?: number
}

/** Why images cannot be mounted here; false when they can. */
export function mountSkip(): string | false {
  if (process.getuid?.() !== 0) return 'only root may mount an image'
  if (spawnSync('mkfs.ext4', ['-V']).error !== undefined) return 'mkfs.ext4 is not installed'
  const folder = mkdtempSync(join(tmpdir(), 'tandem-mount-'))
  const disks = new Disks(folder, { vaultApart: false })
  try {
    disks.make()
    return false
  } catch {
    return 'this machine has no loop devices'
  } finally {
    disks.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Cuts the power so often. */
export async function cutPower(cuts: number, options: PowerCutOptions): Promise<PowerCuts> {
  const { template, bug, until = Number.POSITIVE_INFINITY } = options
  const sum = { cuts: 0, acked: 0, readyMsMax: 0 }
  const faults: string[] = []
  for (let run = 0; sum.cuts < cuts && faults.length === 0 && performance.now() < until; run++) {
    const life = new Life({ bug })
    const disks = new Disks(life.folder, { vaultApart: options.vaultApart ?? run % 2 === 1 })
    try {
      disks.make(template)
      await cutRun(life, disks, options, Math.min(CUTS_PER_IMAGE, cuts - sum.cuts), () => sum.cuts++)
      sum.acked += life.ledger.acked
      sum.readyMsMax = Math.max(sum.readyMsMax, ...life.readyMs)
      faults.push(...life.faults)
    } finally {
      disks.remove()
      life.remove()
    }
  }
  return { ...sum, faults }
}

/** Several cuts of one run. */
async function cutRun(
  life: Life,
  disks: Disks,
  { random, exactly, until = Number.POSITIVE_INFINITY }: PowerCutOptions,
  cuts: number,
  onCut: () => void,
): Promise<void> {
  const worker = life.start({ dataFolder: disks.dataFolder })
  try {
    if ((await worker.next('ready')) === undefined) return
    const seed = 1 + random.below(2 ** 30)
    life.work(worker, { seed, ...(exactly === undefined ? { ops: 1_000_000 } : { ...exactly, stop: true }) })
    for (let cut = 0; cut < (exactly === undefined ? cuts : 1) && performance.now() < until; cut++) {
      if (exactly === undefined) {
        await wait(WORK_MS_MIN + random.below(WORK_MS_SPREAD))
        await worker.freeze()
      } else {
        await worker.next('stopping')
        await worker.frozen()
      }
      const then = life.ledger.copy()
      const copy = disks.copy()
      onCut()
      worker.thaw()
      await reconcileCopy(life, copy, then)
      if (life.faults.length > 0) return
    }
  } finally {
    worker.kill()
    life.note(await worker.ended)
  }
}

async function reconcileCopy(
  life: Life,
  copy: Disks,
  then: ReturnType<Life['ledger']['copy']>,
): Promise<void> {
  try {
    copy.mount()
    const { dataFolder } = copy
    const worker = life.start({ dataFolder, ledger: then, still: true })
    const isReady = await life.reconcile(worker, { dataFolder, ledger: then, putAway: true })
    worker.kill()
    const { output } = await worker.ended
    if (!isReady) life.faults.push(`after a power cut it did not start: ${output.slice(-600)}`)
  } finally {
    copy.remove()
  }
}

/** One ext4 image, or one and another for the vault, and where they are mounted. */
class Disks {
  static #made = 0
  readonly #folder: string
  readonly #name: string
  readonly vaultApart: boolean

  constructor(folder: string, { vaultApart }: { readonly vaultApart: boolean }) {
    this.#folder = folder
    this.#name = join(folder, `disk-${++Disks.#made}`)
    this.vaultApart = vaultApart
  }

  get dataFolder(): string {
    return join(this.#name, 'data')
  }

  /** Images first what is mounted first. */
  get #images(): readonly { readonly file: string; readonly at: string }[] {
    const main = { file: `${this.#name}.img`, at: this.#name }
    const vault = { file: `${this.#name}-vault.img`, at: `${this.#name}-vault` }
    return this.vaultApart ? [main, vault] : [main]
  }

  /** Makes them, with the contents of a folder, all of it on disk. */
  make(template?: string): void {
    for (const { file } of this.#images) {
      execFileSync('truncate', ['-s', String(IMAGE_BYTES), file])
      execFileSync('mkfs.ext4', ['-q', '-F', file])
    }
    this.mount()
    if (template !== undefined) cpSync(template, this.dataFolder, { recursive: true })
    this.#link()
    for (const { at } of this.#images) execFileSync('sync', ['-f', at])
  }

  mount(): void {
    for (const { file, at } of this.#images) {
      mkdirSync(at, { recursive: true })
      execFileSync('mount', ['-o', `loop,commit=${COMMIT_S}`, file, at], { stdio: 'pipe' })
    }
    if (existsSync(this.dataFolder)) this.#link()
  }

  /** Vault and quarantine, which are one volume, lie on the second image and are reached by links. */
  #link(): void {
    const [, vault] = this.#images
    if (vault === undefined) return
    for (const name of ['vault', 'quarantine']) {
      const [link, target] = [join(this.dataFolder, name), join(vault.at, name)]
      mkdirSync(target, { recursive: true })
      rmSync(link, { recursive: true, force: true })
      symlinkSync(target, link)
    }
  }

  /** The disks as they are at this moment, without what only the page cache knows. */
  copy(): Disks {
    const copy = new Disks(this.#folder, this)
    for (const [at, { file }] of this.#images.entries())
      execFileSync('cp', ['--sparse=always', file, copy.#images[at]?.file as string]) // As many as ours.
    return copy
  }

  remove(): void {
    for (const { file, at } of this.#images.toReversed()) {
      spawnSync('umount', [at])
      rmSync(file, { force: true })
    }
  }
}
