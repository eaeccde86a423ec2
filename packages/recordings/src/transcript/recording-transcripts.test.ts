import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Secret, SILENT } from '@tandem/base'
import { idKey } from '../catalogue/recording.ts'
import { StorageFault } from '../vault/storage-fault.ts'
import { OpenAiTranscriber } from './openai-transcriber.ts'
import type { RecordingTranscripts } from './recording-transcripts.ts'
import { callMp3, inChunks } from './test-audio.ts'
import { startTestEndpoint } from './test-endpoint.ts'
import { IDS, OWNER, TestLibrary } from './test-library.ts'
import { type Transcriber, TranscriberError, type TranscriberTask } from './transcriber.ts'
import { ATTEMPTS_MAX, BACKOFF_MS_MAX, LEASE_MS } from './transcript-queue.ts'
import { TranscriptWishes } from './transcript-wishes.ts'
import type { Transcript } from './transcripts.ts'

const ID = IDS[0] as string
const MINUTE_MS = 60_000
const SAID: Transcript = {
  language: 'en',
  engine: 'import',
  segments: [
    { startMs: 0, endMs: 1_000, speaker: 'Tomas Lind', text: 'Good morning' },
    { startMs: 1_500, endMs: 2_000, speaker: 'Mira Okafor', text: 'Hello' },
  ],
}

/** A transcriber that does as it is told; each task costs a minute. */
class ToldTranscriber implements Transcriber {
  readonly tasks: TranscriberTask[] = []
  answer: (task: TranscriberTask) => Promise<Transcript> = async () => ({ ...SAID, engine: 'told' })

  async transcribe(task: TranscriberTask): Promise<Transcript> {
    this.tasks.push(task)
    const made = await this.answer(task)
    await task.answered(MINUTE_MS)
    return made
  }
}

