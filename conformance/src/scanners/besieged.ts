/** What every attack needs: the server, the pair that must go on telephoning, and the table. */
import { Stage } from '../../../tools/stage.ts'
import { Findings } from './findings.ts'
import { GoodPhones } from './good-phones.ts'
import { directory } from './house.ts'
import { Knocker } from './knocker.ts'

/** A house under attack. */
export class Besieged {
  readonly stage: Stage
  readonly good: GoodPhones
  readonly findings: Findings = new Findings()
  readonly #knockers: Knocker[] = []

  private constructor(stage: Stage, good: GoodPhones) {
    this.stage = stage
    this.good = good
  }

  /** Starts the server, and the pair that telephones. */
  static async open(): Promise<Besieged> {
    const stage = await Stage.open({ directory: directory() })
    return new Besieged(stage, await GoodPhones.open(stage.sipPort))
  }

  /** A client that keeps no rule, at an address of loopback. */
  async knocker(host = '127.0.0.1'): Promise<Knocker> {
    const knocker = await Knocker.open(this.stage.sipPort, host)
    this.#knockers.push(knocker)
    return knocker
  }

  /** Ends everything; the server's exit code. */
  async close(): Promise<number> {
    await this.good.close()
    for (const knocker of this.#knockers) knocker.close()
    const code = await this.stage.stop()
    await this.stage.close()
    return code
  }
}

/** An offer of audio, as any phone makes it. */
export const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n')
