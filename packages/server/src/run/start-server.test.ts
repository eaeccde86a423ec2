/** The whole server on loopback: real sockets, real threads, a data folder of its own. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readConfig } from '../config/read-config.ts'
import { StartFailure } from '../start-failure.ts'
import { createToken } from '../tokens/tokens.ts'
import { banner } from './serve.ts'
import { type RunningServer, startServer } from './start-server.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-start-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const DIRECTORY = (people: string): string =>
  `organizations: [{ name: Solo, domains: [solo.test], people: [${people}] }]\n`
const EVE = '{ email: eve@solo.test, name: Eve, extension: "101" }'
const FRED = '{ email: fred@solo.test, name: Fred, extension: "102" }'

function flags(more: Record<string, string> = {}): Record<string, string> {
  return {
    dataFolder: join(folder, 'data'),
    httpPort: '0',
    managementPort: '0',
    sipListen: 'udp:127.0.0.1:0,tcp:127.0.0.1:0',
    mediaPortMin: '31000',
    mediaPortMax: '31099',
    mediaWorkers: '1',
    drainSeconds: '0',
    logLevel: 'silent',
    ...more,
  }
}

const start = (more: Record<string, string> = {}): Promise<RunningServer> =>
  startServer(readConfig({ flags: flags(more) }))

/** The one sentence that a start ends with. */
async function refusal(more: Record<string, string>): Promise<string> {
  try {
    await (await start(more)).stop()
    return 'started'
  } catch (error) {
    assert.ok(error instanceof StartFailure, error instanceof Error ? error.stack : String(error))
    assert.ok(!error.message.includes('\n'))
    return error.message
  }
}

describe('startServer', () => {
  it('serves the demo directory, says what to do next, keeps ids over a restart, and drains', async () => {
    const server = await start()
    try {
      assert.deepEqual(server.directory, { organizations: 2, people: 4, devices: 4, demo: true })
      assert.match(server.setupUrl ?? '', /^http:\/\/127\.0\.0\.1:\d+\/setup\/[\w-]{43}$/)
      const text = banner(server)
      for (const part of [
        `${server.httpUrl}/v1`,
        server.sipAddresses[0] ?? '',
        join(folder, 'data'),
        server.setupUrl ?? '',
      ])
        assert.ok(text.includes(part), part)
      assert.equal((await fetch(`${server.httpUrl}/readyz`)).status, 200)
      const { token } = await createToken(server.data.db, { email: 'ada@radio.test', scopes: ['spark:all'] })
      const headers = { authorization: `Bearer ${token}` }
      const calls = await fetch(`${server.httpUrl}/v1/telephony/calls`, { headers })
      assert.deepEqual([calls.status, await calls.json()], [200, { items: [] }])
      const body = JSON.stringify({ destination: '102' })
      const dialled = await fetch(`${server.httpUrl}/v1/telephony/calls/dial`, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': 'application/json' },
      })
      assert.equal(dialled.status, 409, 'no device of Ada is registered')
      const metrics = await (await fetch(`${server.managementUrl}/metrics`)).text()
      assert.match(metrics, /tandem_calls_reachable 1/)
      assert.match(metrics, /tandem_engine_sessions 0/)
    } finally {
      await server.stop()
      await server.stop()
    }
    await assert.rejects(fetch(`${server.httpUrl}/healthz`))
    const again = await start()
    const boots = await again.data.db.kysely.selectFrom('node_boot').selectAll().execute()
    await again.stop()
    assert.deepEqual(boots, [{ node: '0', boots: 2 }])
    assert.equal(again.setupUrl, undefined, 'somebody has a token by now')
  })

  it('applies the configured directory to an empty folder, and again when told', async () => {
    const directoryFile = join(folder, 'directory.yaml')
    await writeFile(directoryFile, DIRECTORY(EVE))
    const server = await start({ dataFolder: join(folder, 'own'), directoryFile })
    try {
      assert.deepEqual(server.directory, { organizations: 1, people: 1, devices: 0, demo: false })
      const people = async (): Promise<number> =>
        (await server.data.db.kysely.selectFrom('people').select('id').execute()).length
      await writeFile(directoryFile, DIRECTORY(`${EVE}, ${FRED}`))
      await server.reloadDirectory()
      assert.equal(await people(), 2)
      await writeFile(directoryFile, DIRECTORY(`${EVE}, ${FRED.replace('102', '101')}`))
      await server.reloadDirectory()
      assert.equal(await people(), 2, 'a file with an error changes nothing')
    } finally {
      await server.stop()
    }
  })

  it('keeps a second server out of the same folder', async () => {
    const server = await start()
    try {
      assert.match(await refusal({}), /in use by another/)
    } finally {
      await server.stop()
    }
  })
})

