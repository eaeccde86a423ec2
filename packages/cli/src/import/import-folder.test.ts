/**
 * An import of a folder into a whole server on loopback: real HTTP, real media checks, a catalogue and a vault of its own
 * (issue "Bad input": damaged, empty, wrong media is named, and the rest of the batch goes on; promise P5).
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createToken, type RunningServer, readConfig, startServer } from '@tandem/server'
import { EXIT } from '../failure.ts'
import { type Ran, run } from '../fake-api.test.ts'

const ADA = 'ada@radio.test'
const BEN = 'ben@radio.test'

let folder: string
let server: RunningServer
const token: Record<'admin' | 'ada' | 'adminRead' | 'officer', string> = {
  admin: '',
  ada: '',
  adminRead: '',
  officer: '',
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-import-'))
  const directoryFile = join(folder, 'directory.yaml')
  await writeFile(
    directoryFile,
    `organizations:
  - name: Radio
    domains: [radio.test]
    people:
      - { email: ${ADA}, name: Ada, extension: "101", roles: [admin, complianceOfficer] }
      - { email: ${BEN}, name: Ben, extension: "102" }
`,
  )
  const flags = {
    dataFolder: join(folder, 'data'),
    directoryFile,
    httpPort: '0',
    managementPort: '0',
    sipListen: 'udp:127.0.0.1:0,tcp:127.0.0.1:0',
    mediaPortMin: '31400',
    mediaPortMax: '31499',
    mediaWorkers: '1',
    drainSeconds: '0',
    logLevel: 'silent',
  }
  server = await startServer(readConfig({ flags }))
  const make = async (...scopes: string[]): Promise<string> =>
    (await createToken(server.data.db, { email: ADA, scopes })).token
  token.admin = await make('spark-admin:recordings_read', 'spark-admin:recordings_write')
  token.adminRead = await make('spark-admin:recordings_read')
  token.officer = await make('spark-compliance:recordings_read', 'spark-compliance:recordings_write')
  token.ada = await make('spark:recordings_read')
})
after(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A WAV file of a tone: mono, 8 kHz, 16 bits. */
function wav(hz: number, seconds = 1): Buffer {
  const samples = Int16Array.from({ length: seconds * 8_000 }, (_, at) =>
    Math.round(9_000 * Math.sin((2 * Math.PI * hz * at) / 8_000)),
  )
  const data = Buffer.from(samples.buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  for (const [at, value] of [
    [16, 16],
    [24, 8_000],
    [28, 16_000],
    [40, data.length],
  ] as const)
    head.writeUInt32LE(value, at)
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    head.writeUInt16LE(value, at)
  head.write('data', 36)
  return Buffer.concat([head, data])
}

async function put(name: string, content: Buffer | string): Promise<void> {
  const path = join(folder, 'archive', name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

function tandem(who: keyof typeof token, ...args: string[]): Promise<Ran> {
  return run([...args, '--url', server.httpUrl, '--token', token[who]])
}

interface Told {
  readonly imported: number
  readonly duplicates: number
  readonly failed: number
  readonly files: readonly { readonly file: string; readonly state: string; readonly error?: string }[]
}

describe('tandem recordings import, against a server', { timeout: 120_000 }, () => {
  it('takes a folder in, names what it cannot take, and passes over what is in when it is run again', async () => {
    const sha256 = createHash('sha256').update(wav(440)).digest('hex')
    await put('a/first.wav', wav(440))
    await put(
      'a/first.json',
      JSON.stringify({
        topic: 'Call with Mira',
        ownerEmail: BEN,
        createTime: '2026-02-03T10:15:00Z',
        sha256,
      }),
    )
    await put('a/first.vtt', 'WEBVTT\n\n00:00.000 --> 00:01.000\nThe delivery date\n')
    await put('a/second.wav', wav(550))
    await put('twin.wav', wav(550))
    await put('empty.wav', '')
    await put('cut.wav', wav(660).subarray(0, 9_000))
    await put('wrong.mp3', 'This is a letter and no sound at all, whatever it is called.')
    await put('misspelt.wav', wav(770))
    await put('misspelt.json', '{"topik":"x"}')
    await put('shape.wav', wav(780))
    await put('shape.json', '{"createTime":"yesterday"}')
    await put('stranger.wav', wav(790))
    await put('stranger.json', '{"ownerEmail":"nobody@radio.test"}')
    await put('hash.wav', wav(800))
    await put('hash.json', `{"sha256":"${'0'.repeat(64)}"}`)
    await put('lonely.json', '{}')
    await put('readme.txt', 'An archive.')
    await put('.hidden', 'no media')

    const archive = join(folder, 'archive')
    const first = await tandem(
      'admin',
      'recordings',
      'import',
      archive,
      '--owner',
      ADA,
      '--json',
      '--concurrency',
      '2',
    )
    const told = JSON.parse(first.stdout) as Told
    const state = Object.fromEntries(told.files.map(({ file, state: each }) => [file, each]))
    const error = Object.fromEntries(told.files.map((each) => [each.file, each.error ?? '']))
    assert.deepEqual(
      [first.code, told.imported, told.duplicates, told.failed],
      [EXIT.failed, 2, 1, 8],
      first.stdout,
    )
    assert.equal(state['a/first.wav'], 'imported')
    assert.deepEqual([state['a/second.wav'], state['twin.wav']].toSorted(), ['duplicate', 'imported'])
    for (const [name, words] of [
      ['empty.wav', /is empty/],
      ['cut.wav', /./],
      ['wrong.mp3', /neither MP3 nor WAV nor MP4/],
      ['misspelt.wav', /"topik" is not known here/],
      ['shape.wav', /createTime/],
      ['stranger.wav', /ownerEmail names nobody/],
      ['hash.wav', /SHA-256 is [0-9a-f]{64}, which is not/],
      ['lonely.json', /no media of this name beside it/],
    ] as const) {
      assert.match(error[name] ?? '', words, name)
      assert.match(first.stderr, new RegExp(`^${name.replace('.', '\\.')}: \\S.*\\.$`, 'm'))
    }
    assert.match(first.stderr, /^8 of 11 files were not imported; the reasons stand above\.\n$/m)

    const again = await tandem('admin', 'recordings', 'import', archive, '--owner', ADA)
    assert.equal(again.stdout, '0 imported, 3 already there, 8 failed.\n')
    assert.equal((await readdir(join(folder, 'data', 'quarantine'))).length > 0, true)
  })

  it('has put what was beside the file into the recording', async () => {
    const list = await tandem(
      'admin',
      ...['recordings', 'list', '--all', '--from', '2026-02-03', '--to', '2026-02-04', '--json'],
    )
    const items = JSON.parse(list.stdout) as Record<string, unknown>[]
    assert.deepEqual(
      items.map(({ topic, ownerEmail, createTime, format, durationSeconds }) => [
        topic,
        ownerEmail,
        createTime,
        format,
        durationSeconds,
      ]),
      [['Call with Mira', BEN, '2026-02-03T10:15:00Z', 'MP3', 1]],
    )
    const found = await tandem('admin', 'recordings', 'search', 'mira', '--json')
    assert.deepEqual(
      (JSON.parse(found.stdout) as { id: string }[]).map(({ id }) => id),
      items.map(({ id }) => id),
    )
  })

  it('plays what was imported to its owner', async () => {
    const [own] = JSON.parse((await tandem('ada', 'recordings', 'list', '--json')).stdout) as { id: string }[]
    assert.ok(own !== undefined)
    const saved = await tandem('ada', 'recordings', 'download', own.id, '--folder', folder)
    assert.deepEqual([saved.code, saved.stdout], [EXIT.done, `${join(folder, own.id)}.mp3\n`], saved.stderr)
  })

  it('keeps, exports and proves what was imported, as a compliance officer', async () => {
    const list = await tandem('officer', 'recordings', 'list', '--all', '--json')
    const [one] = JSON.parse(list.stdout) as { id: string }[]
    assert.ok(one !== undefined, list.stderr)
    const held = await tandem('officer', 'recordings', 'hold', one.id, '--reason', 'Case 4711')
    assert.equal(held.code, EXIT.done, held.stderr)
    const refused = await tandem('officer', 'recordings', 'delete', one.id, '--reason', 'audit')
    assert.match(refused.stderr, /\(409 for DELETE /)
    const released = await tandem('officer', 'recordings', 'release', held.stdout.trim(), '--reason', 'over')
    assert.equal(released.code, EXIT.done, released.stderr)

    const exported = await tandem('officer', 'recordings', 'export', one.id, '--folder', folder)
    assert.equal(exported.code, EXIT.done, exported.stderr)
    const log = join(folder, 'audit.ndjson')
    const audit = await tandem('officer', 'audit', 'export', '--output', log)
    assert.equal(audit.code, EXIT.done, audit.stderr)
    const keys = join(folder, 'keys.json')
    await tandem('officer', 'audit', 'keys', '--output', keys)
    const verified = await run(['verify', exported.stdout.trim(), log, '--key', keys])
    assert.equal(verified.code, EXIT.done, verified.stdout + verified.stderr)
    assert.equal(verified.stdout.match(/: whole\. Signed by a key that you trust/g)?.length, 2)

    const shown = await tandem('officer', 'storage', 'show')
    assert.deepEqual([shown.code, /^sealed +yes$/m.test(shown.stdout)], [EXIT.done, true], shown.stderr)
    const refusals = await tandem('officer', 'audit', 'list', '--action', 'refused', '--recording', one.id)
    assert.match(refusals.stdout, new RegExp(` refused +${one.id} `))
  })

  it('goes on with an import that was begun before', async () => {
    const media = wav(900)
    await put('late.wav', media)
    const api = `${server.httpUrl}/tandem/v1/imports`
    const headers = { authorization: `Bearer ${token.admin}` }
    const begun = await fetch(api, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ topic: 'late', ownerEmail: ADA, sizeBytes: media.length }),
    })
    const { id } = (await begun.json()) as { id: string }
    await fetch(`${api}/${id}/media`, {
      method: 'PUT',
      headers: { ...headers, 'content-range': `bytes 0-99/${media.length}` },
      body: Uint8Array.from(media.subarray(0, 100)),
    })
    const listed = await tandem('admin', 'recordings', 'imports')
    assert.match(listed.stdout, new RegExp(`receiving +100 of ${media.length} .*${id}$`, 'm'))
    const late = join(folder, 'archive', 'late.wav')
    const done = await tandem('admin', 'recordings', 'import', late, '--owner', ADA, '--continue', id)
    assert.deepEqual(done, {
      code: EXIT.done,
      stdout: '1 imported, 0 already there, 0 failed.\n',
      stderr: '',
    })
    const after = await tandem('admin', 'recordings', 'imports')
    assert.match(after.stdout, new RegExp(` done +${media.length} of ${media.length} .*${id}$`, 'm'))
  })

  it('takes meetings in, of the site that is said or else of the preferred one', async () => {
    for (const [name, seed, site] of [
      ['said.wav', 950, ['--site-url', 'radio.example.com']],
      ['unsaid.wav', 951, []],
    ] as const) {
      await put(name, wav(seed))
      const path = join(folder, 'archive', name)
      const as = ['--owner', ADA, '--service-type', 'meeting', ...site]
      const ran = await tandem('admin', 'recordings', 'import', path, ...as)
      assert.equal(ran.code, EXIT.done, ran.stderr)
    }
  })

  it('ends at once when the token may not import, and says so', async () => {
    const ran = await tandem('adminRead', 'recordings', 'import', join(folder, 'archive'), '--owner', ADA)
    assert.equal(ran.code, EXIT.failed)
    assert.match(ran.stderr, /\(403 for POST \/tandem\/v1\/imports, tracking id/)
  })
})
