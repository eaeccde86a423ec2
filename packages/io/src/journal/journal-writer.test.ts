import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { type MediaEvent, type ReadItem, SegmentReader, unwrapDataKey, wrapDataKey } from '@tandem/media'
import { open, seal } from '../crypto.ts'
import type { JournalFolder } from './journal-folder.ts'
import { FLUSH_TURNS, JournalWriter } from './journal-writer.ts'
import { QUEUED_BYTES_MAX } from './segment.ts'

const kek = new Uint8Array(32).fill(9)

/** A folder in memory whose writes and syncs are let through, or refused, one by one. */
class HandFolder implements JournalFolder {
  readonly log: string[] = []
  readonly bytes = new Map<string, Uint8Array[]>()
  /** Operations wait here while `slow`. */
  readonly held: { readonly what: string; go(error?: string): void }[] = []
  slow = false
  #files = 0

  async create(name: string, header: Uint8Array): ReturnType<JournalFolder['create']> {
    const file = `f${++this.#files}`
    const bytes = [header.slice()]
    this.bytes.set(name, bytes)
    await this.#do(`create ${file}`)
    return {
      write: async (block) => {
        await this.#do(`write ${file}`)
        bytes.push(block.slice())
      },
      sync: () => this.#do(`sync ${file}`),
      close: () => this.#do(`close ${file}`),
    }
  }

  #do(what: string): Promise<void> {
    if (!this.slow) {
      this.log.push(what)
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const go = (error?: string): void => {
        this.held.splice(
          this.held.findIndex((each) => each.go === go),
          1,
        )
        this.log.push(error === undefined ? what : `${what} ${error}`)
        if (error === undefined) resolve()
        else reject(Object.assign(new Error(error), { code: error }))
      }
      this.held.push({ what, go })
    })
  }

  async let(what: string, error?: string): Promise<void> {
    const held = this.held.find((each) => each.what === what)
    assert.ok(held, `${what} is not under way, but ${this.held.map((each) => each.what).join()} is`)
    held.go(error)
    await settled()
  }
}

