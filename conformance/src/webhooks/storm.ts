/**
 * Events committed to the outbox of a real server by a process beside it, a target that fails at random, and the server
 * killed at random and started again (promise P14). Nothing may be lost, whatever is taken carries both signatures, an
 * event keeps its id over all attempts, and the events of one call come in their order.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { Random } from '@tandem/testing'
import { Stage } from '../../../tools/stage.ts'
import { Receiver, type Taken, type Temper } from './receiver.ts'

/** What is done. */
export interface StormScale extends Temper {
  readonly events: number
  readonly kills: number
  /** How long the events are spread over, in milliseconds. */
  readonly spreadMs: number
  /** How long to wait for the last, counted from the last that came: a busy machine is given its time. */
  readonly quietMs: number
}

/** For CI: under a minute. A delivery fails once, so that its second attempt, 5 s later, ends it. */
export const SHORT: StormScale = {
  ...{ events: 1_000, kills: 3, spreadMs: 12_000, quietMs: 75_000 },
  ...{ refusalsMax: 1, failuresPercent: 25, silencePerMille: 8 },
}
/** The long form: deliveries fail up to twice, so that some wait for their third attempt, five minutes later. */
export const LONG: StormScale = {
  ...{ events: 10_000, kills: 20, spreadMs: 180_000, quietMs: 420_000 },
  ...{ refusalsMax: 2, failuresPercent: 20, silencePerMille: 4 },
}

/** Events of one call; they must come in their order. */
const EVENTS_OF_CALL = 5
/** The prefix and the rest are what Standard Webhooks knows as a secret. */
const SECRET = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`
const BATCHES = 100
/** How long a failing event holds back the later ones of its call (contract, webhooks §8). */
const HOLD_MS = 60_000

/** What came of it. */
export interface StormResult {
  readonly lost: number
  readonly attempts: number
  /** Deliveries that came again although they had been taken. */
  readonly again: number
  readonly kills: number
  /** Events that came after a later one of their call, which had not waited for a minute. Must be 0. */
  readonly overtaken: number
  /** Events that a later one passed after its minute, as it may. */
  readonly passed: number
  readonly faults: readonly string[]
  readonly seconds: number
  /** Deliveries that did not arrive, as the database tells: some. */
  readonly left: readonly string[]
}

/** Runs one. */
export async function storm(scale: StormScale, seed: number): Promise<StormResult> {
  const random = new Random(seed)
  const receiver = new Receiver({ secret: SECRET, random, temper: scale })
  const startedAt = performance.now()
  const stage = await Stage.open({
    settings: {
      TANDEM_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.1/32',
      // The target fails far more often than a webhook survives; the disabling has tests of its own.
      TANDEM_WEBHOOK_DISABLE_FAILURES: '1000000',
    },
  })
  try {
    await register(stage, await receiver.listen())
    const person = findPerson(stage)
    const committedAt: number[] = []
    const committing = commitEvents(stage, scale, { person, committedAt })
    let kills = 0
    while (kills < scale.kills) {
      await wait(500 + random.below(Math.floor((2 * scale.spreadMs) / scale.kills) - 500))
      await stage.server.kill()
      kills++
      await wait(random.below(300))
      await stage.start()
    }
    await committing
    await allTaken(receiver, scale)
    return {
      lost: scale.events - receiver.taken.length,
      attempts: receiver.attempts,
      again: receiver.again,
      kills,
      ...overtakenBy(receiver, committedAt),
      faults: receiver.faults,
      left: leftOver(stage),
      seconds: Math.round((performance.now() - startedAt) / 1_000),
    }
  } finally {
    receiver.close()
    await stage.close()
  }
}

async function allTaken({ taken }: Receiver, { events, quietMs }: StormScale): Promise<void> {
  let seen = taken.length
  let until = performance.now() + quietMs
  while (taken.length < events && performance.now() < until) {
    await wait(100)
    if (taken.length > seen) until = performance.now() + quietMs
    seen = taken.length
  }
}

async function register(stage: Stage, targetUrl: string): Promise<void> {
  const answer = await fetch(`${stage.url}/v1/webhooks`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await stage.token('ada@radio.test')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{ name: 'storm', targetUrl, secret: SECRET, resource: 'telephony_calls', event: 'all' },
    }),
  })
  if (answer.status !== 200) throw new Error(`The webhook was not created: ${await answer.text()}`)
}

function openBeside(stage: Stage): DatabaseSync {
  const database = new DatabaseSync(join(stage.dataFolder, 'tandem.db'))
  database.exec('PRAGMA busy_timeout = 10000')
  return database
}

interface Person {
  readonly id: string
  readonly orgId: string
}

function findPerson(stage: Stage): Person {
  const database = openBeside(stage)
  const row = database.prepare("select id, org_id from people where email = 'ada@radio.test'").get()
  database.close()
  return { id: String(row?.['id']), orgId: String(row?.['org_id']) }
}

function leftOver(stage: Stage): readonly string[] {
  const database = openBeside(stage)
  const rows = database
    .prepare(
      `select state, attempts, log, key, due_at - failed_at as wait from webhook_deliveries
       where state <> 'delivered' order by seq limit 12`,
    )
    .all()
  database.close()
  return rows.map((row) => JSON.stringify(row))
}

/** Commits the events in batches, also while the server is dead: whoever commits need not know. */
async function commitEvents(
  stage: Stage,
  { events, spreadMs }: StormScale,
  { person, committedAt }: { readonly person: Person; readonly committedAt: number[] },
): Promise<void> {
  const database = openBeside(stage)
  const insert = database.prepare(
    `insert into outbox (org_id, resource, event, person_id, key, payload, created_at)
     values (?, 'telephony_calls', 'updated', ?, ?, ?, ?)`,
  )
  for (let batch = 0, n = 0; batch < BATCHES; batch++) {
    database.exec('BEGIN IMMEDIATE')
    for (const end = Math.ceil(((batch + 1) * events) / BATCHES); n < end; n++) {
      const callId = `call-${Math.floor(n / EVENTS_OF_CALL)}`
      insert.run(person.orgId, person.id, callId, JSON.stringify({ n, callId }), Date.now())
    }
    database.exec('COMMIT')
    committedAt.push(...Array.from({ length: n - committedAt.length }, () => Date.now()))
    await wait(spreadMs / BATCHES)
  }
  database.close()
}

/**
 * Events that came after a later one of their call. That one may pass when either was held up for a minute: it waited so
 * long itself, or the one before it had failed so long ago (contract, webhooks §8).
 */
export function overtakenBy(
  { taken, refusedAt }: Pick<Receiver, 'taken' | 'refusedAt'>,
  committedAt: readonly number[],
): { readonly overtaken: number; readonly passed: number } {
  const last = new Map<string, Taken>()
  const counts = { overtaken: 0, passed: 0 }
  for (const event of taken) {
    const later = last.get(event.key)
    if (later === undefined || event.n > later.n) {
      last.set(event.key, event)
      continue
    }
    const heldMs = later.at - (committedAt[later.n] ?? later.at)
    const failingMs = later.at - (refusedAt.get(event.n) ?? later.at)
    counts[Math.max(heldMs, failingMs) >= HOLD_MS ? 'passed' : 'overtaken']++
  }
  return counts
}
