/** Puts the room of webhooks together: what the server and the tests of the API start it with. */
import type { Logger } from '@tandem/base'
import type { ServerDatabase } from '../data/open-data.ts'
import type { RaisesAlarms } from '../observe/alarms.ts'
import type { Counters } from '../observe/counters.ts'
import { AddressGuard } from './address-guard.ts'
import { type DeliveryClock, SYSTEM_CLOCK } from './clock.ts'
import { Creators, type ScopesOfApp } from './creators.ts'
import { Dispatcher } from './dispatcher.ts'
import type { LaneLimits } from './lanes.ts'
import { HttpPoster, type Post } from './post.ts'
import { WebhookRegistry } from './registry.ts'
import { type Resolve, TargetResolver } from './resolve-target.ts'
import { systemResolve } from './system-resolve.ts'
import { type AuditStatements, Webhooks } from './webhooks.ts'

/** How long a stop waits for attempts under way; what is cut off is sent again at the next start. */
const STOP_MS_MAX = 2_000
/** Failed attempts within five minutes that disable a webhook (webhooks §8). */
export const DISABLE_FAILURES = 100

/** What webhooks are opened with. */
export interface OpenWebhooksOptions {
  readonly db: ServerDatabase
  /** Seals secrets. */
  readonly kek: Uint8Array
  readonly audit: AuditStatements
  readonly counters: Counters
  readonly logger: Logger
  readonly alarms?: Pick<RaisesAlarms, 'alarm'>
  /** Networks inside that may be sent to, as CIDRs. */
  readonly allowedNetworks?: readonly string[]
  readonly disableFailures?: number
  /** What service apps are authorized for; from the database unless set. */
  readonly scopesOfApp?: ScopesOfApp
  /** For tests. */
  readonly clock?: DeliveryClock
  readonly resolve?: Resolve
  readonly post?: Post
  readonly random?: () => number
  readonly laneLimits?: LaneLimits
  readonly pace?: { readonly lookMs: number; readonly tidyMs: number }
}

/** Webhooks with their deliveries. */
export interface OpenedWebhooks {
  readonly webhooks: Webhooks
  readonly dispatcher: Dispatcher
  close(): Promise<void>
}

/** Reads the webhooks and begins to deliver. */
export async function openWebhooks(options: OpenWebhooksOptions): Promise<OpenedWebhooks> {
  const { clock = SYSTEM_CLOCK } = options
  const registry = new WebhookRegistry()
  const guard = new AddressGuard(options.allowedNetworks)
  const now = (): number => clock.now()
  const resolver = new TargetResolver({ guard, resolve: options.resolve ?? systemResolve(), now })
  const poster = options.post === undefined ? new HttpPoster() : undefined
  const webhooks = new Webhooks({ ...options, clock, registry, resolver })
  const dispatcher = new Dispatcher({
    ...options,
    registry,
    resolver,
    clock,
    creators: new Creators({ ...options, now }),
    post: options.post ?? (poster as HttpPoster).post, // One of the two is there.
    disableFailures: options.disableFailures ?? DISABLE_FAILURES,
    disable: (id, why) => webhooks.disable(id, why),
  })
  await webhooks.load()
  webhooks.attach(dispatcher)
  await dispatcher.start()
  return {
    webhooks,
    dispatcher,
    async close() {
      await dispatcher.stop(STOP_MS_MAX)
      poster?.close()
    },
  }
}
