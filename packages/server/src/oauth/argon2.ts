/**
 * Passwords at rest: argon2id (RFC 9106) with 19 MiB, two passes and one lane, which is OWASP's first choice, written in PHC
 * form so that other figures can follow. Node computes them in its pool of threads; at most two at a time, so that the pool
 * stays free for files, and at most some dozens wait.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'

const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const SALT_BYTES = 16
const HASH_BYTES = 32
const RUNNING_MAX = 2
const WAITING_MAX = 64
/** Bounds on what a stored form may ask for: one that a hand has changed must not stop the server. */
const MEMORY_KIB_MAX = 1_048_576
const PASSES_MAX = 16

/** More passwords are being checked than the server takes on. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy'
}

/** Hashes and checks passwords. */
export class PasswordHasher {
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** The stored form of a password. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const hash = await this.#derive(password, salt, { memoryKib: MEMORY_KIB, passes: PASSES, lanes: LANES })
    const [saltText, hashText] = [salt, hash].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
    return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${saltText}$${hashText}`
  }

  /** Whether a password is the stored one. Nothing stored takes as long as a wrong password, and is false. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const form = stored === undefined ? undefined : parsed(stored)
    const { salt, hash, ...cost } = form ?? {
      ...{ salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) },
      ...{ memoryKib: MEMORY_KIB, passes: PASSES, lanes: LANES },
    }
    const derived = await this.#derive(password, salt, cost)
    return timingSafeEqual(derived, hash) && form !== undefined
  }

  async #derive(password: string, salt: Buffer, { memoryKib, passes, lanes }: Cost): Promise<Buffer> {
    await this.#turn()
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        argon2(
          'argon2id',
          {
            message: password.normalize('NFKC'),
            nonce: salt,
            parallelism: lanes,
            tagLength: HASH_BYTES,
            memory: memoryKib,
            passes,
          },
          (error, bytes) => (error === null ? resolve(bytes) : reject(error)),
        )
      })
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= RUNNING_MAX) {
      if (this.#waiting.length >= WAITING_MAX) throw new PasswordsBusy('too many passwords at the same time')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
  }
}

interface Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

function parsed(stored: string): (Cost & { readonly salt: Buffer; readonly hash: Buffer }) | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([\w+/]+)\$([\w+/]+)$/.exec(stored)
  if (match === null) return undefined
  const [, m = '', t = '', p = '', salt = '', hash = ''] = match
  const [memoryKib, passes, lanes] = [Number(m), Number(t), Number(p)]
  const bytes = Buffer.from(hash, 'base64')
  if (memoryKib > MEMORY_KIB_MAX || passes > PASSES_MAX || bytes.length !== HASH_BYTES) return undefined
  return { memoryKib, passes, lanes, salt: Buffer.from(salt, 'base64'), hash: bytes }
}
