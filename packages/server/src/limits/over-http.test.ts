/** The limits in front of the whole application, over real connections of loopback (cases A07, A11, A12). */
import assert from 'node:assert/strict'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { CONNECTIONS_MAX } from '../http/app.ts'
import { Counters } from '../observe/counters.ts'
import { openTestApi, type TestApi } from '../testing/api.ts'
import { Buckets } from './buckets.ts'
import { Chaos, readChaos } from './chaos.ts'
import { Crowd } from './crowd.ts'
import { keepRoom } from './full-house.ts'
import { Gate } from './gate.ts'
import { readLimits } from './read-limits.ts'
import { closeWhenNotTaken } from './slow-reader.ts'

const clock = { now: 0 }
let api: TestApi
let port: number
before(async () => {
  const gate = new Gate({
    buckets: new Buckets(readLimits('callReads=10/20,own=1000/1000,strangers=1/2')),
    crowd: new Crowd({ max: 50, ownerMax: 10 }),
    counters: new Counters(),
    now: () => clock.now,
    wait: async () => {},
  })
  api = await openTestApi({ limits: { gate } })
  api.answer = (command) => (command.kind === 'list' ? { kind: 'calls', calls: [] } : { kind: 'done' })
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as AddressInfo).port // It listens.
})
after(() => api.close())

interface Answer {
  readonly status: number
  readonly retryAfter: number
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

function ask(path: string, token: string | undefined, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    request({ port, path, headers, agent, host: '127.0.0.1' }, (answer) => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (text: string) => {
        body += text
      })
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: Number(answer.headers['retry-after'] ?? 0),
          body,
          headers: answer.headers,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

const agentOf = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 })
const CALLS = '/v1/telephony/calls'

describe('limits over HTTP (A11)', () => {
  it('answer 429 with whole seconds and the error body, and let every retry in', async () => {
    const clients = Array.from({ length: 8 }, agentOf)
    const due = new Map<Agent, number>()
    await ask('/v1/people/me', api.tokens.owner, clients[0] ?? agentOf()) // From now on it is no stranger.
    let refused = 0
    let broken = 0
    for (let round = 0; round < 400; round++) {
      clock.now += 25
      await Promise.all(
        clients.map(async (agent) => {
          const dueAt = due.get(agent)
          if (dueAt !== undefined && dueAt > clock.now) return
          const answer = await ask(CALLS, api.tokens.owner, agent)
          if (answer.status !== 429) {
            assert.equal(answer.status, 200, answer.body)
            due.delete(agent)
            return
          }
          if (dueAt !== undefined) broken += 1
          refused += 1
          assert.ok(Number.isInteger(answer.retryAfter) && answer.retryAfter >= 1)
          const body = JSON.parse(answer.body) as { message: string; errors: { errorCode: number }[] }
          assert.match(body.message, /limit callReads/)
          assert.equal(body.errors[0]?.errorCode, 10_111)
          due.set(agent, clock.now + answer.retryAfter * 1_000)
        }),
      )
    }
    for (const agent of clients) agent.destroy()
    assert.ok(refused > 20, `${refused} were refused`)
    assert.equal(broken, 0, `${broken} of ${refused} retries were refused`)
  })

  it('take nothing from another token, whatever one does', async () => {
    const agents = [agentOf(), agentOf()] as const
    const statuses = new Set<number>()
    for (let n = 0; n < 100; n++) statuses.add((await ask(CALLS, api.tokens.reader, agents[0])).status)
    assert.ok(statuses.has(429))
    for (let n = 0; n < 20; n++) {
      clock.now += 100
      assert.equal((await ask(CALLS, api.tokens.colleague, agents[1])).status, 200)
    }
    for (const agent of agents) agent.destroy()
  })

  it('stop a source that guesses before the database is asked', async () => {
    const agent = agentOf()
    clock.now += 60_000
    assert.equal((await ask(CALLS, api.tokens.colleague, agent)).status, 200)
    const guesses: number[] = []
    for (let n = 0; n < 6; n++) guesses.push((await ask(CALLS, api.tokens.unknown, agent)).status)
    assert.deepEqual(guesses, [401, 401, 429, 429, 429, 429])
    assert.equal((await ask('/v1/people/me', api.tokens.colleague, agent)).status, 200)
    assert.equal((await ask('/v1/people/me', api.tokens.malformed, agent)).status, 401)
    assert.equal((await ask('/healthz', undefined, agent)).status, 200)
    agent.destroy()
  })

  it('hold the number of requests in progress, and let go of those whose client has gone', async () => {
    const open: (() => void)[] = []
    api.answer = () =>
      new Promise((resolve) => {
        open.push(() => resolve({ kind: 'calls', calls: [] }))
      })
    clock.now += 60_000
    const agent = agentOf()
    await ask('/v1/people/me', api.tokens.adminOwner, agent) // From now on it is no stranger.
    const raw = `GET ${CALLS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.tokens.adminOwner}\r\n\r\n`
    const sockets = Array.from({ length: 10 }, () => connect(port, '127.0.0.1'))
    for (const socket of sockets) socket.write(raw)
    await until(() => open.length === 10).catch((error: unknown) => {
      for (const socket of sockets) socket.destroy()
      throw error
    })
    const refused = await ask(CALLS, api.tokens.adminOwner, agent)
    assert.equal(refused.status, 429)
    assert.match(refused.body, /in progress at the same time/)
    for (const socket of sockets) socket.destroy()
    api.answer = () => ({ kind: 'calls', calls: [] })
    let status = 0
    await until(async () => {
      status = (await ask(CALLS, api.tokens.adminOwner, agent)).status
      return status === 200
    })
    assert.equal(status, 200)
    for (const finish of open) finish()
    agent.destroy()
  })
})

