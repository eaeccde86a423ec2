/**
 * One attempt of one delivery and what follows from it: delivered, tried again, given up, or paused with its webhook
 * (contract, webhooks §8).
 */
import type { Logger } from '@tandem/base'
import type { Counters } from '../observe/counters.ts'
import type { DeliveryClock } from './clock.ts'
import type { CommitSoon } from './committer.ts'
import type { Creators } from './creators.ts'
import type { AttemptNote, Deliveries, Outgoing } from './deliveries.ts'
import { envelopeOf } from './envelope.ts'
import type { FailureWindow } from './failure-window.ts'
import type { KeyOrder } from './key-order.ts'
import type { Post, PostOutcome } from './post.ts'
import type { WebhookRegistry } from './registry.ts'
import type { TargetResolver } from './resolve-target.ts'
import { nextAttemptAt } from './schedule.ts'
import { signatureHeaders } from './signature.ts'
import type { ReadyWebhook } from './webhook.ts'

/** What attempts work with. */
export interface AttemptsOptions {
  readonly registry: WebhookRegistry
  readonly resolver: TargetResolver
  readonly creators: Creators
  readonly post: Post
  readonly clock: DeliveryClock
  readonly counters: Counters
  readonly logger: Logger
  readonly random: () => number
  readonly deliveries: Deliveries
  readonly window: FailureWindow
  readonly order: KeyOrder<Outgoing>
  readonly commitSoon: CommitSoon
  readonly disable: (webhookId: string, why: 'failures' | 'creatorGone') => Promise<void>
  /** A delivery left memory; `nextAt` when it waits in the database. */
  readonly over: (outgoing: Outgoing, nextAt?: number) => void
}

/** Makes attempts. */
export class Attempts {
  readonly #options: AttemptsOptions
  #underWay = 0

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** How many are being made. */
  get underWay(): number {
    return this.#underWay
  }

  /** Makes one; true when the target is well. */
  async run(outgoing: Outgoing): Promise<boolean> {
    this.#underWay++
    try {
      return await this.#run(outgoing)
    } finally {
      this.#underWay--
    }
  }

  /** A delivery whose event is too old, or no longer kept. */
  giveUp(outgoing: Outgoing): void {
    const { deliveries, clock, order } = this.#options
    this.#noteGivenUp(outgoing)
    order.over(outgoing)
    this.#write(outgoing, deliveries.finish(outgoing, { state: 'givenUp', now: clock.now() }))
  }

  async #run(outgoing: Outgoing): Promise<boolean> {
    const { registry, creators, deliveries, order, over, disable } = this.#options
    const ready = registry.get(outgoing.webhookId)
    if (ready === undefined) {
      order.over(outgoing) // Its webhook was deleted, and its row with it.
      over(outgoing)
      return true
    }
    if (ready.webhook.status === 'active' && !(await this.#has(creators, ready)))
      await disable(ready.webhook.id, 'creatorGone')
    if (registry.get(outgoing.webhookId)?.webhook.status !== 'active') {
      order.over(outgoing)
      this.#write(outgoing, deliveries.pause(outgoing, {}))
      return true
    }
    const startedAt = this.#options.clock.now()
    const outcome = await this.#send(ready, outgoing, startedAt)
    const now = this.#options.clock.now()
    const note = noteOf(outcome, startedAt, now)
    if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) {
      this.#count('delivered')
      order.over(outgoing)
      this.#write(outgoing, deliveries.finish(outgoing, { state: 'delivered', now, note }))
      return true
    }
    await this.#failed(outgoing, outcome, note, now)
    return false
  }

  async #has(creators: Creators, { webhook }: ReadyWebhook): Promise<boolean> {
    try {
      return await creators.mayHave(webhook)
    } catch {
      return true // The directory cannot be asked now; the next attempt asks again.
    }
  }

  async #send({ webhook, target }: ReadyWebhook, outgoing: Outgoing, atMs: number): Promise<PostOutcome> {
    const { resolver, post, logger } = this.#options
    try {
      const addresses = await resolver.addresses(target.host)
      if (typeof addresses === 'string') return { kind: 'failed', error: addresses }
      const body = envelopeOf(webhook, outgoing)
      const signed = signatureHeaders({ id: outgoing.id, atMs, body, secret: webhook.secret?.reveal() })
      const headers = { ...signed, 'content-type': 'application/json;charset=UTF-8' }
      return await post({ target, addresses, headers, body })
    } catch (error) {
      logger.error('A delivery could not be made', { deliveryId: outgoing.id, error: String(error) })
      return { kind: 'failed', error: 'unreachable' }
    }
  }

  async #failed(outgoing: Outgoing, outcome: PostOutcome, note: AttemptNote, now: number): Promise<void> {
    const { window, registry, deliveries, order, disable, random } = this.#options
    this.#count('failed')
    const { webhookId } = outgoing
    const tooMany = window.fail(webhookId, now)
    const webhook = registry.get(webhookId)?.webhook
    if (webhook?.status === 'active' && (tooMany || webhook.fragile)) {
      window.forget(webhookId)
      await disable(webhookId, 'failures')
    }
    const dueAt = nextAttemptAt({
      attempts: outgoing.attempts + 1,
      startedAt: note.at,
      now,
      eventAt: outgoing.eventAt,
      random: random(),
      ...(outcome.kind === 'answered' && outcome.retryAfterSeconds !== undefined
        ? { retryAfterSeconds: outcome.retryAfterSeconds }
        : {}),
    })
    if (dueAt === undefined) {
      this.#noteGivenUp(outgoing)
      order.over(outgoing)
      this.#write(outgoing, deliveries.finish(outgoing, { state: 'givenUp', now, note }))
    } else if (registry.get(webhookId)?.webhook.status !== 'active') {
      order.over(outgoing)
      this.#write(outgoing, deliveries.pause(outgoing, { failedAt: note.at, note }))
    } else {
      const write = deliveries.retry(outgoing, { dueAt, failedAt: note.at, note })
      this.#write(outgoing, write, dueAt)
      if (outgoing.attempts === 0) order.failed(outgoing, note.at)
    }
  }

  #write(outgoing: Outgoing, statement: Parameters<CommitSoon>[0][number], nextAt?: number): void {
    void this.#options.commitSoon([statement]).then(() => this.#options.over(outgoing, nextAt))
  }

  #noteGivenUp({ id, webhookId, resource, event, attempts }: Outgoing): void {
    this.#count('givenUp')
    const about = { deliveryId: id, webhookId, resource, event, attempts }
    this.#options.logger.warn('A webhook delivery was given up', about)
  }

  #count(outcome: 'delivered' | 'failed' | 'givenUp'): void {
    this.#options.counters.add('tandem_webhook_deliveries_total', { outcome })
  }
}

function noteOf(outcome: PostOutcome, at: number, now: number): AttemptNote {
  const what = outcome.kind === 'answered' ? { status: outcome.status } : { error: outcome.error }
  return { at, ...what, ms: now - at }
}
