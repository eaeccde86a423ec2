import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { decodeG711 } from '@tandem/media'
import type { VoicemailMessage } from './options.ts'
import { OPENING, ORG, TestNode } from './test-node.ts'

const deposit = {
  opening: {
    purpose: 'voicemail',
    personality: 'terminator',
    callingParty: { actor: { type: 'EXTERNAL' }, number: 'sip:+49301234@pbx.example.com;user=phone' },
  },
}

let node: TestNode
afterEach(async () => {
  await node.remove()
})

/** A mailbox that moves messages into the data folder, as the server's does. */
function mailbox(): {
  readonly messages: VoicemailMessage[]
  readonly take: (m: VoicemailMessage) => Promise<void>
} {
  const messages: VoicemailMessage[] = []
  return {
    messages,
    async take(message) {
      renameSync(message.path, join(node.folder, `${message.id}.ulaw`))
      messages.push(message)
    },
  }
}

function retire(name: string): void {
  node.recordings?.segmentRetired(name.split('/').at(-1) as string)
}

describe('a message left for a mailbox', () => {
  it('is handed over as mu-law of the caller alone, and never becomes a recording', async () => {
    node = new TestNode()
    const { messages, take } = mailbox()
    const recordings = await node.start({ onVoicemail: take })
    const id = randomUUID()
    const segment = node.call(id, deposit)
    recordings.opened(id)
    recordings.closed(id)
    await recordings.idle()
    assert.deepEqual(messages, [
      {
        id,
        orgId: ORG,
        ownerId: OPENING.ownerId,
        callSessionId: OPENING.callSessionId,
        remoteName: 'Mira Okafor',
        callingNumber: '+49301234',
        at: OPENING.startedAt,
        durationMs: 1_000,
        path: join(node.folder, 'vault', 'tmp', `${id}.ulaw.part`),
      },
    ])
    assert.equal(await recordings.get(ORG, id), undefined)
    assert.deepEqual(await node.events(), [])
    assert.deepEqual(node.files('vault'), [])

    const samples = pcm(readFileSync(join(node.folder, `${id}.ulaw`)))
    assert.equal(samples.length, 8_000)
    assert.ok(strength(samples, 1_000) > 30 * strength(samples, 440), 'the right side, which is the caller')

    retire(segment.path)
    await recordings.idle()
    assert.ok(!existsSync(segment.path))
  })

  it('stays in the journal while its mailbox refuses it, and is offered again (promise P4)', async () => {
    node = new TestNode()
    const { messages, take } = mailbox()
    let refusals = 2
    const recordings = await node.start({
      retryMs: 5,
      async onVoicemail(message) {
        if (refusals-- > 0) throw new Error('EIO: i/o error')
        await take(message)
      },
    })
    const id = randomUUID()
    const segment = node.call(id, deposit)
    retire(segment.path)
    recordings.closed(id)
    await recordings.idle()
    assert.ok(existsSync(segment.path))
    while (recordings.counts.backlog > 0) await new Promise((resolve) => setImmediate(resolve))
    await recordings.idle()
    assert.deepEqual(
      messages.map((message) => message.id),
      [id],
    )
    assert.deepEqual(
      node.alarms.map((alarm) => alarm.what),
      ['voicemail-refused', 'voicemail-refused'],
    )
    assert.ok(!existsSync(segment.path))
  })

  it('waits with an alarm when nobody takes messages', async () => {
    node = new TestNode()
    const recordings = await node.start({ retryMs: 600_000 })
    const id = randomUUID()
    node.call(id, deposit)
    recordings.closed(id)
    await recordings.idle()
    assert.equal(recordings.counts.waiting, 1)
    assert.equal(node.alarms[0]?.what, 'voicemail-refused')
  })

  it('is offered again after a crash, also one that was cut off, and then never again', async () => {
    node = new TestNode()
    const id = randomUUID()
    node.call(id, { ...deposit, closing: null })
    const { messages, take } = mailbox()
    const dying = await node.start({
      retryMs: 600_000,
      onVoicemail: () => Promise.reject(new Error('killed meanwhile')),
    })
    dying.closed(id)
    await dying.idle()
    await node.stop()

    const recovery = await (await node.start({ onVoicemail: take })).recover()
    assert.deepEqual([recovery.recovered, recovery.unfinished, recovery.quarantinedParts], [1, 0, 0])
    assert.deepEqual(
      messages.map((message) => message.id),
      [id],
    )
    assert.deepEqual(readdirSync(node.journal), [])
    assert.equal((await (node.recordings?.recover() ?? Promise.reject())).known, 0)
  })

  it('is not brought back by a restart while its journal is still there for another recording', async () => {
    node = new TestNode()
    const { messages, take } = mailbox()
    const [message, call] = [randomUUID(), randomUUID()]
    const segment = node.segment()
    const left = segment.open(message, { ...OPENING, ...deposit.opening }).join(0)
    segment.append(left.talk(0, 500))
    segment.append(left.close(500).take())
    const long = segment.open(call, OPENING).join(0)
    segment.append(long.talk(0, 500))
    const first = await node.start({ onVoicemail: take })
    first.opened(call)
    first.closed(message)
    await first.idle()
    await node.stop()
    const recovery = await (await node.start({ onVoicemail: take })).recover()
    assert.deepEqual([recovery.recovered, recovery.known], [1, 1])
    assert.equal(messages.length, 1)
    const noted = await node.db?.kysely.selectFrom('recording_settled').selectAll().execute()
    assert.deepEqual(noted, [], 'forgotten with its journal')
  })

  it('without a sample is no message', async () => {
    node = new TestNode()
    const { messages, take } = mailbox()
    const recordings = await node.start({ onVoicemail: take })
    const id = randomUUID()
    node.call(id, { ...deposit, seconds: 0 })
    recordings.closed(id)
    await recordings.idle()
    assert.deepEqual(messages, [])
    assert.equal(recordings.counts.backlog, 0)
  })
})

