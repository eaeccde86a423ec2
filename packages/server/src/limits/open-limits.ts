/**
 * Puts the limits of a server together from its settings. What is wrong with them is one sentence at the start; loud words
 * about simulated trouble are the caller's, who has a log and a banner.
 */
import { isIP } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@tandem/base'
import type { Config } from '../config/settings.ts'
import type { Counters } from '../observe/counters.ts'
import { StartFailure } from '../start-failure.ts'
import { Buckets } from './buckets.ts'
import { Chaos, readChaos } from './chaos.ts'
import { Crowd } from './crowd.ts'
import { Gate } from './gate.ts'
import { readLimits } from './read-limits.ts'

/** The settings that are about limits. */
export type LimitSettings = Pick<
  Config,
  'limits' | 'requestsMax' | 'requestsPerTokenMax' | 'trustedProxies' | 'chaos'
>

/** What the HTTP application takes. */
export interface Limits {
  readonly gate?: Gate
  readonly chaos?: Chaos
  readonly trustedProxies?: readonly string[]
}

/** Makes them. Throws `StartFailure`. */
export function openLimits(
  settings: LimitSettings,
  tools: { readonly counters: Counters; readonly logger: Logger },
): Limits {
  const { requestsMax, requestsPerTokenMax, trustedProxies } = settings
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { ref: false })
  const gate = new Gate({
    buckets: new Buckets(readLimits(settings.limits)),
    crowd: new Crowd({ max: requestsMax, ownerMax: requestsPerTokenMax }),
    counters: tools.counters,
    now: () => performance.now(),
    wait: pause,
  })
  const plan = readChaos(settings.chaos)
  if (plan !== undefined)
    tools.logger.warn('The setting chaos is on: this server fails requests on purpose', {
      spec: settings.chaos,
    })
  const bad = trustedProxies.find((proxy) => !isNetwork(proxy))
  if (bad !== undefined)
    throw new StartFailure(
      'The setting trustedProxies must hold IP addresses or networks such as 10.0.0.0/8 or ::1.',
    )
  return {
    gate,
    ...(plan === undefined ? {} : { chaos: new Chaos(plan, pause) }),
    ...(trustedProxies.length === 0 ? {} : { trustedProxies }),
  }
}

function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/', 2)
  const family = isIP(address)
  if (family === 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
