/**
 * A bucket that refuses the server, one that is out of reach for a while (promise P20), and what a stranger finds in it:
 * recordings wait in the spool and are published when it is back, downloads are answered 503, nothing can be read.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { until } from '../../../tools/child.ts'
import { phoneOf } from '../recordings/calls.ts'
import { curl, sha256 } from '../recordings/curl.ts'
import { House } from '../recordings/house.ts'
import { Media } from '../recordings/media.ts'
import { refusedStart } from '../recordings/refused-start.ts'
import { LONG_AGO, OWNERS } from '../recordings/states.ts'
import { type Bucket, openBucket, vaultUrl } from './bucket.ts'
import { Gate } from './gate.ts'

const TALK_MS = 1_000
/** It has been tried and has failed by then. */
const DOWN_MS = 3_000
/** By then the server reaches it again: a try that has begun waits for its turn. */
const BACK_MS_MAX = 10_000
/** A failed recording is tried again within 30 s (RETRY_MS_MAX of recordings). */
const PUBLISHED_MS_MAX = 45_000
/** Bytes of a file that are looked for in what the bucket holds. */
const TRACE_BYTES = 24

/** The tests. */
export function outageTests(): void {
  it('shows nothing to who has no keys, waits for the bucket when it is away, and is refused by a wrong one', async (test) => {
    const bucket = await openBucket()
    const gate = await Gate.open(bucket.endpoint)
    const settings = {
      ...bucket.settings,
      TANDEM_VAULT_URL: vaultUrl(bucket.name, gate.endpoint, 'us-east-1'),
    }
    const content = (await Media.load()).mp3(1)
    const words = 'a very secret matter'
    let id = ''
    const house = await House.open({ settings, pagedRecordings: 0 }, async (seeder) => {
      const transcript = { engine: 'import', segments: [{ startMs: 0, endMs: 400, text: words }] }
      const request = { owner: OWNERS.owner, topic: words, serviceType: 'calling', transcript } as const
      id = await seeder.add(content, { ...request, createTime: LONG_AGO })
    })
    const phones = [await phoneOf(house, 'owner'), await phoneOf(house, 'colleague')] as const
    try {
      await checkSealed(bucket, content, [words, 'owner@alpha.test', 'Tomas'])
      const link = await linkOf(house, id)
      assert.equal(sha256((await curl(link)).bytes), sha256(content))

      await gate.shut()
      const away = await curl(link)
      assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '5'])
      const path = `/v1/convergedRecordings/${id}`
      assert.equal((await house.ask('owner', 'GET', `${path}/metadata`)).status, 200)
      assert.equal((await house.ask('admin', 'GET', path)).status, 200, 'what needs no file goes on')
      const call = await phones[0].dial('102')
      await wait(TALK_MS)
      await call.hangup()
      await wait(DOWN_MS)
      const listed = await house.ask('owner', 'GET', '/v1/convergedRecordings')
      assert.deepEqual(listed.json.items, [], 'nothing is available that cannot be fetched')
      const openedAt = performance.now()
      await gate.reopen()
      const goesOn = async (): Promise<true | undefined> =>
        (await curl(link)).status === 200 ? true : undefined
      await until('downloads go on', goesOn, { waitMs: BACK_MS_MAX, everyMs: 200 })
      const recorded = await until('the recording is published', () => published(house), {
        waitMs: PUBLISHED_MS_MAX,
        everyMs: 200,
      })
      test.diagnostic(`published ${Math.round(performance.now() - openedAt)} ms after the bucket was back`)
      const fetched = await curl(await linkOf(house, recorded))
      assert.equal(fetched.status, 200)
      assert.ok(fetched.bytes.length > 0)

      await house.leave()
      assert.equal(await house.stage.stop(), 0, house.stage.server.output)
      const refused = (other: Readonly<Record<string, string>>, sentence: RegExp): Promise<void> =>
        refusedStart(house.stage, other, sentence)
      const missing = vaultUrl('nobodys-bucket', gate.endpoint, 'us-east-1')
      await refused({ TANDEM_VAULT_URL: missing }, /nobodys-bucket/)
      await refused(
        { AWS_SECRET_ACCESS_KEY: 'not-the-secret' },
        /refus|credential|AWS_SECRET_ACCESS_KEY|denied/i,
      )
      await refused({ AWS_SECRET_ACCESS_KEY: '' }, /AWS_SECRET_ACCESS_KEY/)
      await gate.shut()
      await refused({}, /cannot be used .* check the endpoint/)
      await gate.reopen()
      await house.stage.start()
      assert.equal((await curl(await linkOf(house, id))).status, 200, 'nothing has changed')
      assert.equal(await house.stage.stop(), 0)
    } finally {
      await Promise.all(phones.map((phone) => phone.close()))
      await gate.reopen().catch(() => {}) // It may be open.
      await house.close()
      await gate.shut()
      await bucket.close()
    }
  })
}

async function linkOf(house: House, id: string): Promise<string> {
  const { json, text } = await house.ask('owner', 'GET', `/v1/convergedRecordings/${id}`)
  assert.ok(json?.temporaryDirectDownloadLinks !== undefined, text)
  return json.temporaryDirectDownloadLinks.audioDownloadLink as string
}

async function published(house: House): Promise<string | undefined> {
  const { json } = await house.ask('owner', 'GET', '/v1/convergedRecordings')
  return json?.items?.[0]?.id as string | undefined
}

/** No stretch of the file, and none of the words, is in any object or its name. */
async function checkSealed(bucket: Bucket, content: Buffer, words: readonly string[]): Promise<void> {
  const { client, name } = bucket
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }))
  assert.ok(Contents.length >= 1, 'the bucket holds the file')
  const traces: Uint8Array[] = words.map((word) => Buffer.from(word))
  for (let at = 64; at + TRACE_BYTES <= content.length; at += TRACE_BYTES)
    traces.push(content.subarray(at, at + TRACE_BYTES))
  for (const { Key = '' } of Contents) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key }))
    const bytes = Buffer.concat([Buffer.from(Key), (await Body?.transformToByteArray()) ?? Buffer.alloc(0)])
    for (const trace of traces) assert.equal(bytes.indexOf(trace), -1, `${Key} can be read`)
  }
}