describe('RecordingTranscripts', () => {
  let library: TestLibrary
  beforeEach(async () => {
    library = new TestLibrary()
    await library.open()
  })
  afterEach(() => library.close())

  const made = async (transcripts: RecordingTranscripts): Promise<void> => {
    await transcripts.step()
    await transcripts.idle()
  }
  const rowOf = (id: string) =>
    library.db.kysely
      .selectFrom('recording_transcript')
      .selectAll()
      .where('id_key', '=', idKey(id))
      .executeTakeFirst()

  describe('without a transcriber', () => {
    it('keeps what was made elsewhere, gives it back, and makes it searchable', async () => {
      await library.add(ID)
      const transcripts = library.transcripts()
      assert.equal(transcripts.configured, false)
      assert.deepEqual(await transcripts.state(OWNER.orgId, ID), { state: 'none' })
      assert.equal(await transcripts.get(OWNER.orgId, ID), undefined)
      assert.equal(await transcripts.put(OWNER, ID, SAID), true)
      assert.deepEqual(await transcripts.get(OWNER.orgId, ID.toUpperCase()), SAID)
      assert.deepEqual(await transcripts.state(OWNER.orgId, ID), { state: 'done', language: 'en' })
      const row = await rowOf(ID)
      assert.equal(row?.text, 'Good morning\nHello')
      assert.deepEqual(JSON.parse(row?.segments ?? ''), SAID.segments)
      assert.deepEqual(library.indexed, [idKey(ID)])
      assert.deepEqual(
        library.audited.map(({ action, recordingId, actor, detail }) => [
          action,
          recordingId,
          actor.personId,
          detail?.['segments'],
        ]),
        [['recording.transcribed', ID, OWNER.personId, 2]],
      )
      assert.ok(!JSON.stringify(library.audited).includes('morning'), 'the audit log holds no words')
    })

    it('says so when one is asked for, and puts nothing in line', async () => {
      await library.add(ID)
      const transcripts = library.transcripts()
      assert.equal(await transcripts.request(OWNER, ID, {}), 'off')
      assert.deepEqual(transcripts.wantedStatements({ id: ID, orgId: OWNER.orgId }), [])
      await made(transcripts)
      assert.equal(await rowOf(ID), undefined)
    })

    it('replaces an earlier one, file and all', async () => {
      await library.add(ID)
      const transcripts = library.transcripts()
      await transcripts.put(OWNER, ID, SAID)
      await transcripts.put(OWNER, ID, { engine: 'import', segments: [] })
      assert.deepEqual(await transcripts.get(OWNER.orgId, ID), { engine: 'import', segments: [] })
      assert.equal(library.vault.files.size, 1)
    })

    it('keeps the words out of the database when transcripts are not searched', async () => {
      await library.add(ID)
      const transcripts = library.transcripts({ searchable: false })
      await transcripts.put(OWNER, ID, SAID)
      const row = await rowOf(ID)
      assert.deepEqual([row?.text, row?.segments], ['', '[]'])
      assert.deepEqual(await transcripts.get(OWNER.orgId, ID), SAID)
    })

    it('shows and takes nothing of another organisation, and nothing for a recording that is not there', async () => {
      await library.add(ID)
      const transcripts = library.transcripts()
      const stranger = { ...OWNER, orgId: 'another' }
      assert.equal(await transcripts.put(stranger, ID, SAID), false)
      assert.equal(await transcripts.put(OWNER, IDS[1] as string, SAID), false)
      assert.equal(library.vault.files.size, 0)
      await transcripts.put(OWNER, ID, SAID)
      assert.equal(await transcripts.get('another', ID), undefined)
      assert.deepEqual(await transcripts.state('another', ID), { state: 'none' })
    })

    it('keeps nothing of a recording that is erased meanwhile (P16)', async () => {
      await library.add(ID)
      library.vault.onWrite = () => library.erase(ID)
      assert.equal(await library.transcripts().put(OWNER, ID, SAID), false)
      assert.deepEqual([library.vault.files.size, await rowOf(ID), library.audited.length], [0, undefined, 0])
    })

    it('refuses a transcript that breaks a limit', async () => {
      await library.add(ID)
      const broken = { ...SAID, segments: [{ startMs: 5, endMs: 4, text: 'x' }] }
      await assert.rejects(
        async () => library.transcripts().put(OWNER, ID, broken),
        /^RangeError: Segment 1: it ends/,
      )
    })
  })

  describe('with a transcriber', () => {
    let transcriber: ToldTranscriber
    const start = (
      over: { concurrency?: number; monthlyCap?: number } = {},
      node = 'node-1',
    ): RecordingTranscripts =>
      library.transcripts({ node, use: { transcriber, concurrency: 1, pricePerMinute: 0.006, ...over } })
    /** Takes up what is due, and resolves when the transcriber was asked. */
    const begun = async (transcripts: RecordingTranscripts, tasks = 1): Promise<void> => {
      await transcripts.step()
      while (transcriber.tasks.length < tasks) await new Promise((resolve) => setImmediate(resolve))
    }
    beforeEach(() => {
      transcriber = new ToldTranscriber()
    })

    it('makes one for a recording whose owner wants it, with the names of both sides', async () => {
      await library.add(ID)
      await library.add(IDS[1] as string)
      await library.add(IDS[2] as string, { origin: 'import' })
      const transcripts = start()
      const wishes = new TranscriptWishes({
        transcripts,
        wanted: async (_, owner) => owner === 'wanting',
        logger: SILENT,
      })
      const wish = async (id: string, ownerId: string): Promise<unknown> =>
        library.db.commit(await wishes.statements({ id, orgId: OWNER.orgId, ownerId }))
      await wish(ID, 'wanting')
      await wish(IDS[1] as string, 'another')
      assert.deepEqual(await transcripts.state(OWNER.orgId, ID), { state: 'waiting' })
      await made(transcripts)
      assert.deepEqual(await transcripts.state(OWNER.orgId, ID), { state: 'done', language: 'en' })
      assert.deepEqual(await transcripts.state(OWNER.orgId, IDS[1] as string), { state: 'none' })
      assert.equal((await transcripts.get(OWNER.orgId, ID))?.engine, 'told')
      await library.db.commit(transcripts.wantedStatements({ id: IDS[2] as string, orgId: OWNER.orgId }))
      await made(transcripts)
      assert.deepEqual(
        transcriber.tasks.map((task) => task.speakers),
        [{ kind: 'sides', left: 'Tomas Lind', right: 'Mira Okafor' }, { kind: 'mixed' }],
      )
      assert.equal(library.audited.at(-1)?.actor.as, 'system')
    })

    it('makes it anew when asked again, in another language, and keeps the old one until then', async () => {
      await library.add(ID)
      const transcripts = start()
      await transcripts.put(OWNER, ID, SAID)
      assert.equal(await transcripts.request(OWNER, ID, { language: 'de' }), 'done')
      assert.equal((await transcripts.state(OWNER.orgId, ID)).state, 'waiting')
      assert.equal((await transcripts.get(OWNER.orgId, ID))?.engine, 'import')
      await made(transcripts)
      assert.equal(transcriber.tasks[0]?.language, 'de')
      assert.equal((await transcripts.get(OWNER.orgId, ID))?.engine, 'told')
      assert.equal(await transcripts.request(OWNER, IDS[1] as string, {}), 'missing')
      assert.equal(await transcripts.request({ ...OWNER, orgId: 'another' }, ID, {}), 'missing')
      await assert.rejects(transcripts.request(OWNER, ID, { language: 'no tag!' }), RangeError)
    })

    it('tries again after twice the wait each time, and gives up after the last attempt', async () => {
      await library.add(ID)
      const transcripts = start()
      transcriber.answer = async () => {
        throw new TranscriberError('The transcriber answered 503', { again: true })
      }
      await transcripts.request(OWNER, ID, {})
      const waits: number[] = []
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        await made(transcripts)
        assert.equal(transcriber.tasks.length, attempt)
        const wait = Number((await rowOf(ID))?.next_at ?? library.now) - library.now
        waits.push(wait)
        if (wait === 0) break
        library.now += wait - 1
        await made(transcripts)
        assert.equal(transcriber.tasks.length, attempt, 'not a millisecond early')
        library.now += 1
      }
      assert.deepEqual(waits.slice(0, 4), [15_000, 30_000, 60_000, 120_000]) // Half of the wait, the chance being 0.
      assert.equal(Math.max(...waits), BACKOFF_MS_MAX / 2)
      assert.equal(waits.length, ATTEMPTS_MAX)
      assert.deepEqual(await transcripts.state(OWNER.orgId, ID), {
        state: 'failed',
        error: 'The transcriber answered 503',
      })
    })

    it('fails at once where another attempt would change nothing, and may be asked again', async () => {
      await library.add(ID)
      const transcripts = start()
      for (const [error, message] of [
        [new TranscriberError('The transcriber answered 401: no', { again: false }), /401/],
        [new StorageFault('damaged', 'The recording is damaged'), /damaged/],
      ] as const) {
        transcriber.answer = async () => {
          throw error
        }
        await transcripts.request(OWNER, ID, {})
        await made(transcripts)
        const { state, error: why } = await transcripts.state(OWNER.orgId, ID)
        assert.equal(state, 'failed')
        assert.match(why ?? '', message)
      }
      library.vault.sounds.clear()
      await transcripts.request(OWNER, ID, {})
      await made(transcripts)
      assert.match((await transcripts.state(OWNER.orgId, ID)).error ?? '', /sound of the recording is gone/)
    })

    it('leaves a server alone for as long as it asks, with all recordings', async () => {
      for (const id of IDS.slice(0, 2)) await library.add(id)
      const transcripts = start()
      transcriber.answer = async () => {
        throw new TranscriberError('The transcriber answered 429', { again: true, retryAfterMs: 90_000 })
      }
      for (const id of IDS.slice(0, 2)) await transcripts.request(OWNER, id, {})
      await made(transcripts)
      library.now += 89_999
      await made(transcripts)
      assert.equal(transcriber.tasks.length, 1)
      library.now += 1
      await made(transcripts)
      assert.equal(transcriber.tasks.length, 2)
    })

    it('transcribes as many at a time as it may, and the next as soon as one is done', async () => {
      for (const id of IDS.slice(0, 5)) await library.add(id)
      let [now, most] = [0, 0]
      transcriber.answer = async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        now -= 1
        return SAID
      }
      let wakes = 0
      const transcripts = library.transcripts({
        use: { transcriber, concurrency: 2, pricePerMinute: 0 },
        onWork: () => void wakes++,
      })
      for (const id of IDS.slice(0, 5)) await transcripts.request(OWNER, id, {})
      assert.equal(wakes, 5)
      while (transcriber.tasks.length < 5) await made(transcripts)
      await transcripts.idle()
      assert.deepEqual([most, wakes], [2, 10])
    })

    it('takes back what its dead predecessor was running, at once (P1)', async () => {
      await library.add(ID)
      const dead = start()
      transcriber.answer = () => new Promise(() => {})
      await dead.request(OWNER, ID, {})
      await begun(dead)
      assert.equal((await rowOf(ID))?.state, 'running')
      const other = start({}, 'node-2')
      assert.equal(await other.recover(), 0)
      await made(other)
      assert.equal(transcriber.tasks.length, 1, 'what another node runs is left to it')
      const next = start()
      assert.equal(await next.recover(), 1)
      transcriber.answer = async () => SAID
      await made(next)
      assert.equal((await rowOf(ID))?.state, 'done')
    })

    it('takes over from another node whose lease is over', async () => {
      await library.add(ID)
      const dead = start({}, 'node-2')
      transcriber.answer = () => new Promise(() => {})
      await dead.request(OWNER, ID, {})
      await begun(dead)
      const transcripts = start()
      transcriber.answer = async () => SAID
      library.now += LEASE_MS - 1
      await made(transcripts)
      assert.equal((await rowOf(ID))?.state, 'running')
      library.now += 1
      await made(transcripts)
      assert.equal((await rowOf(ID))?.state, 'done')
    })

    it('gives up a recording that ends every process which tries it', async () => {
      await library.add(ID)
      transcriber.answer = () => new Promise(() => {})
      await start().request(OWNER, ID, {})
      for (let crash = 0; crash <= ATTEMPTS_MAX; crash++) {
        const transcripts = start()
        await transcripts.recover()
        await begun(transcripts, Math.min(crash + 1, ATTEMPTS_MAX))
      }
      assert.equal(transcriber.tasks.length, ATTEMPTS_MAX)
      assert.match((await start().state(OWNER.orgId, ID)).error ?? '', /given up after 12 attempts/)
    })

    it('breaks off when it is closed, without counting the attempt', async () => {
      await library.add(ID)
      const transcripts = start()
      transcriber.answer = ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      await transcripts.request(OWNER, ID, {})
      await begun(transcripts)
      await transcripts.close()
      const row = await rowOf(ID)
      assert.deepEqual([row?.state, row?.attempts, row?.next_at], ['waiting', 0, library.now])
    })

    it('does not overwrite what was stored meanwhile, nor revive what was erased', async () => {
      for (const id of IDS.slice(0, 2)) await library.add(id)
      const transcripts = start({ concurrency: 2 })
      const gate = Promise.withResolvers<Transcript>()
      transcriber.answer = () => gate.promise
      for (const id of IDS.slice(0, 2)) await transcripts.request(OWNER, id, {})
      await begun(transcripts, 2)
      await transcripts.put(OWNER, ID, SAID)
      await library.erase(IDS[1] as string)
      gate.resolve({ ...SAID, engine: 'late' })
      await transcripts.idle()
      assert.equal((await transcripts.get(OWNER.orgId, ID))?.engine, 'import')
      assert.equal(await rowOf(IDS[1] as string), undefined)
      assert.equal(library.vault.files.size, 1)
    })

    it('forgets a recording that is gone before its turn', async () => {
      await library.add(ID)
      const transcripts = start()
      await transcripts.request(OWNER, ID, {})
      await library.db.commit([library.db.kysely.deleteFrom('recording')])
      await made(transcripts)
      assert.deepEqual([await rowOf(ID), transcriber.tasks.length], [undefined, 0])
    })

    it('counts what was spent, and waits for the next month at the cap', async () => {
      for (const id of IDS.slice(0, 3)) await library.add(id)
      const transcripts = start({ monthlyCap: 0.012 })
      for (const id of IDS.slice(0, 3)) await transcripts.request(OWNER, id, {})
      for (let turn = 0; turn < 4; turn++) await made(transcripts)
      assert.equal(transcriber.tasks.length, 2)
      assert.equal((await rowOf(ID))?.cost_units, 6_000)
      const last = IDS[2] as string
      assert.deepEqual(await transcripts.state(OWNER.orgId, last), {
        state: 'waiting',
        error:
          'The monthly cap on the cost of transcripts is reached; it goes on next month or when the cap is raised',
      })
      library.now = Date.UTC(2026, 11, 1) - 1
      await made(transcripts)
      assert.equal(transcriber.tasks.length, 2)
      library.now += 1
      await made(transcripts)
      assert.equal((await transcripts.state(OWNER.orgId, last)).state, 'done')
    })

    it('pays for failed attempts too, and goes on at once when the cap is raised', async () => {
      for (const id of IDS.slice(0, 2)) await library.add(id)
      transcriber.answer = async (task) => {
        await task.answered(MINUTE_MS)
        throw new TranscriberError('no', { again: false })
      }
      const transcripts = start({ monthlyCap: 0.006 })
      for (const id of IDS.slice(0, 2)) await transcripts.request(OWNER, id, {})
      for (let turn = 0; turn < 3; turn++) await made(transcripts)
      assert.equal(transcriber.tasks.length, 1)
      await made(start({ monthlyCap: 0.006_001 }))
      assert.equal(transcriber.tasks.length, 2)
    })

    it('fails when the answer breaks the limits of a transcript', async () => {
      await library.add(ID)
      transcriber.answer = async () => ({ engine: '', segments: [] })
      const transcripts = start()
      await transcripts.request(OWNER, ID, {})
      await made(transcripts)
      assert.match(
        (await transcripts.state(OWNER.orgId, ID)).error ?? '',
        /of no use: The engine has no name/,
      )
    })

    it('goes from the sound of a call to WebVTT over a real endpoint', async () => {
      await library.add(ID)
      const endpoint = await startTestEndpoint((sent, index) =>
        index === 0
          ? { status: 429, headers: { 'retry-after': '1' } }
          : {
              json: {
                language: 'english',
                text: 'x',
                segments: [{ start: sent.left ? 0 : 1, end: 2, text: sent.left ? 'Hi' : 'Yes' }],
              },
            },
      )
      const mp3 = await callMp3({ seconds: 3, left: 440, right: 880 })
      library.vault.sounds.set(ID, () => inChunks(mp3, 65_536))
      const real = new OpenAiTranscriber({ url: endpoint.url, key: new Secret('k'), model: 'whisper-1' })
      const transcripts = library.transcripts({
        use: { transcriber: real, concurrency: 1, pricePerMinute: 1 },
      })
      await transcripts.request(OWNER, ID, {})
      await made(transcripts)
      assert.match((await transcripts.state(OWNER.orgId, ID)).error ?? '', /^The transcriber answered 429/)
      library.now += 30_000
      await made(transcripts)
      await endpoint.close()
      const transcript = await transcripts.get(OWNER.orgId, ID)
      assert.ok(transcript !== undefined)
      assert.match(
        transcripts.render(transcript, 'vtt').text,
        /<v Tomas Lind>Hi\n\n00:00:01\.000 --> 00:00:02\.000\n<v Mira Okafor>Yes\n$/,
      )
      assert.equal((await rowOf(ID))?.cost_units, 2 * 50_000) // Two sides of three seconds at 1 a minute.
      assert.equal(endpoint.sent[0]?.path, '/audio/transcriptions')
    })
  })
})
