import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { ImportFault } from './import-fault.ts'
import { MEDIA_BYTES_MAX, type MediaFacts, mediaFacts } from './media-facts.ts'
import { BytesMedia, type MediaSource } from './media-source.ts'
import { MediaThread } from './media-thread.ts'
import { outlineMp4 } from './mp4-boxes.ts'
import { readMp4 } from './mp4-sound.ts'
import { makeMp3, makeMp4, makeWav, packetOfSound } from './test-media.ts'
import { WAV_RATE_HZ_MAX, WAV_RATE_HZ_MIN } from './wav-file.ts'

const NOW = Date.UTC(2026, 1, 3)

function factsOf(bytes: Uint8Array): Promise<MediaFacts> {
  const source = new BytesMedia(bytes)
  return mediaFacts(source, () => readMp4(source, NOW))
}

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await factsOf(bytes)
  } catch (error) {
    assert.ok(error instanceof ImportFault, `not ${error}`)
    assert.match(error.message, /^[A-Z].*\.$/, 'one sentence')
    return error.kind
  }
  return 'taken'
}

describe('MP3, frame by frame (ISO 11172-3 §2.4)', () => {
  it('knows its length whatever stands before and behind the frames', async () => {
    const plain = await makeMp3(3)
    const id3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x02\x00', 'latin1'), Buffer.alloc(256, 0xff)])
    const id3v1 = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)])
    const ape = Buffer.alloc(32)
    ape.write('APETAGEX', 'latin1')
    const facts = await factsOf(plain)
    assert.equal(facts.kind, 'mp3')
    assert.equal(facts.sha256, createHash('sha256').update(plain).digest('hex'))
    for (const bytes of [
      plain,
      Buffer.concat([id3, id3, plain]),
      Buffer.concat([plain, id3v1]),
      Buffer.concat([plain, ape, id3v1]),
    ]) {
      const found = await factsOf(bytes)
      assert.ok(found.kind === 'mp3')
      assert.deepEqual(found.mp3, {
        durationMs: 44 * 72,
        rateHz: 8_000,
        channels: 1,
        isConstantRate: true,
        frames: 44,
        strayBytes: 0,
        isCutOff: false,
      })
    }
  })

  it('takes a file whose end is missing, and says so', async () => {
    const whole = await makeMp3(3)
    const cut = await factsOf(whole.subarray(0, whole.length - 100))
    assert.ok(cut.kind === 'mp3')
    assert.deepEqual([cut.mp3.frames, cut.mp3.isCutOff, cut.mp3.strayBytes], [43, true, 188])
  })

  it('takes no stray sync word for a frame', async () => {
    const stray = Buffer.concat([Buffer.of(0xff, 0xfb, 0x90, 0x64), Buffer.alloc(100)]) // 417 bytes, by its word.
    const facts = await factsOf(Buffer.concat([stray, await makeMp3(3)]))
    assert.ok(facts.kind === 'mp3')
    assert.deepEqual([facts.mp3.frames, facts.mp3.rateHz, facts.mp3.strayBytes], [44, 8_000, 104])
  })

  it('goes on behind damage in the middle, and says how much it was', async () => {
    const bytes = (await makeMp3(10)).slice()
    bytes.fill(0, 288 * 5, 288 * 6)
    const facts = await factsOf(bytes)
    assert.ok(facts.kind === 'mp3')
    assert.deepEqual([facts.mp3.strayBytes, facts.mp3.isCutOff], [288, false])
    bytes.fill(0, 288 * 5, 288 * 60)
    assert.equal(await refusal(bytes), 'damaged')
  })

  it('gives the same facts however the bytes are cut into pieces', async () => {
    const bytes = await makeMp3(2)
    const whole = await factsOf(bytes)
    class Crumbs implements MediaSource {
      readonly sizeBytes = bytes.length
      async read(offset: number, length: number): Promise<Uint8Array> {
        return bytes.subarray(offset, offset + Math.min(length, 1 + ((offset * 7) % 311)))
      }
    }
    assert.deepEqual(await mediaFacts(new Crumbs(), () => Promise.reject()), whole)
  })
})

