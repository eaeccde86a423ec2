import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { readInfoFrame } from './index.ts'
import { JOURNAL_EPOCH, type WrittenRecording } from './journal/written-journal.ts'
import { NOW, OPENING, ORG, TestNode } from './test-node.ts'
import { REAL_DISK, type VaultDisk } from './vault/vault-disk.ts'

let node: TestNode
afterEach(async () => {
  await node.remove()
})

/** The length that a file says it has. */
function lengthMs(bytes: Uint8Array): number {
  return readInfoFrame(bytes)?.durationMs ?? -1
}

describe('Recordings', () => {
  it('makes a closed recording available with its row, its event and its file', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    node.call(id, { seconds: 3 })
    recordings.opened(id)
    recordings.closed(id)
    await recordings.idle()

    const found = await recordings.get(ORG, id.replaceAll('-', '').toUpperCase())
    assert.ok(found)
    const { sha256: _, sizeBytes, ...rest } = found
    assert.deepEqual(rest, {
      id,
      orgId: ORG,
      topic: 'Call with Mira Okafor-20260203 0916',
      createTime: NOW,
      timeRecorded: JOURNAL_EPOCH.wallAt,
      ownerId: OPENING.ownerId,
      ownerType: 'user',
      ownerName: 'Tomas Lind',
      ownerEmail: 'Tomas.Lind@example.com',
      format: 'MP3',
      durationSeconds: 3,
      serviceType: 'calling',
      storageRegion: 'DE',
      status: 'available',
      serviceData: { locationId: OPENING.locationId, callSessionId: OPENING.callSessionId },
      callId: 'callhalf-70421:0',
      vaultKey: `${ORG}/2026/02/${id}.mp3.sealed`,
      recovered: false,
      gaps: [],
      storage: 'sealed',
      origin: 'call',
      downloadPrevented: false,
    })
    const file = await node.sound(id)
    assert.equal(file.length, sizeBytes)
    assert.ok(Math.abs(lengthMs(file) - 3_000) <= 20, `${lengthMs(file)} ms`)
    assert.deepEqual(await node.events(), [`convergedRecordings created ${id}`])
    assert.deepEqual(node.alarms, [])
    assert.deepEqual(readdirSync(join(node.folder, 'vault', 'tmp')), [])
  })

  it('keeps the journal until its writer has left it, then lets it go', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    const segment = node.call(id, { seconds: 1 })
    recordings.closed(id)
    await recordings.idle()
    assert.ok(existsSync(segment.path), 'somebody may still write to it')
    recordings.segmentRetired(segment.path.split('/').at(-1) as string)
    await recordings.idle()
    assert.ok(!existsSync(segment.path))
  })

  it('keeps a segment while one of its recordings is open', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const [first, second] = [randomUUID(), randomUUID()]
    const segment = node.segment()
    const a = segment.open(first, OPENING).join(0)
    const b = segment.open(second, OPENING).join(0)
    segment.append(a.talk(0, 500))
    segment.append(b.talk(0, 500))
    segment.append(a.close(500).take())
    recordings.opened(first)
    recordings.opened(second)
    recordings.closed(first)
    recordings.segmentRetired(segment.path.split('/').at(-1) as string)
    await recordings.idle()
    assert.ok(existsSync(segment.path))
    segment.append(b.close(500).take())
    recordings.closed(second)
    await recordings.idle()
    assert.ok(!existsSync(segment.path))
  })

  it('merges the segments of one recording: two workers, or one that went on in a new file', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    const first = node.segment()
    first.append(first.open(id, OPENING).join(0).talk(0, 2_000))
    const second = node.segment()
    const rest = second.open(id, OPENING, { atMs: 2_000, continues: true }).join(0)
    second.append(rest.talk(2_000, 5_000))
    second.append(rest.close(5_000).take())
    recordings.closed(id)
    await recordings.idle()
    const found = await recordings.get(ORG, id)
    assert.equal(found?.durationSeconds, 5)
    assert.deepEqual(found?.gaps, [])
  })

  it('serves the audio and stretches of it', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    node.call(id, { seconds: 1 })
    recordings.closed(id)
    await recordings.idle()
    const whole = await recordings.openFile(id, 'audio')
    assert.ok(whole)
    const bytes = Buffer.concat(await whole.stream.toArray())
    assert.equal(bytes.length, whole.sizeBytes)
    const part = await recordings.openFile(id, 'audio', { start: 100, end: 199 })
    assert.ok(part)
    assert.deepEqual(Buffer.concat(await part.stream.toArray()), bytes.subarray(100, 200))
    assert.equal(part.sizeBytes, whole.sizeBytes)
    assert.equal(await recordings.openFile(randomUUID(), 'audio'), undefined)
  })

  it('has the owner on the left and the other side on the right', async (context) => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    node.call(id, { seconds: 3 })
    recordings.closed(id)
    await recordings.idle()
    if (spawnSync('ffmpeg', ['-version']).status !== 0) {
      context.skip('ffmpeg is not installed here: nothing else decodes MP3')
      return
    }
    const path = join(node.folder, 'heard.mp3')
    writeFileSync(path, await node.sound(id))
    const pcm = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-'], {
      maxBuffer: 1 << 26,
    })
    const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1)
    assert.equal(samples.length / 2, 3 * 8_000, 'exact to the sample for players that read the Info frame')
    const strength = (channel: number, hertz: number): number => {
      let re = 0
      let im = 0
      for (let at = 0; at < 8_000; at++) {
        const value = samples[2 * (8_000 + at) + channel] ?? 0
        re += value * Math.cos((2 * Math.PI * hertz * at) / 8_000)
        im += value * Math.sin((2 * Math.PI * hertz * at) / 8_000)
      }
      return Math.hypot(re, im)
    }
    assert.ok(strength(0, 440) > 30 * strength(0, 1_000), 'left holds 440 Hz alone')
    assert.ok(strength(1, 1_000) > 30 * strength(1, 440), 'right holds 1000 Hz alone')
  })

  it('cuts a pause out and tells of it in the metadata', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    const segment = node.segment()
    const recording: WrittenRecording = segment.open(id, OPENING).join(0)
    const note = (action: string, at: number): void => {
      const json = JSON.stringify({ kind: 'action', action, at: JOURNAL_EPOCH.wallAt + at })
      recording.entry({ kind: 'note', json, at })
    }
    const participants = [{ actor: { type: 'USER', id: 'a' }, aor: 'sip:2107@pbx.example.com' }]
    const connect = JSON.stringify({ kind: 'activity', at: JOURNAL_EPOCH.wallAt, participants })
    recording.entry({ kind: 'note', json: connect, at: 0 })
    segment.append(recording.talk(0, 2_000))
    recording.entry({ kind: 'pause', at: 2_000 })
    note('PAUSE', 2_000)
    recording.entry({ kind: 'resume', at: 6_000 })
    note('RESUME', 6_000)
    segment.append(recording.talk(6_000, 7_000))
    segment.append(recording.close(7_000).take())
    recordings.closed(id)
    await recordings.idle()
    const found = await recordings.get(ORG, id)
    assert.equal(found?.durationSeconds, 3)
    const shown = await recordings.metadata(ORG, id, { showAllTypes: true })
    const streamId = shown?.serviceData.callActivity[0]?.mediaStreams?.[0]?.streamId
    assert.match(streamId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.deepEqual(shown, {
      id,
      orgId: ORG,
      ownerId: OPENING.ownerId,
      ownerType: 'USER',
      ownerName: 'Tomas Lind',
      ownerEmail: 'Tomas.Lind@example.com',
      storageRegion: 'DE',
      serviceType: 'calling',
      version: '1.2',
      serviceData: {
        callRecordingId: id,
        locationId: OPENING.locationId,
        callSessionId: OPENING.callSessionId,
        callId: 'callhalf-70421:0',
        personality: 'originator',
        callingParty: OPENING.callingParty,
        calledParty: OPENING.calledParty,
        session: { startTime: '2026-02-03T09:15:08Z', stopTime: '2026-02-03T09:15:15Z' },
        recordingType: 'alwaysON',
        recordingActions: [
          { action: 'PAUSE', time: '2026-02-03T09:15:10Z' },
          { action: 'RESUME', time: '2026-02-03T09:15:14Z' },
        ],
        callActivity: [
          {
            timeStamp: '2026-02-03T09:15:08Z',
            mediaStreams: [{ streamId, mode: 'mixed', mLineIndex: '0' }],
            participants: [{ ...participants[0], send: streamId }],
          },
        ],
      },
    })
    const short = await recordings.metadata(ORG, id, { showAllTypes: false })
    assert.deepEqual(short?.serviceData.callActivity, [{ timeStamp: '2026-02-03T09:15:08Z' }])
    assert.equal(await recordings.metadata('another-org', id, { showAllTypes: true }), undefined)
  })

  it('finishes a failed recording with what is on disk, and shows the gap (promise P4)', async () => {
    node = new TestNode()
    const recordings = await node.start()
    const id = randomUUID()
    node.call(id, { seconds: 2, closing: null })
    recordings.opened(id)
    recordings.failed(id, 'the disk is full')
    await recordings.idle()
    const found = await recordings.get(ORG, id)
    assert.equal(found?.recovered, true)
    assert.deepEqual(found?.gaps, [{ from: JOURNAL_EPOCH.wallAt + 1_980, why: 'the disk is full' }])
    assert.equal(node.alarms[0]?.what, 'recording-failed')
  })

  it('keeps the journal when the disk refuses the file, raises an alarm, and makes it when there is room', async () => {
    node = new TestNode()
    const recordings = await node.start({ retryMs: 10 })
    const id = randomUUID()
    const segment = node.call(id, { seconds: 1 })
    const part = join(node.folder, 'vault', 'tmp', `${id}.mp3.part`)
    mkdirSync(part) // Nothing can be written here.
    const alarmed = new Promise<void>((resolve) => {
      node.alarms.push = (...alarms) => {
        resolve()
        return Array.prototype.push.apply(node.alarms, alarms)
      }
    })
    recordings.closed(id)
    await alarmed
    assert.equal(node.alarms[0]?.what, 'encoding-failed')
    assert.equal(recordings.counts.backlog, 1)
    assert.ok(existsSync(segment.path))
    rmSync(part, { recursive: true })
    while (recordings.counts.backlog > 0) await new Promise((resolve) => setImmediate(resolve))
    await recordings.idle()
    assert.ok(await recordings.get(ORG, id))
  })
})

