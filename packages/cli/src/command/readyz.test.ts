import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/tandem.mjs', import.meta.url))

function readyz(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [BIN, 'readyz', ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  )
}

describe('tandem readyz', () => {
  let server: Server
  let url: string
  let answers: readonly (readonly [number, object])[]
  let asked = 0
  before(async () => {
    server = createServer((_request, response) => {
      const [code, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}]
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())

  it('ends with 0 when the server takes work', async () => {
    answers = [[200, { status: 'ready' }]]
    assert.deepEqual(await readyz('--url', url), { code: 0, stdout: 'ready\n', stderr: '' })
  })

  it('ends with 1 and says which part does not work', async () => {
    answers = [[503, { status: 'failing', notReady: [{ part: 'disk', why: 'it is full' }] }]]
    assert.deepEqual(await readyz('--url', url), {
      code: 1,
      stdout: '',
      stderr: 'The server is failing; disk: it is full.\n',
    })
    answers = [[200, { hello: 'somebody else' }]]
    assert.equal((await readyz('--url', url)).code, 1)
  })

  it('waits as long as it is told', async () => {
    asked = 0
    answers = [
      [503, { status: 'starting' }],
      [503, { status: 'starting' }],
      [200, { status: 'ready' }],
    ]
    assert.equal((await readyz('--url', url, '--wait', '20')).code, 0)
    assert.equal(asked, 3)
    answers = [[503, { status: 'draining' }]]
    assert.match((await readyz('--url', url, '--wait', '1')).stderr, /draining/)
  })

  it('says so when nobody is there, and refuses what is no address or no time', async () => {
    const nobody = await readyz('--url', 'http://127.0.0.1:1')
    assert.equal(nobody.code, 1)
    assert.match(nobody.stderr, /^No server answers at http:\/\/127.0.0.1:1:/)
    assert.equal((await readyz('--url', 'somewhere')).code, 2)
    assert.equal((await readyz('--wait', '-1')).code, 2)
  })
})
