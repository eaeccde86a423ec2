/**
 * How much memory does one listener of live events take, with a thousand of them on one server (limit: 30 kB each)? The
 * server is a process of its own. Then each gets a number of events, exactly once. The peer in the same run is a bare Node
 * server that holds as many answers open.
 */
import { readFileSync } from 'node:fs'
import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { createToken, openOperatorData, readConfig } from '@tandem/server'
import { outboxEvent } from '@tandem/store'
import { Child } from '../../tools/child.ts'
import { Stage } from '../../tools/stage.ts'
import type { BenchResult } from './result.ts'

const GOAL_KB = 30
const LISTENERS = 1_000
const STREAMS_OF_A_TOKEN = 8
const EVENTS = 20
const SETTLE_MS = 3_000
/** Streams opened and closed before each look: what requests themselves need, and leave to be collected, is then in both. */
const WARMING = 2_000
const ARRIVE_MS_MAX = 60_000
const OWNER = 'ada@radio.test'

const BARE = `
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(':\\n\\n')
  })
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port))
`

/** The benchmark. `ratio` is our memory for a listener divided by the bare server's. */
export async function run({ tiny = false }: { tiny?: boolean } = {}): Promise<BenchResult> {
  const listeners = tiny ? 24 : LISTENERS
  const settleMs = tiny ? 100 : SETTLE_MS
  const warming = tiny ? 16 : WARMING
  const bare = new Child('bare server', process.execPath, ['--input-type=module', '-e', BARE])
  const stage = await Stage.open({ settings: { TANDEM_LOG_LEVEL: 'error', TANDEM_LIMITS: 'off' } })
  const agent = new Agent({ keepAlive: true })
  try {
    const [, barePort] = await bare.waitFor(/port (\d+)/, 10_000)
    const shares = Math.ceil((listeners * 1.25) / STREAMS_OF_A_TOKEN)
    const { tokens, happen, close } = await office(stage, shares + 1)
    const spare = tokens[shares] ?? ''
    const url = `${stage.url}/tandem/v1/events`
    const tokenOf = (n: number): string => tokens[Math.floor(n / STREAMS_OF_A_TOKEN)] ?? ''
    await warmUp(warming, () => listen(url, agent, spare))
    // What the first listeners load and grow is not the share of one.
    const warm = Math.ceil(listeners / 4)
    const streams: Stream[] = []
    for (let n = 0; n < warm; n++) streams.push(await listen(url, agent, tokenOf(n)))
    await wait(settleMs)
    const before = residentKb(stage.server.process.pid)
    for (let n = warm; n < warm + listeners; n++) streams.push(await listen(url, agent, tokenOf(n)))
    await warmUp(warming, () => listen(url, agent, spare))
    await wait(settleMs)
    const oursKb = Math.max(0.1, (residentKb(stage.server.process.pid) - before) / listeners)
    const bareUrl = `http://127.0.0.1:${barePort}/`
    await warmUp(warming, () => listen(bareUrl, agent, ''))
    const idle: Stream[] = []
    for (let n = 0; n < warm; n++) idle.push(await listen(bareUrl, agent, ''))
    await wait(settleMs)
    const bareBefore = residentKb(bare.process.pid)
    for (let n = 0; n < listeners; n++) idle.push(await listen(bareUrl, agent, ''))
    await warmUp(warming, () => listen(bareUrl, agent, ''))
    await wait(settleMs)
    const bareKb = Math.max(0.1, (residentKb(bare.process.pid) - bareBefore) / listeners)
    const events = tiny ? 2 : EVENTS
    for (let n = 0; n < events; n++) await happen(n)
    const until = performance.now() + ARRIVE_MS_MAX
    while (streams.some(({ events: got }) => got() < events) && performance.now() < until) await wait(20)
    await wait(settleMs)
    const exact = streams.filter(({ events: got }) => got() === events).length
    for (const { close: end } of [...streams, ...idle]) end()
    await close()
    return {
      bench: 'events',
      value: rounded(oursKb),
      unit: `kB resident for one of ${listeners} listeners`,
      against: `a bare Node server with as many open answers, ${rounded(bareKb)} kB`,
      ratio: rounded(oursKb / bareKb),
      goal: GOAL_KB,
      ok: exact === streams.length && (tiny || oursKb <= GOAL_KB),
      checksum: exact * events,
      details: { 'listeners with every event exactly once': `${exact} of ${streams.length}` },
    }
  } finally {
    agent.destroy()
    await bare.stop()
    await stage.close()
  }
}

/** Opens and closes streams, a few at a time: one token may have no more, and the server hears of an end a moment later. */
async function warmUp(count: number, open: () => Promise<Stream>): Promise<void> {
  for (let n = 0; n < count; n += STREAMS_OF_A_TOKEN / 2) {
    for (let m = 0; m < STREAMS_OF_A_TOKEN / 2; m++) (await open()).close()
    await wait(10)
  }
}

/** Tokens of one person, and a way to make events for them, through the database as the tandem command uses it. */
async function office(stage: Stage, count: number) {
  const config = readConfig({ env: { TANDEM_DATA_FOLDER: stage.dataFolder } })
  const data = await openOperatorData(config)
  const tokens: string[] = []
  let [orgId, personId] = ['', '']
  for (let n = 0; n < count; n++) {
    const made = await createToken(data.db, { email: OWNER, scopes: ['spark:all'] })
    tokens.push(made.token)
    ;({ orgId, personId } = made)
  }
  const happen = (n: number): Promise<unknown> =>
    data.db.commit([
      outboxEvent(data.db, {
        orgId,
        resource: 'telephony_calls',
        event: 'updated',
        personId,
        key: 'bench',
        payload: { eventType: 'held', n },
        createdAt: Date.now(),
      }),
    ])
  return { tokens, happen, close: () => data.close() }
}

interface Stream {
  events(): number
  close(): void
}

function listen(url: string, agent: Agent, token: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    httpGet(url, { agent, headers }, (answer: IncomingMessage) => {
      if (answer.statusCode !== 200) {
        reject(new Error(`${url}: ${answer.statusCode}`))
        return
      }
      let events = 0
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        events += text.split('\nevent:').length - 1
      })
      answer.on('error', () => {}) // Closed by us.
      resolve({ events: () => events, close: () => answer.destroy() })
    }).on('error', reject)
  })
}

function residentKb(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

function rounded(value: number): number {
  return Number(value.toFixed(2))
}
