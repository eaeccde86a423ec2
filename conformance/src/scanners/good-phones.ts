/** Two people who telephone all the time while others attack: what they notice of it is the measure. */
import { openPhone, type Phone } from '@tandem/phone'
import { DOMAIN, GOOD_PHONES, passwordOf } from './house.ts'

const ANSWER_MS_MAX = 10_000
const TALK_MS = 200

/** A pair that calls, talks for a moment, hangs up, and calls again. */
export class GoodPhones {
  readonly caller: Phone
  readonly callee: Phone
  /** Calls that were answered and ended as they should. */
  completed = 0
  readonly failures: string[] = []
  #isOver = false
  #calling: Promise<void> = Promise.resolve()

  private constructor(caller: Phone, callee: Phone) {
    this.caller = caller
    this.callee = callee
  }

  /** Registers both, and begins. */
  static async open(sipPort: number): Promise<GoodPhones> {
    const [first, second] = await Promise.all(GOOD_PHONES.map((user) => goodPhone(sipPort, user)))
    if (first === undefined || second === undefined) throw new Error('there must be two phones')
    const phones = new GoodPhones(first, second)
    phones.#calling = phones.#keepCalling()
    return phones
  }

  /** Ends the last call, and both phones. */
  async close(): Promise<void> {
    this.#isOver = true
    await this.#calling
    await Promise.all([this.caller.close(), this.callee.close()])
  }

  async #keepCalling(): Promise<void> {
    while (!this.#isOver) {
      try {
        const call = await this.caller.dial(GOOD_PHONES[1])
        await call.waitFor('established', { since: 0, timeoutMs: ANSWER_MS_MAX })
        await new Promise((resolve) => setTimeout(resolve, TALK_MS)) // People talk; an endless burst would be an attack too.
        await call.hangup()
        this.completed += 1
      } catch (error) {
        this.failures.push(error instanceof Error ? error.message : String(error))
        if (this.failures.length > 20) return
      }
    }
  }
}

/** A phone that keeps the rules, registered, which answers by itself. */
export async function goodPhone(sipPort: number, user: string): Promise<Phone> {
  const phone = await openPhone({
    user,
    password: passwordOf(user),
    domain: DOMAIN,
    proxy: { host: '127.0.0.1', port: sipPort },
    listen: { host: '127.0.0.1' },
    autoAnswer: true,
  })
  await phone.register()
  return phone
}