/** Lets every promise that can resolve do so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

class Desk {
  readonly folder = new HandFolder()
  readonly events: string[] = []
  readonly retired: string[] = []
  ms = 1_000
  readonly writer: JournalWriter

  constructor(limits: { segmentBytesMax?: number; segmentMsMax?: number } = {}) {
    this.writer = new JournalWriter({
      folder: this.folder,
      worker: 0,
      clock: () => this.ms,
      wallOffsetMs: 1_700_000_000_000,
      seal,
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      onEvent: (event) => this.events.push(brief(event)),
      onRetired: (segment) => this.retired.push(segment),
      logger: SILENT,
      limits,
    })
  }

  open(recording: string, continues = false): void {
    const key = new Uint8Array(randomBytes(32))
    const wrappedKey = wrapDataKey(seal, kek, new Uint8Array(randomBytes(12)), recording, key)
    this.writer.open({
      recording,
      facts: `{"id":"${recording}"}`,
      wallAt: this.ms + 1_700_000_000_000,
      instantAt: this.ms,
      key,
      wrappedKey,
      continues,
    })
  }

  packet(recording: string, payload: number, length = 172): void {
    const packet = new Uint8Array(length).fill(payload)
    this.writer.packet(recording, 0, 1, this.ms, packet, packet.length)
  }

  close(recording: string): void {
    this.writer.close(recording, '{"end":true}', this.ms + 1_700_000_000_000)
  }

  read(): ReadItem[] {
    return Array.from(this.folder.bytes.values()).flatMap((parts) => readSegment(Buffer.concat(parts)))
  }
}

function brief(event: MediaEvent): string {
  return 'recording' in event ? `${event.kind} ${event.recording}` : event.kind
}

function readSegment(bytes: Uint8Array): ReadItem[] {
  const reader = new SegmentReader({
    keyFor: (id, wrapped) => unwrapDataKey(open, kek, id, wrapped),
    open,
  })
  return reader.push(bytes)
}

function kinds(items: readonly ReadItem[]): string[] {
  return items.map((item) =>
    item.kind === 'entry'
      ? `${item.recordingId} ${item.entry.kind}`
      : item.kind === 'opening'
        ? `${item.recordingId} opening${item.opening.continues ? ' continued' : ''}`
        : `${item.recordingId} packet ${item.packet[0]}`,
  )
}

describe('JournalWriter', () => {
  it('says opened and closed only when their block is on disk (R1)', async () => {
    const desk = new Desk()
    desk.folder.slow = true
    desk.open('r')
    await desk.folder.let('create f1')
    await desk.folder.let('write f1')
    assert.deepEqual(desk.events, [])
    await desk.folder.let('sync f1')
    assert.deepEqual(desk.events, ['recordingOpened r'])
    desk.close('r')
    await desk.folder.let('write f1')
    assert.deepEqual(desk.events, ['recordingOpened r'])
    await desk.folder.let('sync f1')
    assert.deepEqual(desk.events, ['recordingOpened r', 'recordingClosed r'])
    await desk.folder.let('close f1')
    assert.equal(desk.retired.length, 1)
  })

  it('writes all recordings of a flush at once, and what was heard before the file was there', async () => {
    const desk = new Desk()
    for (const id of ['a', 'b', 'c']) desk.open(id)
    for (const id of ['a', 'b', 'c']) desk.packet(id, 1)
    desk.writer.flush()
    await settled()
    desk.folder.log.length = 0
    for (const id of ['a', 'b', 'c']) desk.packet(id, 2)
    desk.writer.flush()
    await settled()
    assert.deepEqual(desk.folder.log, ['write f1'])
    assert.equal(desk.read().filter((item) => item.kind === 'packet').length, 6)
  })

  it('seals every recording once in all turns, and no more than its share in one', async () => {
    const desk = new Desk()
    const ids = Array.from({ length: 2 * FLUSH_TURNS + 1 }, (_, index) => `r${index}`)
    for (const id of ids) desk.open(id)
    await settled()
    for (const id of ids) desk.packet(id, 7)
    const counts: number[] = []
    for (let turn = 0; turn < FLUSH_TURNS; turn++) {
      const before = desk.read().length
      desk.writer.flushTurn()
      await settled()
      counts.push(desk.read().length - before)
    }
    assert.ok(Math.max(...counts) <= 3, counts.join())
    assert.equal(
      desk.read().filter((item) => item.kind === 'packet').length,
      ids.length,
      'each within 100 ms',
    )
    desk.close('r0')
    desk.open('new')
    desk.packet('new', 8)
    for (let turn = 0; turn < FLUSH_TURNS; turn++) desk.writer.flushTurn()
    await settled()
    assert.ok(desk.read().some((item) => item.recordingId === 'new' && item.kind === 'packet'))
  })

  it('goes on writing while a sync is slow (P3)', async () => {
    const desk = new Desk()
    desk.open('r')
    await settled()
    desk.folder.slow = true
    desk.packet('r', 1)
    desk.writer.flush()
    await desk.folder.let('write f1')
    desk.writer.sync()
    for (const payload of [2, 3]) {
      desk.packet('r', payload)
      desk.writer.flush()
      await desk.folder.let('write f1')
    }
    assert.deepEqual(
      desk.folder.held.map((each) => each.what),
      ['sync f1'],
    )
    assert.deepEqual(kinds(desk.read()).slice(1), ['r packet 1', 'r packet 2', 'r packet 3'])
  })

  it('fails the recordings of a segment whose sync fails, once, and gives later ones a new segment (R4)', async () => {
    const desk = new Desk()
    desk.open('a')
    desk.open('b')
    await settled()
    desk.folder.slow = true
    desk.packet('a', 1)
    desk.close('b')
    await desk.folder.let('write f1')
    await desk.folder.let('sync f1', 'EIO')
    assert.deepEqual(desk.events.slice(2).sort(), ['recordingFailed a', 'recordingFailed b'])
    assert.equal(desk.folder.log.filter((line) => line.startsWith('sync f1')).length, 2, 'no second try')
    desk.folder.slow = false
    desk.open('c')
    await settled()
    assert.equal(desk.events.at(-1), 'recordingOpened c')
    desk.close('a')
    desk.packet('a', 9)
    desk.writer.flush()
    await settled()
    assert.equal(desk.events.filter((event) => event.endsWith(' a')).length, 2)
  })

  it('fails only recordings when the disk is full, at the opening, in the middle and at the end (P4)', async () => {
    for (const at of ['create f1', 'write f1'] as const) {
      const desk = new Desk()
      desk.folder.slow = true
      desk.open('r')
      if (at === 'write f1') await desk.folder.let('create f1')
      await desk.folder.let(at, 'ENOSPC')
      assert.deepEqual(desk.events, ['recordingFailed r'])
      assert.equal(desk.writer.recordings, 0)
    }
    const desk = new Desk()
    desk.open('r')
    await settled()
    desk.folder.slow = true
    desk.close('r')
    await desk.folder.let('write f1', 'ENOSPC')
    assert.deepEqual(desk.events, ['recordingOpened r', 'recordingFailed r'])
  })

  it('bounds what waits for a disk that stands still: the limit is kept, one past it fails', async () => {
    const desk = new Desk()
    desk.open('r')
    await settled()
    desk.folder.slow = true
    const blockBytes = 1_000_000
    const hand = (): void => {
      for (let i = 0; i < 2; i++) desk.packet('r', 1, blockBytes / 2)
      desk.writer.flush()
    }
    for (let bytes = blockBytes; bytes * 1.001 < QUEUED_BYTES_MAX; bytes += blockBytes) hand()
    assert.deepEqual(desk.events, ['recordingOpened r'])
    hand()
    assert.deepEqual(desk.events, ['recordingOpened r', 'recordingFailed r'])
  })

  it('keeps nothing of what is said while paused (P18)', async () => {
    const desk = new Desk()
    desk.open('r')
    desk.packet('r', 1)
    desk.writer.entry('r', { kind: 'pause', at: desk.ms })
    desk.packet('r', 66)
    desk.writer.entry('r', { kind: 'resume', at: desk.ms })
    desk.packet('r', 2)
    desk.close('r')
    await settled()
    await settled()
    assert.deepEqual(kinds(desk.read()), [
      'r opening',
      'r packet 1',
      'r pause',
      'r resume',
      'r packet 2',
      'r closed',
    ])
  })

  it('goes on in a new segment at the size limit, with what stands said again', async () => {
    const desk = new Desk({ segmentBytesMax: 4_000 })
    desk.open('r')
    desk.writer.entry('r', {
      kind: 'joined',
      side: 0,
      leg: 'l',
      codec: 'PCMU',
      payloadType: 0,
      clockRateHz: 8_000,
      at: desk.ms,
    })
    for (let i = 0; i < 30; i++) desk.packet('r', 1)
    desk.writer.flush()
    for (let i = 0; i < 2; i++) desk.packet('r', 2)
    desk.close('r')
    await settled()
    await settled()
    assert.equal(desk.folder.bytes.size, 2)
    assert.equal(desk.retired.length, 2)
    const [, second] = Array.from(desk.folder.bytes.values())
    assert.deepEqual(kinds(readSegment(Buffer.concat(second ?? []))), [
      'r opening continued',
      'r joined',
      'r packet 2',
      'r packet 2',
      'r closed',
    ])
    assert.deepEqual(desk.events, ['recordingOpened r', 'recordingClosed r'])
  })

  it('goes on in a new segment at the age limit', async () => {
    const desk = new Desk({ segmentMsMax: 10_000 })
    desk.open('r')
    await settled()
    desk.ms += 9_999
    desk.writer.flush()
    assert.equal(desk.folder.bytes.size, 1)
    desk.ms += 1
    desk.writer.flush()
    assert.equal(desk.folder.bytes.size, 2)
  })

  it('leaves a journal that survives SIGKILL with at most 200 ms of audio lost (P3)', async () => {
    const lost = await lostByKill()
    assert.ok(lost <= 200, `${lost} ms lost`)
  })
})

/**
 * Kills a process that keeps a recording, and tells over how many milliseconds it had handed over what is not in its
 * journal. By its own clock: packets that gathered while the machine stood still came to it at one moment.
 */
async function lostByKill(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-journal-'))
  const child = spawn(process.execPath, [new URL('./journal-load.ts', import.meta.url).pathname, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const sentAt: number[] = []
  lines.on('line', (line) => {
    sentAt.push(Number(line.split(' ')[1]))
    if (sentAt.length > 40) child.kill('SIGKILL') // After 40 packets of 20 ms, at whatever moment of a flush.
  })
  await once(child, 'close')
  const [name = ''] = await readdir(folder)
  const items = readSegment(await readFile(join(folder, name)))
  const kept = items.flatMap((item) => (item.kind === 'packet' ? [item.packet[0] ?? 0] : []))
  assert.deepEqual(
    kept,
    Array.from({ length: kept.length }, (_, index) => index),
  )
  await rm(folder, { recursive: true })
  assert.ok(sentAt.length > 40 && kept.length > 0, `${sentAt.length} sent, ${kept.length} kept`)
  // What is told of a packet that was kept may be lost with the process, never the other way round.
  return Math.max(0, (sentAt.at(-1) ?? 0) - (sentAt[kept.length] ?? Number.POSITIVE_INFINITY))
}