describe('what is to be discarded', () => {
  it('leaves no row, no event, no file and no message, and lets its journal go', async () => {
    for (const opening of [{}, deposit.opening]) {
      node = new TestNode()
      const { messages, take } = mailbox()
      const recordings = await node.start({ onVoicemail: take })
      const id = randomUUID()
      const segment = node.call(id, { opening, closing: { discarded: true } })
      recordings.opened(id)
      recordings.closed(id)
      await recordings.idle()
      assert.equal(await recordings.get(ORG, id), undefined)
      assert.deepEqual([messages, await node.events(), node.files('vault'), node.alarms], [[], [], [], []])
      assert.ok(existsSync(segment.path), 'until its writer has left it')
      retire(segment.path)
      await recordings.idle()
      assert.ok(!existsSync(segment.path))
      await node.remove()
    }
    node = new TestNode()
  })

  it('stays discarded after a crash', async () => {
    node = new TestNode()
    node.call(randomUUID(), { closing: { discarded: true } })
    const recovery = await (await node.start()).recover()
    assert.deepEqual([recovery.recovered, recovery.unfinished, recovery.removedSegments], [1, 0, 1])
    assert.deepEqual([await node.events(), node.files('vault')], [[], []])
  })
})

function pcm(ulaw: Uint8Array): Int16Array {
  const samples = new Int16Array(ulaw.length)
  decodeG711('PCMU', ulaw, 0, ulaw.length, samples)
  return samples
}

function strength(samples: Int16Array, hertz: number): number {
  let re = 0
  let im = 0
  for (const [at, value] of samples.entries()) {
    re += value * Math.cos((2 * Math.PI * hertz * at) / 8_000)
    im += value * Math.sin((2 * Math.PI * hertz * at) / 8_000)
  }
  return Math.hypot(re, im)
}