describe('recover', () => {
  it('finishes a recording that a kill cut off, once, and shows the gap (promises P2, P3)', async () => {
    node = new TestNode()
    const id = randomUUID()
    const segment = node.call(id, { seconds: 4, closing: null })
    appendFileSync(segment.path, randomBytes(0))
    truncateSync(segment.path, readFileSync(segment.path).length - 7) // A torn block.
    const recovery = await (await node.start()).recover()
    assert.deepEqual(recovery, {
      recovered: 1,
      known: 0,
      unfinished: 0,
      quarantinedParts: 0,
      quarantinedSegments: 0,
      removedSegments: 1,
      verified: 1,
      damaged: 0,
    })
    const found = await node.recordings?.get(ORG, id)
    assert.equal(found?.recovered, true)
    assert.equal(found?.gaps.length, 1)
    const length = lengthMs(await node.sound(id))
    assert.ok(length >= 3_800 && length <= 4_000, `${length} ms of 4000`)
    assert.deepEqual(readdirSync(node.journal), [])

    await node.stop()
    const again = await (await node.start()).recover()
    assert.equal(again.recovered + again.known, 0)
    assert.deepEqual(await node.events(), [`convergedRecordings created ${id}`])
  })

  it('leaves one whole recording, one row and one event wherever publishing dies (promise P2, rule R2)', async () => {
    const steps = [
      'mkdir 1',
      'mkdir 3',
      'syncFile 1',
      'rename 1',
      'syncFolder 2',
      'syncFolder 5',
      'syncFolder 6',
    ]
    for (const step of steps) {
      node = new TestNode()
      const id = randomUUID()
      node.call(id, { seconds: 1 })
      const dying = await node.start({ disk: diesAt(step), retryMs: 60_000 })
      dying.closed(id)
      await dying.idle()
      assert.equal(await dying.get(ORG, id), undefined, `${step}: no row without a file`)
      await node.stop()

      const recovery = await (await node.start()).recover()
      assert.equal(recovery.recovered, 1, step)
      assert.equal(recovery.damaged, 0, step)
      assert.deepEqual(await node.events(), [`convergedRecordings created ${id}`], step)
      const found = await node.recordings?.get(ORG, id)
      assert.equal(found?.recovered, false, `${step}: nothing of the call was lost`)
      assert.deepEqual(node.files('vault'), [found?.vaultKey], step)
      assert.deepEqual(readdirSync(node.journal), [], step)
      await node.remove()
    }
    node = new TestNode()
  })

  it('announces nothing twice when it died between the commit and the end of the journal', async () => {
    node = new TestNode()
    const id = randomUUID()
    node.call(id, { seconds: 1 })
    const first = await node.start()
    first.closed(id)
    await first.idle() // Published; its segment stays, since nobody retired it.
    await node.stop()
    const recovery = await (await node.start()).recover()
    assert.equal(recovery.known, 1)
    assert.equal(recovery.removedSegments, 1)
    assert.equal((await node.events()).length, 1)
  })

  it('quarantines what belongs to nothing, and deletes none of it (rule R5)', async () => {
    node = new TestNode()
    await node.start()
    await node.stop()
    for (const name of ['orphan.mp3.part', 'orphan.ulaw.part']) {
      writeFileSync(join(node.folder, 'vault', 'tmp', name), 'half')
    }
    mkdirSync(join(node.folder, 'quarantine'), { recursive: true })
    writeFileSync(join(node.folder, 'quarantine', 'orphan.ulaw.part'), 'an earlier one')
    writeFileSync(join(node.journal, 'noise.seg'), randomBytes(200))
    const recovery = await (await node.start()).recover()
    assert.equal(recovery.quarantinedParts, 2)
    assert.equal(recovery.quarantinedSegments, 1)
    assert.deepEqual(readdirSync(join(node.folder, 'quarantine')).sort(), [
      'noise.seg',
      'orphan.2.ulaw.part',
      'orphan.mp3.part',
      'orphan.ulaw.part',
    ])
    assert.equal(readFileSync(join(node.folder, 'quarantine', 'orphan.mp3.part'), 'utf8'), 'half')
  })

  it('recovers what stands before damage in a segment, and keeps that segment', async () => {
    node = new TestNode()
    const id = randomUUID()
    const segment = node.call(id, { seconds: 4 })
    const bytes = readFileSync(segment.path)
    const middle = bytes.length >> 1
    bytes[middle] = (bytes[middle] as number) ^ 1
    writeFileSync(segment.path, bytes)
    const recovery = await (await node.start()).recover()
    assert.equal(recovery.recovered, 1)
    assert.equal(recovery.quarantinedSegments, 1)
    const found = await node.recordings?.get(ORG, id)
    assert.equal(found?.recovered, true)
    assert.ok((found?.durationSeconds ?? 0) >= 1)
  })

  it('finds a file that rotted (promise P5)', async () => {
    node = new TestNode()
    const id = randomUUID()
    node.call(id, { seconds: 1 })
    await (await node.start()).recover()
    const found = await node.recordings?.get(ORG, id)
    await node.stop()
    const path = join(node.folder, 'vault', found?.vaultKey ?? '')
    const bytes = readFileSync(path)
    bytes[700] = (bytes[700] as number) ^ 4
    writeFileSync(path, bytes)
    assert.equal((await (await node.start()).recover()).damaged, 1)
    assert.equal(node.alarms.at(-1)?.what, 'file-damaged')
  })

  it('starts no encoding thread when there is nothing to do', async () => {
    node = new TestNode()
    const recordings = await node.start()
    await recordings.recover()
    assert.equal(recordings.counts.threads, 0)
  })
})

/** A disk on which the n-th call of one kind, and every call after it, fails: the process is as good as dead. */
function diesAt(step: string): VaultDisk {
  const [name, nth] = step.split(' ')
  const calls: Record<string, number> = {}
  let dead = false
  const wrap =
    <Arguments extends string[]>(kind: string, real: (...args: Arguments) => Promise<void>) =>
    async (...args: Arguments): Promise<void> => {
      calls[kind] = (calls[kind] ?? 0) + 1
      if (kind === name && calls[kind] === Number(nth)) dead = true
      if (dead) throw Object.assign(new Error(`EIO: ${kind}`), { code: 'EIO' })
      await real(...args)
    }
  return {
    mkdir: wrap('mkdir', REAL_DISK.mkdir),
    rename: wrap('rename', REAL_DISK.rename),
    unlink: wrap('unlink', REAL_DISK.unlink),
    syncFile: wrap('syncFile', REAL_DISK.syncFile),
    syncFolder: wrap('syncFolder', REAL_DISK.syncFolder),
  }
}