describe('bodies that mean harm (A07)', () => {
  const post = (payload: string): Promise<{ statusCode: number; body: string }> =>
    api.send('owner', {
      method: 'POST',
      url: '/v1/telephony/calls/dial',
      payload,
      headers: { 'content-type': 'application/json' },
    })
  for (const [name, payload, status] of [
    ['10 MB', `{"destination":"${'1'.repeat(10_000_000)}"}`, 413],
    ['a depth of 10,000 lists', `{"destination":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
    ['a depth of 10,000 objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 400],
    ['an unfinished depth of 60,000', '['.repeat(60_000), 400],
    ['a prototype for a member', '{"destination":{"__proto__":{"x":1}}}', 400],
    ['a constructor for a member', '{"constructor":{"prototype":{"x":1}}}', 400],
    ['two of a key, the bad one last', '{"destination":"1","destination":5}', 400],
  ] as const)
    it(`${name}: ${status}, and nothing is left behind`, async () => {
      clock.now += 60_000
      const answer = await post(payload)
      assert.equal(answer.statusCode, status, answer.body.slice(0, 200))
      assert.equal(({} as Record<string, unknown>)['x'], undefined)
    })
})

describe('slow and idle clients (A12)', () => {
  it('are let go when an answer is not taken, and kept while it is, however slowly', async () => {
    const { createServer } = await import('node:http')
    const pieces = 400
    const server = createServer((_, response) => {
      closeWhenNotTaken(response, 100)
      const piece = Buffer.alloc(64 * 1_024)
      let sent = 0
      const more = (): void => {
        while (sent < pieces) {
          sent += 1
          if (!response.write(piece)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const at = (server.address() as AddressInfo).port // It listens.
    const asking = (): Socket => {
      const socket = connect(at, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      return socket
    }
    const still = asking()
    let got = 0
    const slow = asking()
    slow.on('data', (bytes: Buffer) => {
      got += bytes.length
      slow.pause()
      setTimeout(() => slow.resume(), 1)
    })
    still.pause()
    const closed = new Promise<void>((resolve) => server.once('connection', () => resolve()))
    void closed
    await new Promise((resolve) => slow.once('close', resolve))
    assert.ok(got >= pieces * 64 * 1_024, `${got} bytes came`)
    await until(async () => (await connectionsOf(server)) === 0)
    still.destroy()
    server.close()
  })

  it('are not blamed when it is the server that has nothing to give', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_, response) => {
      closeWhenNotTaken(response, 20)
      setTimeout(() => response.end('late'), 150)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`) // It listens.
    assert.equal(await answer.text(), 'late')
    server.closeAllConnections()
    server.close()
  })

  it('give way to those who have something to ask when the house is nearly full', async () => {
    const { createServer } = await import('node:http')
    const server = createServer((_, response) => response.end('ok'))
    keepRoom(server, 50, () => 0)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const at = (server.address() as AddressInfo).port // It listens.
    const idle = Array.from({ length: 44 }, () => {
      const socket = connect(at, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      return socket
    })
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('data', resolve))))
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(at, '127.0.0.1').once('error', reject)
      socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      socket.once('data', (bytes) => resolve(bytes.toString()))
    })
    assert.match(answer, /^HTTP\/1\.1 200 /)
    await until(async () => (await connectionsOf(server)) < 10)
    for (const socket of idle) socket.destroy()
    server.close()
    assert.ok(CONNECTIONS_MAX > 10_000)
  })
})

describe('simulated trouble', () => {
  it('fails requests of the API before they are carried out, says so, and leaves the rest alone', async () => {
    const plan = readChaos('429=0.25,500=0.25,reset=0.25,latency=1ms,seed=7')
    assert.ok(plan)
    const other = await openTestApi({ limits: { chaos: new Chaos(plan, async () => {}) } })
    try {
      other.answer = () => ({ kind: 'placed', callId: 'x', callSessionId: 'y' })
      await other.app.listen({ host: '127.0.0.1', port: 0 })
      const origin = `http://127.0.0.1:${(other.app.server.address() as AddressInfo).port}` // It listens.
      const seen = new Map<string, number>()
      for (let n = 0; n < 80; n++) {
        const before = other.commands.length
        const answer = await fetch(`${origin}/v1/telephony/calls/dial`, {
          method: 'POST',
          headers: { authorization: `Bearer ${other.tokens.owner}`, 'content-type': 'application/json' },
          body: '{"destination":"102"}',
        }).catch(() => undefined)
        const what = String(answer?.status ?? 'reset')
        seen.set(what, (seen.get(what) ?? 0) + 1)
        assert.equal(other.commands.length - before, what === '201' ? 1 : 0, what)
        if (what === '429') assert.equal(answer?.headers.get('retry-after'), '1')
        if (answer !== undefined)
          assert.equal(
            answer.headers.get('x-tandem-chaos'),
            what === '201' ? 'latency=1ms' : `latency=1ms,${what}`,
          )
        await answer?.arrayBuffer()
      }
      assert.deepEqual([...seen.keys()].toSorted(), ['201', '429', '500', 'reset'])
      for (const path of ['/healthz', '/readyz', '/setup/x', '/v1/people/me'])
        for (let n = 0; n < 10; n++) {
          const answer = await fetch(origin + path)
          assert.equal(answer.headers.get('x-tandem-chaos'), null, path)
          await answer.arrayBuffer()
        }
    } finally {
      await other.close()
    }
  })
})

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (await what()) return
    await wait(5)
  }
  assert.fail('it never came to that')
}

function connectionsOf(server: {
  getConnections(done: (error: Error | null, count: number) => void): void
}): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )
}