describe('WAV (RIFF, RF64)', () => {
  it('knows every coding by its header', async () => {
    const kinds = [
      [{ code: 1, bits: 16 }, 'pcm', 1_000],
      [{ code: 1, bits: 8, data: new Uint8Array(8_000) }, 'pcm', 1_000],
      [{ code: 1, bits: 24, data: new Uint8Array(48_000), channels: 2 }, 'pcm', 1_000],
      [{ code: 3, bits: 32, data: new Uint8Array(32_000) }, 'float', 1_000],
      [{ code: 6, bits: 8, data: new Uint8Array(4_000) }, 'PCMA', 500],
      [{ code: 7, bits: 8, data: new Uint8Array(4_000) }, 'PCMU', 500],
    ] as const
    for (const [shape, coding, durationMs] of kinds) {
      const facts = await factsOf(makeWav(shape))
      assert.ok(facts.kind === 'wav')
      assert.deepEqual([facts.wav.coding, facts.wav.durationMs], [coding, durationMs])
    }
  })

  it('takes the sound that is there when a recorder left its sizes open, and refuses sizes that lie', async () => {
    for (const open of [
      { dataSize: 0xffff_ffff, riffSize: 0xffff_ffff },
      { dataSize: 0, riffSize: 0 },
    ]) {
      const facts = await factsOf(makeWav(open))
      assert.ok(facts.kind === 'wav' && facts.wav.durationMs === 1_000)
    }
    assert.equal(await refusal(makeWav({ dataSize: 16_001 })), 'cut-off')
    assert.equal(await refusal(makeWav({ dataSize: 0xffff_fffe })), 'cut-off')
    assert.equal(await refusal(makeWav({ dataSize: 0 })), 'silent')
    assert.equal(await refusal(makeWav().subarray(0, 40)), 'cut-off')
  })

  it('takes rates and channels up to their limits and none beyond', async () => {
    for (const rateHz of [WAV_RATE_HZ_MIN, WAV_RATE_HZ_MAX])
      assert.equal(await refusal(makeWav({ rateHz })), 'taken')
    for (const rateHz of [WAV_RATE_HZ_MIN - 1, WAV_RATE_HZ_MAX + 1, 0]) {
      assert.equal(await refusal(makeWav({ rateHz, data: new Uint8Array(16_000) })), 'unknown')
    }
    assert.equal(await refusal(makeWav({ channels: 3 })), 'unknown')
    assert.equal(await refusal(makeWav({ code: 2 })), 'unknown')
    assert.equal(await refusal(makeWav({ seconds: 0 })), 'silent')
  })
})

describe('MP4 (ISO 14496-12)', () => {
  it('knows its length and whether it has sound, in each of its layouts', async () => {
    for (const layout of [{}, { fastStart: true }, { fragmented: true }, { sound: false }]) {
      const facts = await factsOf(await makeMp4(4, layout))
      assert.ok(facts.kind === 'mp4')
      const sound = 'sound' in layout ? undefined : 'mp4'
      assert.deepEqual(
        [Math.round(facts.mp4.durationMs / 200), facts.mp4.sound, facts.mp4.hasVideo],
        [20, sound, true],
      )
    }
  })

  it('prints nothing on the console about a coding that nobody knows', async (context) => {
    const printed = (['error', 'warn', 'info', 'log'] as const).map((name) =>
      context.mock.method(console, name, () => {}),
    )
    const bytes = changed(await makeMp4(4), 'mp4a', (at, view) => view.setUint8(at + 3, 0x78))
    assert.equal(await refusal(bytes), 'taken')
    assert.deepEqual(
      printed.flatMap(({ mock }) => mock.calls.map((call) => call.arguments)),
      [],
    )
  })

  it('refuses what is cut off, encrypted, or lies about its sizes', async () => {
    const bytes = await makeMp4(4)
    assert.equal(await refusal(bytes.subarray(0, bytes.length - 10)), 'cut-off')
    assert.equal(await refusal(bytes.subarray(0, 600)), 'cut-off')
    const fast = await makeMp4(4, { fastStart: true })
    assert.equal(await refusal(fast.subarray(0, fast.length - 10)), 'cut-off')
    assert.equal(await refusal(changed(bytes, 'mp4a', (at, view) => view.setUint8(at + 3, 0x78))), 'taken')
    assert.equal(
      await refusal(changed(bytes, 'mp4a', (at, view) => view.setUint32(at, 0x656e6361))),
      'encrypted',
    )
    for (const table of ['stsz', 'stts', 'stco', 'stsc']) {
      const lying = changed(bytes, table, (at, view) => {
        view.setUint32(at + 8, table === 'stsz' ? 0 : 0xffff_ffff)
        view.setUint32(at + 12, 0xffff_ffff)
      })
      assert.equal(await refusal(lying), 'damaged', table)
    }
    assert.equal(await refusal(changed(bytes, 'stbl', (at, view) => view.setUint32(at - 4, 7))), 'damaged')
    assert.equal(
      await refusal(changed(bytes, 'trak', (at, view) => view.setUint32(at - 4, 1 << 30))),
      'damaged',
    )
  })

  it('never reads more than the file has, whatever its headers claim', async () => {
    const base = await makeMp4(2)
    const random = new Random(4)
    for (let round = 0; round < 400; round++) {
      const bytes = base.slice()
      for (let flips = 0; flips < 4; flips++) bytes[random.below(bytes.length)] = random.below(256)
      let asked = 0
      const source: MediaSource = {
        sizeBytes: bytes.length,
        async read(offset, length) {
          asked += Math.max(0, Math.min(length, bytes.length - offset))
          return bytes.subarray(offset, offset + length)
        },
      }
      await outlineMp4(source, NOW).catch((error) => assert.ok(error instanceof ImportFault, String(error)))
      assert.ok(asked < 20 * bytes.length, `round ${round} asked for ${asked} bytes`)
    }
  })
})

