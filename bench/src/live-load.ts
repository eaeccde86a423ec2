/**
 * The load generator beside a running farm of phones: each leg speaks to where its call has it speak, from the moment that
 * the call is answered until it ends. One stretch of it is measured.
 */
import { Child } from '../../tools/child.ts'
import type { PhoneFarm } from './phone-farm.ts'
import type { Load } from './rtp-load.ts'

const READY_MS_MAX = 10_000
const END_MS = 5_000

/** A running generator that follows a farm. */
export class LiveLoad {
  readonly #child: Child
  readonly #unfollow: () => void

  private constructor(child: Child, unfollow: () => void) {
    this.#child = child
    this.#unfollow = unfollow
  }

  /**
   * Starts `program` with `legs` legs from `base` on, silent until their calls stand. `blind` where packets may come
   * back on any leg, as they do when calls are transferred and mixed.
   */
  static async start(
    program: string,
    options: {
      readonly base: number
      readonly legs: number
      readonly pid: number
      readonly blind: boolean
      readonly farm: PhoneFarm
    },
  ): Promise<LiveLoad> {
    const { base, legs, pid, blind, farm } = options
    const args = [String(base), 'follow', String(legs), String(pid), ...(blind ? ['blind'] : [])]
    const child = new Child('relay-generator', program, args)
    await child.waitFor(/ready\n/, READY_MS_MAX)
    const unfollow = farm.listen((report) => {
      if (report.kind === 'talking') child.process.stdin?.write(`${report.leg} ${report.port}\n`)
      if (report.kind === 'over') child.process.stdin?.write(`${report.leg} 0\n`)
    })
    return new LiveLoad(child, unfollow)
  }

  get pid(): number {
    return this.#child.process.pid ?? 0
  }

  /** Begins the measured stretch. */
  measure(): void {
    this.#child.process.stdin?.write('m 1\n')
  }

  /** Ends it; the legs go on. */
  measured(): void {
    this.#child.process.stdin?.write('m 0\n')
  }

  /** Falls silent, ends the process, and says what was measured. */
  async finish(): Promise<Load> {
    this.#unfollow()
    this.#child.process.stdin?.end()
    const timer = setTimeout(() => this.#child.process.kill('SIGKILL'), END_MS)
    await this.#child.exited
    clearTimeout(timer)
    const line = /^\{.*\}$/m.exec(this.#child.output)?.[0]
    if (line === undefined) throw new Error(`the load generator failed: ${this.#child.output}`)
    return JSON.parse(line) as Load // Printed by `relay-generator.c`.
  }
}
