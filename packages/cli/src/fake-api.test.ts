/**
 * What the commands' tests talk to: an HTTP server on loopback that answers each request from a list and notes it, and a
 * way to run one command line in this process with its output caught. It is a test file itself so that it is never
 * published.
 */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, it, mock } from 'node:test'
import { main } from './main.ts'

/** One answer. */
export interface Reply {
  readonly status: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What a command line came to. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const NO_REPLY: Reply = { status: 500, text: 'no reply left' }

/** Answers what was put into `replies`, in order. */
export class FakeApi {
  replies: Reply[] = []
  /** `METHOD /path?query {body}`, as it came. */
  asked: string[] = []
  tokens = new Set<string | undefined>()
  origin = ''
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      this.asked.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`)
      this.tokens.add(request.headers.authorization)
      const { status, json, text, headers } = this.replies.shift() ?? NO_REPLY
      response.writeHead(status, { connection: 'close', ...headers })
      response.end(text ?? (json === undefined ? undefined : JSON.stringify(json)))
    })
  })

  /** Makes one for the tests of a file. */
  static forFile(): FakeApi {
    const api = new FakeApi()
    before(async () => {
      await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve))
      api.origin = `http://127.0.0.1:${(api.#server.address() as AddressInfo).port}`
    })
    beforeEach(() => {
      api.replies = []
      api.asked = []
    })
    after(() => new Promise((resolve) => api.#server.close(resolve)))
    return api
  }

  /** Runs a command line against this server. */
  async run(args: readonly string[], ...replies: readonly Reply[]): Promise<Ran> {
    this.replies = [...replies]
    return await run([...args, '--url', `${this.origin}/v1`, '--token', 'tdm_x'])
  }
}

/** Runs a command line in this process. */
export async function run(args: readonly string[]): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  const log = mock.method(console, 'log', (text: unknown) => {
    stdout += `${text}\n`
  })
  const error = mock.method(console, 'error', (text: unknown) => {
    stderr += `${text}\n`
  })
  const write = mock.method(process.stderr, 'write', (text: unknown) => {
    stderr += String(text)
    return true
  })
  try {
    const code = await main(args)
    return { code, stdout, stderr }
  } finally {
    for (const each of [log, error, write]) each.mock.restore()
  }
}

const api = FakeApi.forFile()

it('notes what a command asks, with the token, and catches what it prints', async () => {
  const ran = await api.run(['calls', 'history', '--json'], { status: 200, json: { items: [] } })
  assert.deepEqual(ran, { code: 0, stdout: '[]\n', stderr: '' })
  assert.deepEqual(api.asked, ['GET /v1/telephony/calls/history'])
  assert.deepEqual([...api.tokens], ['Bearer tdm_x'])
})