describe('banner', () => {
  const of = (httpHost: string, sip: string, demo: boolean, publicUrl = ''): string =>
    banner({
      publicUrl: publicUrl || 'http://127.0.0.1:8080',
      managementUrl: 'http://127.0.0.1:8081',
      sipAddresses: [sip],
      setupUrl: undefined,
      directory: { organizations: 1, people: 1, devices: 1, demo },
      config: { ...readConfig(), httpHost, publicUrl },
    })

  it('warns when the demo passwords or loopback links would leave this machine', () => {
    const warnings = (text: string): number => text.match(/Warning/g)?.length ?? 0
    assert.equal(warnings(of('127.0.0.1', 'udp:127.0.0.1:5060', true)), 0)
    assert.equal(warnings(of('::1', 'udp:[::1]:5060', true)), 0)
    assert.match(of('127.0.0.1', 'udp:0.0.0.0:5060', true), /demo directory has passwords/)
    assert.equal(warnings(of('127.0.0.1', 'udp:0.0.0.0:5060', false)), 0)
    assert.match(of('0.0.0.0', 'udp:127.0.0.1:5060', false), /--public-url/)
    assert.equal(warnings(of('0.0.0.0', 'udp:10.0.0.1:5060', false, 'https://pbx.example.com')), 0)
  })
})

describe('a start that cannot work ends with one sentence', () => {
  let taken: Server
  let port: string
  before(async () => {
    taken = createServer()
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
    const address = taken.address()
    port = String(typeof address === 'object' && address !== null ? address.port : 0)
  })
  after(() => new Promise((done) => taken.close(done)))

  it('when the HTTP port is taken', async () => {
    const dataFolder = join(folder, 'http')
    assert.match(
      await refusal({ dataFolder, httpPort: port }),
      new RegExp(`HTTP on 127.0.0.1:${port}: the port is taken`),
    )
    assert.equal(await refusal({ dataFolder }), 'started', 'nothing of the failed start is left')
  })

  it('when the SIP port is taken', async () => {
    const dataFolder = join(folder, 'sip')
    assert.match(await refusal({ dataFolder, sipListen: `tcp:127.0.0.1:${port}` }), /the port is taken/)
  })

  it('when the data folder cannot be made or is a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    assert.match(await refusal({ dataFolder: file }), /The data folder .* cannot be made \(EEXIST\)/)
    assert.match(await refusal({ dataFolder: join(file, 'below') }), /cannot be made \(ENOTDIR\)/)
  })

  it('when the directory file is absent or wrong, and then nothing was applied', async () => {
    const dataFolder = join(folder, 'wrong')
    assert.match(
      await refusal({ dataFolder, directoryFile: join(folder, 'absent.yaml') }),
      /cannot be read \(ENOENT\)/,
    )
    const directoryFile = join(folder, 'wrong.yaml')
    await writeFile(directoryFile, DIRECTORY(EVE.replace('101', 'x')))
    const expected = /The directory was not applied: wrong.yaml:1: .*extension must be 1 to 10 digits/
    assert.match(await refusal({ dataFolder, directoryFile }), expected)
  })

  it('when the key is another one than the data was made with', async () => {
    const dataFolder = join(folder, 'key')
    assert.equal(await refusal({ dataFolder }), 'started')
    assert.match(
      await refusal({ dataFolder, key: Buffer.alloc(32, 1).toString('base64') }),
      /made with another master key/,
    )
  })
})
