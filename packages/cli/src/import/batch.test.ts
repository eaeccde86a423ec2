/** Batches against a server that answers from a list: who is at fault, what goes on, what ends (import guide). */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { FILE_NAME_CHARS_MAX } from '@tandem/contract'
import { EXIT } from '../failure.ts'
import { FakeApi, type Ran, type Reply } from '../fake-api.test.ts'
import { FAULTS_IN_A_ROW_MAX } from './batch.ts'
import { Progress } from './progress.ts'
import { SIDECAR_BYTES_MAX } from './sidecar.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-batch-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const api = FakeApi.forFile()
const DUPLICATE: Reply = {
  status: 201,
  json: { id: 'I', state: 'duplicate', receivedBytes: 0, recordingId: 'R' },
}
const refusal = (status: number): Reply => ({ status, json: { message: 'no', trackingId: 'T' } })

/** Imports files one after the other. */
function importAll(names: readonly string[], ...replies: readonly Reply[]): Promise<Ran> {
  const paths = names.map((name) => join(folder, name))
  return api.run(
    ['recordings', 'import', ...paths, '--owner', 'a@x', '--concurrency', '1', '--json'],
    ...replies,
  )
}

const NAMES = Array.from({ length: 12 }, (_, n) => `${String(n).padStart(2, '0')}.mp3`)
before(() => {
  for (const name of NAMES) writeFileSync(join(folder, name), name)
})

describe('tandem recordings import', () => {
  it('says everything about a file that it knows, and sends nothing that is there', async () => {
    writeFileSync(join(folder, '00.vtt'), 'WEBVTT')
    const ran = await importAll(['00.mp3'], DUPLICATE)
    rmSync(join(folder, '00.vtt'))
    assert.equal(ran.code, EXIT.done)
    assert.deepEqual(JSON.parse(ran.stdout), {
      imported: 0,
      duplicates: 1,
      failed: 0,
      notTried: 0,
      files: [{ file: '00.mp3', state: 'duplicate', recordingId: 'R' }],
    })
    const [asked = ''] = api.asked
    assert.equal(api.asked.length, 1)
    assert.deepEqual(JSON.parse(asked.replace('POST /tandem/v1/imports ', '')), {
      topic: '00',
      ownerEmail: 'a@x',
      serviceType: 'calling',
      sha256: 'b07c32f6f804e3e040e5a9decdfece5a803feb4759c92ecd98f5939072921657',
      sizeBytes: 6,
      fileName: '00.mp3',
      transcript: { format: 'vtt', text: 'WEBVTT' },
    })
  })

  it('goes on after files that the server refuses, however many, and after single faults of the server', async () => {
    const refused = NAMES.map(() => refusal(400))
    assert.equal(JSON.parse((await importAll(NAMES, ...refused)).stdout).failed, NAMES.length)

    const faults = NAMES.slice(0, FAULTS_IN_A_ROW_MAX - 1).map(() => refusal(503))
    const ran = await importAll(NAMES, ...faults, DUPLICATE, ...faults, refusal(400), refusal(503), DUPLICATE)
    const { duplicates, failed, notTried } = JSON.parse(ran.stdout)
    assert.deepEqual([ran.code, duplicates, failed, notTried], [EXIT.failed, 2, 10, 0])
  })

  it('ends when the server fails one file after the other', async () => {
    const ran = await importAll(NAMES, DUPLICATE, ...NAMES.map(() => refusal(503)))
    const { duplicates, failed, notTried } = JSON.parse(ran.stdout)
    assert.deepEqual(
      [ran.code, duplicates, failed, notTried],
      [EXIT.failed, 1, FAULTS_IN_A_ROW_MAX, NAMES.length - 1 - FAULTS_IN_A_ROW_MAX],
    )
    assert.match(ran.stderr, /\(503 for POST \/tandem\/v1\/imports, tracking id T\)\n$/)
  })

  for (const status of [401, 403])
    it(`ends at the first ${status}`, async () => {
      const ran = await importAll(NAMES, refusal(status))
      assert.deepEqual([ran.code, JSON.parse(ran.stdout).notTried, api.asked.length], [EXIT.failed, 11, 1])
    })

  it('takes a sidecar of 1 MiB, and not one byte more', async () => {
    const sized = (bytes: number): string => `{}${' '.repeat(bytes - 2)}`
    writeFileSync(join(folder, '01.json'), sized(SIDECAR_BYTES_MAX))
    assert.equal((await importAll(['01.mp3'], DUPLICATE)).code, EXIT.done)
    writeFileSync(join(folder, '01.json'), sized(SIDECAR_BYTES_MAX + 1))
    api.asked = []
    const ran = await importAll(['01.mp3'], DUPLICATE)
    rmSync(join(folder, '01.json'))
    assert.match(ran.stderr, /the \.json file beside it has more than 1048576 bytes\.\n/)
    assert.deepEqual(api.asked, [])
  })

  it('cuts names that are too long to what the API takes', async () => {
    const deep = join('deep', 'd'.repeat(200))
    mkdirSync(join(folder, deep), { recursive: true })
    writeFileSync(join(folder, deep, `${'n'.repeat(250)}.mp3`), 'x')
    await importAll(['deep'], DUPLICATE)
    const { fileName, topic } = JSON.parse((api.asked[0] ?? '').replace('POST /tandem/v1/imports ', ''))
    assert.deepEqual([fileName.length, topic.length], [FILE_NAME_CHARS_MAX, 250])
  })

  it('says that there is nothing, and that --continue goes with one file', async () => {
    const none = await api.run(['recordings', 'import', join(folder, 'none'), '--json'])
    assert.deepEqual([none.code, JSON.parse(none.stdout).failed], [EXIT.failed, 1])
    const two = await api.run([
      ...['recordings', 'import', join(folder, '00.mp3'), join(folder, '01.mp3')],
      ...['--continue', 'I'],
    ])
    assert.deepEqual([two.code, api.asked], [EXIT.usage, []])
  })
})

describe('Progress', () => {
  it('rewrites one line of a terminal, ten times a second at most', () => {
    let now = 0
    let text = ''
    const terminal = { isTTY: true, columns: 30, write: (more: string) => (text += more) }
    const progress = new Progress(3, terminal, () => now)
    progress.received('a', 1_500_000)
    progress.received('a', 2_000_000)
    now = 100
    progress.ended('a', true)
    progress.clear()
    assert.deepEqual(text.split('\u001b[K'), [
      '\r0 of 3 files, 1.5 MB sent',
      '\r1 of 3 files, 1 failed, 2.0 M',
      '\r',
      '',
    ])
  })

  it('writes nothing into a pipe', () => {
    const terminal = { write: () => assert.fail('it wrote') }
    const progress = new Progress(1, terminal, () => 0)
    progress.received('a', 1)
    progress.ended('a', false)
    progress.clear()
  })
})