describe('anything else', () => {
  it('is named and refused', async () => {
    assert.equal(await refusal(new Uint8Array(0)), 'empty')
    const others = [
      'OggS',
      'fLaC',
      '%PDF-1.7',
      'PK\x03\x04',
      '<!DOCTYPE html>',
      'RIFFxxxxAVI LIST',
      '\0\0\0\0',
      'x',
    ]
    for (const other of others)
      assert.equal(await refusal(Buffer.from(other.padEnd(3_000, '.'), 'latin1')), 'unknown')
    assert.equal(await refusal(new Uint8Array(70_000).fill(0xff)), 'unknown')
  })

  it('is never above the limit, whose last byte is still taken', async () => {
    const sized = (sizeBytes: number): MediaSource => ({ sizeBytes, read: async () => new Uint8Array(0) })
    const kind = (error: unknown): string => (error instanceof ImportFault ? error.kind : String(error))
    const never = (): Promise<never> => Promise.reject(new Error('not asked'))
    assert.equal(await mediaFacts(sized(MEDIA_BYTES_MAX), never).catch(kind), 'changed')
    assert.equal(await mediaFacts(sized(MEDIA_BYTES_MAX + 1), never).catch(kind), 'too-large')
  })

  it('never crashes the reader: random bytes behind every beginning are taken or refused in words', async () => {
    const beginnings = [await makeMp3(1), makeWav(), await makeMp4(1)]
    const random = new Random(3)
    for (let round = 0; round < 300; round++) {
      const bytes = random.pick(beginnings).slice()
      for (let flips = 0; flips < 20; flips++)
        bytes[random.below(Math.min(bytes.length, 1_500))] = random.below(256)
      await refusal(bytes)
    }
  })
})

describe('MediaThread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-media-'))
  const thread = new MediaThread()
  after(async () => {
    await thread.close()
    rmSync(folder, { recursive: true })
  })

  function fileOf(bytes: Uint8Array): { readonly path: string } {
    const path = join(folder, createHash('sha256').update(bytes).digest('hex'))
    writeFileSync(path, bytes)
    return { path }
  }

  async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const all: Uint8Array[] = []
    for await (const piece of pieces) all.push(piece)
    return Buffer.concat(all)
  }

  it('takes the sound out of an MP4, packet for packet as it was', async () => {
    for (const layout of [{}, { fragmented: true }, { packetBytes: 4_000 }]) {
      const file = fileOf(await makeMp4(20, layout))
      const sound = await gathered(thread.mp4Sound(file, 'mp4'))
      const facts = await factsOf(sound)
      assert.ok(facts.kind === 'mp4' && !facts.mp4.hasVideo)
      assert.equal(Math.round(facts.mp4.durationMs / 1_000), 20)
      let at = 0
      for (let n = 0; n < 157; n++) {
        at = Buffer.from(sound).indexOf(packetOfSound(n, 'packetBytes' in layout ? 4_000 : 64), at)
        assert.ok(at >= 0, `packet ${n} is there, in its order`)
      }
    }
  })

  it('makes WAV into MP3 of the same length, channels apart, at a rate that MPEG has', async () => {
    for (const [rateHz, channels, wanted] of [
      [8_000, 2, 8_000],
      [16_000, 1, 16_000],
      [7_418, 1, 8_000],
      [96_000, 2, 48_000],
    ] as const) {
      const wav = await factsOf(makeWav({ seconds: 2, rateHz, channels }))
      assert.ok(wav.kind === 'wav')
      const file = fileOf(makeWav({ seconds: 2, rateHz, channels }))
      const facts = await factsOf(await gathered(thread.wavToMp3(file, wav.wav)))
      assert.ok(facts.kind === 'mp3')
      assert.deepEqual([facts.mp3.rateHz, facts.mp3.channels], [wanted, channels])
      assert.ok(Math.abs(facts.mp3.durationMs - 2_000) < 250, `${facts.mp3.durationMs} ms`)
    }
  })

  it('serves the next file after one that nobody wanted to the end, and after one that is refused', async () => {
    const file = fileOf(makeWav({ seconds: 60 }))
    const wav = await factsOf(makeWav({ seconds: 60 }))
    assert.ok(wav.kind === 'wav')
    for await (const _ of thread.wavToMp3(file, wav.wav)) break
    await assert.rejects(thread.readMp4(fileOf(new Uint8Array(100)), NOW), ImportFault)
    await assert.rejects(thread.readMp4({ path: join(folder, 'nowhere') }, NOW), { code: 'ENOENT' })
    assert.equal((await thread.readMp4(fileOf(await makeMp4(3)), NOW)).hasVideo, true)
  })

  it('gives a file up that keeps it silent for too long, and reads the next one', async () => {
    const hasty = new MediaThread({ answerMsMax: 0 })
    await assert.rejects(hasty.readMp4(fileOf(await makeMp4(3)), NOW), /could not be read in time/)
    await hasty.close()
  })
})

function changed(bytes: Uint8Array, box: string, change: (at: number, view: DataView) => void): Uint8Array {
  const copy = bytes.slice()
  const at = Buffer.from(copy).lastIndexOf(box, undefined, 'latin1')
  assert.ok(at > 0, `the file has ${box}`)
  change(at, new DataView(copy.buffer, copy.byteOffset))
  return copy
}
