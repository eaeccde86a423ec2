/**
 * How long from the commit of an event until its first POST reaches the target, at 200 events a second, against a bare loop
 * that makes the same POSTs in the same run? And how much later is it for living targets when thousands of others are dead?
 * Goal: p99 at most 200 ms (promise P14).
 */
import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import { type AddressInfo, createServer as createSilentServer } from 'node:net'
import { SILENT } from '@tandem/base'
import { LIBRARY_MIGRATIONS } from '@tandem/recordings'
import { outboxEvent } from '@tandem/store'
import { Counters } from '../../packages/server/src/observe/counters.ts'
import { openTestData, type TestData } from '../../packages/server/src/testing/open-test-data.ts'
import { openWebhooks } from '../../packages/server/src/webhooks/open-webhooks.ts'
import type { Webhooks } from '../../packages/server/src/webhooks/webhooks.ts'
import type { BenchResult } from './result.ts'

const GOAL_MS = 200
/** For the living among thousands of dead. */
const CROWD_GOAL_MS = 400
const EVENTS_PER_SECOND = 200

/** Runs the benchmark. `value` is the p99 in milliseconds. */
export async function run(options: { readonly tiny?: boolean } = {}): Promise<BenchResult> {
  const tiny = options.tiny === true
  const seconds = tiny ? 1 : 20
  const targets = tiny ? 40 : 10_000
  const bare = await bareLoop(seconds)
  const alone = await eventsToTargets({ seconds, living: 1, dead: 0 })
  const crowd = await eventsToTargets({ seconds, living: targets / 2, dead: targets / 2 })
  return {
    bench: 'webhooks',
    value: alone.p99,
    unit: 'ms from event to first POST, p99',
    against: `a goal of ${GOAL_MS} ms, and ${CROWD_GOAL_MS} ms for the living among the dead; the ratio is the worse`,
    ratio: Number(Math.max(alone.p99 / GOAL_MS, crowd.p99 / CROWD_GOAL_MS).toFixed(3)),
    goal: 1,
    ok: tiny || (alone.p99 <= GOAL_MS && crowd.p99 <= CROWD_GOAL_MS),
    checksum: bare.count + alone.count + crowd.count,
    details: {
      'bare loop': bare,
      'one target': alone,
      [`${targets} targets, half of them dead, events of the living`]: crowd,
    },
  }
}

interface Figures {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** The same POSTs without outbox, rows, order, signature: what the machine gives. */
async function bareLoop(seconds: number): Promise<Figures> {
  const delays: number[] = []
  const { server, port } = await listen((data) => delays.push(performance.now() - data.at))
  const agent = new Agent({ keepAlive: true })
  const sent: Promise<unknown>[] = []
  await paced(seconds, (n) => {
    const body = JSON.stringify({ data: { at: performance.now(), n }, pad: 'x'.repeat(900) })
    const post = request({ host: '127.0.0.1', port, method: 'POST', agent, path: `/${n}` })
    sent.push(once(post, 'response').then(([answer]) => answer.resume()))
    post.end(body)
  })
  await Promise.all(sent)
  agent.destroy()
  server.close()
  return figuresOf(delays)
}

/** Each event goes to one webhook, living and dead ones in turn. Half of the dead refuse, the others never answer. */
async function eventsToTargets(crowd: {
  readonly seconds: number
  readonly living: number
  readonly dead: number
}): Promise<Figures> {
  const delays: number[] = []
  const { server, port } = await listen((data) => delays.push(performance.now() - data.at))
  const silent = createSilentServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const silentPort = (silent.address() as AddressInfo).port
  const data = await openTestData({ migrations: LIBRARY_MIGRATIONS })
  const { webhooks, close } = await openWebhooks({
    ...{ db: data.db, kek: data.keys.kek, logger: SILENT, counters: new Counters() },
    audit: () => [],
    scopesOfApp: async () => new Set(['spark:calls_read']),
    allowedNetworks: ['127.0.0.0/8'],
    resolve: async () => ['127.0.0.1'],
    disableFailures: 1_000_000, // The dead stay, as the worst case.
  })
  const orgId = await register(data, webhooks, {
    urlOf: (n) =>
      n < crowd.living
        ? `http://living${n}.test:${port}/`
        : `http://dead${n}.test:${n % 2 === 0 ? 1 : silentPort}/`,
    count: crowd.living + crowd.dead,
  })
  const expected = { living: 0 }
  const committing: Promise<unknown>[] = []
  await paced(crowd.seconds, (n) => {
    const dead = crowd.dead > 0 && n % 2 === 1
    const target = dead ? crowd.living + (n % crowd.dead) : n % crowd.living
    if (!dead) expected.living++
    committing.push(
      data.db.commit([
        outboxEvent(data.db, {
          ...{ orgId, personId: ownerOf(target), resource: 'telephony_calls', event: 'updated' },
          key: `call-${n}`,
          payload: { at: performance.now(), pad: 'x'.repeat(500) },
          createdAt: Date.now(),
        }),
      ]),
    )
  })
  await Promise.all(committing)
  for (let waited = 0; delays.length < expected.living && waited < 300; waited++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  if (delays.length < expected.living)
    throw new Error(`${expected.living - delays.length} events did not arrive`)
  await close()
  await data.remove()
  server.close()
  server.closeAllConnections()
  silent.close()
  return figuresOf(delays)
}

/** A webhook for each target, each with an owner of its own: apps, since they need no row in the directory. */
async function register(
  data: TestData,
  webhooks: Webhooks,
  targets: { readonly urlOf: (n: number) => string; readonly count: number },
): Promise<string> {
  const { id: orgId } = await data.db.kysely
    .selectFrom('organizations')
    .select('id')
    .executeTakeFirstOrThrow()
  for (let n = 0; n < targets.count; n++)
    await webhooks.create(
      {
        ...{ orgId, creatorId: ownerOf(n), creatorIsApp: true, clientId: '', secret: undefined },
        ...{ name: 'bench', targetUrl: targets.urlOf(n), resource: 'telephony_calls', event: 'all' },
        ...{ filter: '', ownedBy: 'creator', sights: { telephony_calls: 'user' } },
      },
      { orgId, personId: ownerOf(n), as: 'user' },
    )
  return orgId
}

function ownerOf(n: number): string {
  return `app-${n}`
}

async function listen(
  onData: (data: { readonly at: number }) => void,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((incoming, answer) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('end', () => {
      onData((JSON.parse(Buffer.concat(pieces).toString()) as { data: { at: number } }).data)
      answer.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

/** Does something at an even pace. */
async function paced(seconds: number, each: (n: number) => void): Promise<void> {
  const startedAt = performance.now()
  for (let n = 0; n < seconds * EVENTS_PER_SECOND; ) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * EVENTS_PER_SECOND)
    while (n <= due && n < seconds * EVENTS_PER_SECOND) each(n++)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function figuresOf(delays: readonly number[]): Figures {
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1))
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) }
}
