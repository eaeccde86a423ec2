import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EXIT } from '../../failure.ts'

const BIN = fileURLToPath(new URL('../../../bin/tandem.mjs', import.meta.url))
const ROW = `${'x'.repeat(999)}\n`

let answer: (response: ServerResponse) => void = () => {}
let asked: string | undefined
const server = createServer((request, response) => {
  asked = request.url
  answer(response)
})

before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => {
  server.closeAllConnections()
  server.close()
})

function start(...args: string[]) {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [BIN, 'calls', 'records', '--url', url, '--token', 'x', ...args])
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'exit').then(([code]: unknown[]) => ({ code, stderr }))
  return { child, ended }
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let whole = ''
  for await (const chunk of stream) whole += chunk
  return whole
}

describe('tandem calls records', () => {
  it('lets the file of the server through as it is', { timeout: 20_000 }, async () => {
    answer = (response) => response.end('started,ended\r\n1,2\r\n')
    const csv = start('--from', '2026-02-01', '--to', '2026-03-01')
    assert.equal(await text(csv.child.stdout), 'started,ended\r\n1,2\r\n')
    assert.deepEqual(await csv.ended, { code: EXIT.done, stderr: '' })
    assert.equal(asked, '/tandem/v1/callRecords?from=2026-02-01&to=2026-03-01&format=csv')

    const ndjson = start('--json')
    await text(ndjson.child.stdout)
    assert.equal(asked, '/tandem/v1/callRecords?format=ndjson')
  })

  it('says that the records broke off, and keeps those that came', { timeout: 20_000 }, async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '5000' })
      response.write(ROW, () => setImmediate(() => response.destroy()))
    }
    const { child, ended } = start('--format', 'ndjson')
    assert.equal(await text(child.stdout), ROW)
    const { code, stderr } = await ended
    assert.equal(code, EXIT.failed)
    assert.match(stderr, /^The records broke off[^\n]*\n$/)
  })

  it('ends when its reader does, as head does, and asks for no more', { timeout: 20_000 }, async () => {
    let sentBytes = 0
    const closed = Promise.withResolvers<void>()
    answer = (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(ROW)) sentBytes += ROW.length
      }
      response.on('drain', more)
      response.on('close', closed.resolve)
      more()
    }
    const { child, ended } = start()
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await closed.promise
    assert.deepEqual(await ended, { code: EXIT.done, stderr: '' })
    assert.ok(sentBytes > 0)
  })
})
