/**
 * A drain over a real process: SIGTERM and what follows, seen from outside. Signals reach a process, not a function, so
 * this is the one place where they can be tried.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openOperatorData } from '../data/operator-data.ts'
import { createToken } from '../tokens/tokens.ts'

/** Bounds every wait: a machine under load is slow, a hang is for ever. */
const PATIENCE_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'tandem-drain-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What the command does, without its own deadline for what keeps the process alive: here that would be a hang. */
const PROGRAM = join(folder, 'program.mjs')
writeFileSync(
  PROGRAM,
  `const { serve } = await import(${JSON.stringify(new URL('./serve.ts', import.meta.url).href)})
  process.exitCode = await serve({ env: process.env })\n`,
)

interface Server {
  readonly child: ChildProcess
  /** Exit code and all output. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
  /** Resolves with the match when the output first has it. */
  said(pattern: RegExp): Promise<RegExpExecArray>
}

/** Starts a server of its own; `onOutput` runs inside of the very event that brings output. */
function start(
  name: string,
  settings: Record<string, string>,
  onOutput: (output: string) => void = () => {},
): Server {
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      PATH: process.env['PATH'],
      TANDEM_DATA_FOLDER: join(folder, name),
      TANDEM_HTTP_PORT: '0',
      TANDEM_MANAGEMENT_PORT: '0',
      TANDEM_SIP_LISTEN: 'udp:127.0.0.1:0',
      TANDEM_MEDIA_PORT_MIN: '32300',
      TANDEM_MEDIA_PORT_MAX: '32399',
      TANDEM_MEDIA_WORKERS: '1',
      TANDEM_LOG_LEVEL: 'info',
      ...settings,
    },
  })
  let output = ''
  const waiting = new Set<() => void>()
  const take = (piece: Buffer): void => {
    output += piece
    onOutput(output)
    for (const look of waiting) look()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output })
      for (const look of waiting) look()
    })
  })
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output)
        if (match !== null) resolve(match)
        else if (child.exitCode !== null) reject(new Error(`it ended before it said ${pattern}: ${output}`))
        else return
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })
  return { child, ended, said }
}

async function originsOf(server: Server): Promise<{ api: string; management: string }> {
  const [, api = ''] = await server.said(/REST API\s+(http:\S+)\/v1/)
  const [, management = ''] = await server.said(/Management\s+(http:\S+)\/readyz/)
  return { api, management }
}

describe('a drain', () => {
  it('that is asked for in the very moment of "ready" is one: exit code 0, no sleep', async () => {
    // The signal goes out inside of the event that brings the line, again and again, since a race shows only sometimes.
    for (let round = 0; round < 3; round++) {
      let told = false
      const server = start('race', { TANDEM_DRAIN_SECONDS: '0' }, (output) => {
        if (told || !output.includes('Tandem is ready')) return
        told = true
        server.child.kill('SIGTERM')
      })
      const { code, output } = await server.ended
      assert.equal(code, 0, output)
      assert.match(output, /Stopping: no new calls/)
    }
  })

  it('turns readiness off at once, finishes answers, closes idle connections and ends with 0', async () => {
    const server = start('drain', { TANDEM_DRAIN_SECONDS: '1' })
    const { api, management } = await originsOf(server)
    const ready = async (origin: string): Promise<number> => (await fetch(`${origin}/readyz`)).status
    assert.deepEqual([await ready(api), await ready(management)], [200, 200])

    const agent = new Agent({ keepAlive: true })
    const idle = await new Promise<{ readonly closed: Promise<void> }>((resolve, reject) => {
      const asked = request(`${api}/healthz`, { agent }, (response) => {
        const { socket } = response
        const closed = new Promise<void>((done) => socket.once('close', () => done()))
        response.resume().on('end', () => resolve({ closed }))
      })
      asked.on('error', reject).end()
    })
    // A request whose body is still on its way when the signal comes is answered all the same.
    const late = await half(api, await tokenOf('drain'))

    server.child.kill('SIGTERM')
    await server.said(/Stopping: no new calls/)
    const answer = await fetch(`${management}/readyz`)
    assert.deepEqual([answer.status, ((await answer.json()) as { status: string }).status], [503, 'draining'])
    late.finish()
    // Ada has no phone, or her call came when no more were taken: both are answers of ours.
    assert.match(String(await late.status), /^(409|503)$/)
    const { code, output } = await server.ended
    assert.equal(code, 0, output)
    await idle.closed
    agent.destroy()
    await assert.rejects(fetch(`${management}/healthz`))
  })

  it('ends at once at a second signal, with exit code 1', async () => {
    const server = start('second', { TANDEM_DRAIN_SECONDS: '0' })
    const { api } = await originsOf(server)
    const held = await half(api, await tokenOf('second')) // Keeps the drain waiting for seconds.
    held.status.catch(() => {})
    server.child.kill('SIGTERM')
    await server.said(/Stopping: no new calls/)
    const startedAt = performance.now()
    server.child.kill('SIGINT')
    const { code, output } = await server.ended
    assert.equal(code, 1)
    assert.match(output, /Ended at once/)
    assert.ok(performance.now() - startedAt < 3_000)
  })
})

/** A token of Ada, made beside the running server. */
async function tokenOf(name: string): Promise<string> {
  const data = await openOperatorData({ dataFolder: join(folder, name), key: undefined })
  try {
    return (await createToken(data.db, { email: 'ada@radio.test', scopes: ['spark:calls_write'] })).token
  } finally {
    await data.close()
  }
}

/** A request of which half of the body is on its way; resolves when the server has its head. */
async function half(
  api: string,
  token: string,
): Promise<{ readonly status: Promise<number | undefined>; finish(): void }> {
  const body = JSON.stringify({ destination: '102' })
  const asked = request(`${api}/v1/telephony/calls/dial`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
      expect: '100-continue',
    },
  })
  const status = new Promise<number | undefined>((resolve, reject) => {
    asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
  })
  const heard = new Promise<void>((resolve) => asked.once('continue', resolve))
  asked.flushHeaders()
  await heard
  asked.write(body.slice(0, 5))
  return { status, finish: () => asked.end(body.slice(5)) }
}
