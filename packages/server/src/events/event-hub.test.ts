import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { after, afterEach, before, describe, it } from 'node:test'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { Caller, Scope } from '@tandem/contract'
import { outboxEvent, pruneOutbox } from '@tandem/store'
import { Random } from '@tandem/testing'
import { Failure } from '../http/failure.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { EventHub, HEARTBEAT_MS, LISTENERS_PER_TOKEN_MAX, POLL_MS, RECHECK_MS } from './event-hub.ts'
import { type EventStream, WAITING_BYTES_MAX } from './event-stream.ts'
import { subscribe, type Wish } from './subscription.ts'

const [ORG, OTHER_ORG] = ['1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40', '2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12']
const [ADA, BEN] = ['0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210', 'a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05']

let data: TestData
before(async () => {
  data = await openTestData({ demo: false })
})
after(() => data.remove())

/** Timers that a test lets go off. */
function clockwork() {
  const timers = new Map<number, { readonly ms: number; readonly run: () => void }>()
  let count = 0
  return {
    every(ms: number, run: () => void): () => void {
      const id = count++
      timers.set(id, { ms, run })
      return () => void timers.delete(id)
    },
    ring(ms: number): void {
      for (const timer of timers.values()) if (timer.ms === ms) timer.run()
    },
    size: () => timers.size,
  }
}

const hubs: EventHub[] = []
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close()
})

function openHub(listenersMax = 1_000) {
  const clock = clockwork()
  const hub = new EventHub({ db: data.db, listenersMax, every: clock.every, random: () => 0.5 })
  hubs.push(hub)
  return { hub, clock }
}

const caller = (
  personId: string,
  scopes: Scope[] = ['spark:calls_read', 'spark:recordings_read'],
): Caller => ({
  orgId: ORG,
  personId,
  scopes: new Set(scopes),
})

interface Listening {
  readonly stream: EventStream
  /** The other end. */
  readonly outlet: PassThrough
  /** What came since the last look. */
  take(): string
}

async function listen(
  hub: EventHub,
  who: Caller,
  options: {
    wish?: Wish
    after?: number
    token?: string
    authenticate?: () => Promise<Caller | undefined>
    read?: boolean
  } = {},
): Promise<Listening> {
  const stream = await hub.open({
    subscription: subscribe(who, options.wish ?? { ownedBy: 'creator' }),
    tokenKey: options.token ?? `${Math.random()}`,
    authenticate: options.authenticate ?? (async () => who),
    ...(options.after === undefined ? {} : { after: options.after }),
  })
  let text = ''
  const outlet = new PassThrough({ highWaterMark: 16_384 })
  stream.flowInto(outlet)
  if (options.read ?? true)
    outlet.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
  return {
    stream,
    outlet,
    take() {
      const taken = text
      text = ''
      return taken
    },
  }
}

let count = 0
/** Commits an event; gives what it is known by. */
async function happen(
  event: { org?: string; person?: string; resource?: string; payload?: unknown } = {},
): Promise<string> {
  count += 1
  const payload = event.payload ?? { n: count }
  await data.db.commit([
    outboxEvent(data.db, {
      orgId: event.org ?? ORG,
      resource: event.resource ?? 'telephony_calls',
      event: 'created',
      ...('person' in event && event.person === undefined ? {} : { personId: event.person ?? ADA }),
      key: `k${count}`,
      payload,
      createdAt: Date.UTC(2026, 1, 3, 12, 0, 0, 5),
    }),
  ])
  return `"n":${count}}`
}

async function settle(): Promise<void> {
  // A server of its own answers over a socket, which no number of turns waits for.
  if (process.env['TANDEM_TEST_DATABASE_URL'] !== undefined) await wait(60)
  for (let n = 0; n < 40; n++) await turn()
  await data.db.kysely.selectFrom('outbox').select('id').limit(1).execute()
  for (let n = 0; n < 40; n++) await turn()
}

const idsIn = (text: string): number[] =>
  [...text.matchAll(/^id: (\d+)\nevent/gm)].map((match) => Number(match[1]))
const numbersIn = (text: string): number[] =>
  [...text.matchAll(/"n":(\d+)/g)].map((match) => Number(match[1]))

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
  } catch (error) {
    assert.ok(error instanceof Failure)
    return error.error
  }
  return 'none'
}

describe('EventHub', () => {
  it('prints an event as one frame with everything a webhook’s envelope says of it', async () => {
    const { hub } = openHub()
    const ada = await listen(hub, caller(ADA))
    await settle()
    assert.match(ada.take(), /^retry: 2000\nid: \d+\n\n$/)
    await happen({ payload: { text: 'two\nlines\r\u2028' } })
    await settle()
    const [, id = '', line = ''] =
      /^id: (\d+)\nevent: telephony_calls\.created\ndata: ([^\n]*)\n\n$/.exec(ada.take()) ?? []
    assert.ok(Number(id) > 0)
    assert.deepEqual(JSON.parse(line), {
      resource: 'telephony_calls',
      event: 'created',
      orgId: 'Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xZjdhNGI5ZS0wZDUyLTRiNmItOWQzNS01ZjJjOGUxN2FhNDA',
      actorId: 'Y2lzY29zcGFyazovL3VzL1BFT1BMRS8wZTJiN2E2NC0zYTBmLTRmMGUtOGE2NC03ZDFhNWM5YmUyMTA',
      created: '2026-02-03T12:00:00.005Z',
      data: { text: 'two\nlines\r\u2028' },
    })
  })

  it('gives each what is theirs and nothing else (A02)', async () => {
    const { hub } = openHub()
    const org: Wish = { ownedBy: 'org' }
    const listeners: Record<string, Listening> = {
      ada: await listen(hub, caller(ADA)),
      adaCalls: await listen(hub, caller(ADA, ['spark:calls_read'])),
      ben: await listen(hub, caller(BEN)),
      admin: await listen(hub, caller(BEN, ['spark-admin:calls_read', 'spark-admin:recordings_read']), {
        wish: org,
      }),
      officer: await listen(hub, caller(BEN, ['spark-compliance:recordings_read']), { wish: org }),
      stranger: await listen(hub, { ...caller(ADA), orgId: OTHER_ORG }),
      strangeAdmin: await listen(
        hub,
        { ...caller(ADA, ['spark-admin:calls_read', 'spark-admin:recordings_read']), orgId: OTHER_ORG },
        { wish: org },
      ),
    }
    await settle()
    const seen = async (event: Parameters<typeof happen>[0]): Promise<string> => {
      for (const { take } of Object.values(listeners)) take()
      await happen(event)
      await settle()
      return Object.entries(listeners)
        .filter(([, { take }]) => take() !== '')
        .map(([name]) => name)
        .join(' ')
    }
    const recording = { resource: 'convergedRecordings' }
    assert.equal(await seen({}), 'ada adaCalls admin')
    assert.equal(await seen({ person: BEN }), 'ben admin')
    assert.equal(await seen({ resource: 'telephony_conference' }), 'ada adaCalls')
    assert.equal(await seen(recording), 'ada admin officer')
    assert.equal(await seen({ ...recording, payload: { status: 'purged' } }), 'officer')
    assert.equal(await seen({ org: OTHER_ORG }), 'stranger strangeAdmin')
    assert.equal(await seen({ resource: 'tandem_alarms', person: undefined as never }), 'admin')
    assert.equal(
      await seen({ resource: 'tandem_alarms', org: '', person: undefined as never }),
      'admin strangeAdmin',
    )
    assert.equal(await seen({ resource: 'mailbox' }), '')
  })

  it('resumes exactly after any id, while events go on (nothing lost, nothing twice)', async () => {
    const { hub, clock } = openHub()
    const random = new Random(11)
    const first = await listen(hub, caller(ADA))
    let stream = first
    let last: number | undefined
    let received: number[] = []
    const sent: number[] = []
    const take = (): void => {
      const text = stream.take()
      received.push(...numbersIn(text))
      last = Number([...text.matchAll(/^id: (\d+)/gm)].at(-1)?.[1] ?? last)
    }
    for (let step = 0; step < 300; step++) {
      const kind = random.below(10)
      if (kind < 6) {
        const person = random.chance(0.7) ? ADA : BEN
        await happen({ person })
        if (person === ADA) sent.push(count)
      } else if (kind < 8) {
        if (random.chance(0.5)) await settle()
        take()
        stream.stream.destroy()
        const [opened] = await Promise.all([
          listen(hub, caller(ADA), last === undefined ? {} : { after: last }),
          happen().then(() => sent.push(count)),
        ])
        stream = opened
      } else if (kind === 8) clock.ring(HEARTBEAT_MS)
      else clock.ring(POLL_MS)
    }
    for (let n = 0; n < 5; n++) await settle()
    take()
    received = received.filter((n) => sent.includes(n))
    assert.ok(sent.length > 150)
    assert.deepEqual(received, sent)
  })

  it('catches up over many steps, and then goes on live', async () => {
    const { hub } = openHub()
    const start = await listen(hub, caller(ADA))
    await settle()
    const id = Number(/id: (\d+)/.exec(start.take())?.[1])
    const events = Array.from({ length: 2_400 }, (_, n) =>
      outboxEvent(data.db, {
        orgId: ORG,
        resource: 'telephony_calls',
        event: 'updated',
        personId: n % 2 === 0 ? ADA : BEN,
        key: 'k',
        payload: { n: n + 1_000_000 },
        createdAt: 1,
      }),
    )
    await data.db.commit(events)
    const late = await listen(hub, caller(ADA), { after: id })
    await settle()
    await happen()
    await settle()
    await settle()
    const numbers = numbersIn(late.take())
    assert.equal(numbersIn(start.take()).length, 1_201, 'live, over several pages and without a poll')
    assert.deepEqual(numbers, [...Array.from({ length: 1_200 }, (_, n) => 1_000_000 + 2 * n), count])
  })

  it('says 410 where events after the id are no longer kept, or the id was never given out', async () => {
    const { hub } = openHub()
    await happen()
    const ada = await listen(hub, caller(ADA))
    await settle()
    const id = Number(/id: (\d+)/.exec(ada.take())?.[1])
    await happen()
    await happen()
    assert.equal(await refusal(() => listen(hub, caller(ADA), { after: id + 3 })), 'events_gone')
    await pruneOutbox(data.db, id)
    assert.equal(await refusal(() => listen(hub, caller(ADA), { after: id })), 'none')
    await pruneOutbox(data.db, id + 1)
    assert.equal(await refusal(() => listen(hub, caller(ADA), { after: id })), 'events_gone')
    await pruneOutbox(data.db, id + 2)
    assert.equal(await refusal(() => listen(hub, caller(ADA), { after: id + 1 })), 'events_gone')
    assert.equal(
      await refusal(() => listen(hub, caller(ADA), { after: id + 2 })),
      'none',
      'nothing was missed',
    )
  })

  it('beats every 15 s, and says where a quiet stream stands', async () => {
    const { hub, clock } = openHub()
    const ben = await listen(hub, caller(BEN))
    await settle()
    const id = Number(/id: (\d+)/.exec(ben.take())?.[1])
    clock.ring(HEARTBEAT_MS)
    assert.equal(ben.take(), ':\n\n')
    await happen()
    await settle()
    assert.equal(ben.take(), '')
    clock.ring(HEARTBEAT_MS)
    assert.equal(ben.take(), `id: ${id + 1}\n\n`)
    clock.ring(HEARTBEAT_MS)
    assert.equal(ben.take(), ':\n\n')
  })

  it('reads what another process wrote with the next poll', async () => {
    const { hub, clock } = openHub()
    const ada = await listen(hub, caller(ADA))
    await settle()
    ada.take()
    const row = {
      org_id: ORG,
      resource: 'telephony_calls',
      event: 'created',
      person_id: ADA,
      key: 'x',
      payload: '{}',
      created_at: 1,
    }
    await data.db.kysely.insertInto('outbox').values(row).execute()
    await settle()
    assert.equal(ada.take(), '')
    clock.ring(POLL_MS)
    await settle()
    assert.equal(idsIn(ada.take()).length, 1)
  })

  it('ends the stream of a token that works no more, or has lost a scope, at the next look (P12)', async () => {
    const { hub, clock } = openHub()
    const now: Record<string, Caller | undefined> = { ada: caller(ADA), ben: caller(BEN) }
    const streams = {
      ada: await listen(hub, caller(ADA), { token: 'ada', authenticate: async () => now['ada'] }),
      adaToo: await listen(hub, caller(ADA), { token: 'ada', authenticate: async () => now['ada'] }),
      ben: await listen(hub, caller(BEN), { token: 'ben', authenticate: async () => now['ben'] }),
      benCalls: await listen(hub, caller(BEN), {
        token: 'ben',
        authenticate: async () => now['ben'],
        wish: { ownedBy: 'creator', resources: ['telephony_calls'] },
      }),
    }
    clock.ring(RECHECK_MS)
    await settle()
    assert.equal(hub.size, 4)
    now['ada'] = undefined
    now['ben'] = caller(BEN, ['spark:calls_read'])
    for (const { take } of Object.values(streams)) take()
    clock.ring(RECHECK_MS)
    await settle()
    assert.match(streams.ada.take(), /^: the token works no more\n\n$/)
    assert.match(streams.adaToo.take(), /works no more/)
    assert.match(streams.ben.take(), /lost a scope/)
    assert.equal(streams.benCalls.take(), '')
    assert.equal(hub.size, 1)
  })

  it('sends a listener away that does not keep up, which then resumes without a gap', async () => {
    const { hub } = openHub()
    const slow = await listen(hub, caller(ADA), { read: false })
    const quick = await listen(hub, caller(ADA))
    const payload = { text: 'x'.repeat(10_000) }
    for (let n = 0; n < 20; n++) await happen({ payload })
    await settle()
    assert.equal(slow.stream.hasEnded, true)
    assert.ok(slow.outlet.writableLength < WAITING_BYTES_MAX + 11_000)
    assert.equal(idsIn(quick.take()).length, 20)
    const text = (await slow.outlet.toArray()).map(String).join('')
    assert.match(text, /: too slow; .*\n\n$/)
    const had = idsIn(text)
    const again = await listen(hub, caller(ADA), { after: had.at(-1) ?? 0 })
    await settle()
    assert.equal(had.length + idsIn(again.take()).length, 20)
  })

  it('gives a quick listener everything of a burst that is larger than what may wait, live and as missed', async () => {
    const { hub } = openHub()
    const live = await listen(hub, caller(ADA))
    await settle()
    const id = Number(/id: (\d+)/.exec(live.take())?.[1])
    const burst = Array.from({ length: 100 }, (_, n) =>
      outboxEvent(data.db, {
        orgId: ORG,
        resource: 'telephony_calls',
        event: 'updated',
        personId: ADA,
        key: 'k',
        payload: { n, text: 'x'.repeat(5_000) },
        createdAt: 1,
      }),
    )
    await data.db.commit(burst)
    for (let n = 0; n < 3; n++) await settle()
    assert.equal(idsIn(live.take()).length, 100)
    const late = await listen(hub, caller(ADA), { after: id })
    for (let n = 0; n < 3; n++) await settle()
    assert.equal(idsIn(late.take()).length, 100)
  })

  it('gives whoever joins in the middle of a burst all that comes after the id that it is told', async () => {
    const { hub } = openHub()
    await listen(hub, caller(ADA))
    await settle()
    const payload = { text: 'x'.repeat(5_000) }
    const burst = Array.from({ length: 100 }, (_, n) =>
      outboxEvent(data.db, {
        ...{ orgId: ORG, resource: 'telephony_calls', event: 'updated', personId: ADA, key: 'k' },
        payload: { n, ...payload },
        createdAt: 1,
      }),
    )
    const done = data.db.commit(burst)
    const joined: Listening[] = []
    for (let n = 0; n < 30; n++) {
      joined.push(await listen(hub, caller(ADA)))
      await turn()
    }
    await done
    for (let n = 0; n < 3; n++) await settle()
    const newest = Math.max(
      ...joined.flatMap(({ take }) => {
        const text = take()
        const from = Number(/id: (\d+)/.exec(text)?.[1])
        const ids = idsIn(text)
        assert.deepEqual(
          ids,
          Array.from({ length: ids.length }, (_, n) => from + 1 + n),
        )
        return [from + ids.length]
      }),
    )
    assert.ok(newest > 0)
  })

  it('lets go of a listener whose connection has gone before its stream began', async () => {
    const { hub } = openHub()
    const terms = { subscription: subscribe(caller(ADA), { ownedBy: 'creator' }), tokenKey: 'gone' }
    const stream = await hub.open({ ...terms, authenticate: async () => caller(ADA) })
    assert.equal(hub.size, 1)
    const outlet = new PassThrough()
    outlet.destroy()
    stream.flowInto(outlet)
    assert.equal(hub.size, 0)
  })

  it('holds streams to their number, for each token and in all', async () => {
    const { hub } = openHub(LISTENERS_PER_TOKEN_MAX + 1)
    const streams: Listening[] = []
    for (let n = 0; n < LISTENERS_PER_TOKEN_MAX; n++)
      streams.push(await listen(hub, caller(ADA), { token: 'ada' }))
    assert.equal(await refusal(() => listen(hub, caller(ADA), { token: 'ada' })), 'too_many_requests')
    await listen(hub, caller(BEN), { token: 'ben' })
    assert.equal(await refusal(() => listen(hub, caller(BEN), { token: 'ben' })), 'overloaded')
    streams[0]?.stream.destroy()
    await settle()
    assert.equal(await refusal(() => listen(hub, caller(ADA), { token: 'ada' })), 'none')
  })

  it('ends every stream at once when the server stops, and reads and times nothing while nobody listens', async () => {
    const { hub, clock } = openHub()
    assert.equal(clock.size(), 0)
    const ada = await listen(hub, caller(ADA))
    const ben = await listen(hub, caller(BEN))
    assert.ok(clock.size() > 0)
    ben.stream.destroy()
    await settle()
    assert.ok(clock.size() > 0)
    const { hub: left, clock: still } = openHub()
    const last = await listen(left, caller(ADA))
    last.stream.destroy()
    await settle()
    assert.equal(still.size(), 0)
    hub.close()
    await settle()
    assert.match(ada.take(), /: the server is stopping\n\n$/)
    assert.equal(hub.size, 0)
    assert.equal(clock.size(), 0)
    assert.equal(await refusal(() => listen(hub, caller(ADA))), 'service_draining')
  })
})
