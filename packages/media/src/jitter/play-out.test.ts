import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random } from '@tandem/testing'
import { encodeG711 } from '../g711/g711.ts'
import { FADE_SAMPLES } from './fade.ts'
import { FILL_SAMPLES, PlayOut } from './play-out.ts'

const FRAME = 160
const LEVEL = 8_000
const HERTZ = 400

/** A voice whose packets can be sent in any order, and what was played of it. */
class Voice {
  readonly out = new PlayOut()
  readonly heard: number[] = []
  readonly #frame = new Int16Array(FRAME)

  /** Sends the samples from `from` on; a sine, so that a break in it shows. */
  send(from: number, options: { count?: number; ssrc?: number; offset?: number } = {}): void {
    const { count = FRAME, ssrc = 1, offset = 0xffff_ff00 } = options
    const samples = Int16Array.from({ length: count }, (_, index) =>
      Math.round(LEVEL * Math.sin((2 * Math.PI * HERTZ * (from + index)) / 8000)),
    )
    const payload = new Uint8Array(count)
    encodeG711('PCMA', samples, count, payload, 0)
    this.out.push(ssrc, (offset + from) >>> 0, 'PCMA', payload, 0, count)
  }

  pull(): boolean {
    const there = this.out.pull(this.#frame, FRAME)
    if (there) this.heard.push(...this.#frame)
    else this.heard.push(...new Int16Array(FRAME))
    return there
  }

  /** The largest step between two samples that were played. */
  get steepest(): number {
    let most = 0
    for (let index = 1; index < this.heard.length; index++) {
      most = Math.max(most, Math.abs((this.heard[index] as number) - (this.heard[index - 1] as number)))
    }
    return most
  }

  /** The share of samples from `from` on that lie in silence: the sine itself is near zero for two samples at most. */
  quietShare(from = 0): number {
    const part = this.heard.slice(from)
    let quiet = 0
    for (let index = 0, run = 0; index < part.length; index++) {
      run = Math.abs(part[index] as number) < 40 ? run + 1 : 0
      if (run >= 4) quiet += 1
    }
    return quiet / part.length
  }
}

/** Steps of the sine itself, of a fade over it and of the codec. */
const STEP_MAX = LEVEL * 2 * Math.sin((Math.PI * HERTZ) / 8000) + LEVEL / FADE_SAMPLES + 300

describe('PlayOut', () => {
  it('plays once two packets of 20 ms are there, over the wrap of the timestamp, without a break', () => {
    const voice = new Voice()
    for (let index = 0; index < 100; index++) {
      voice.send(FRAME * index)
      assert.equal(voice.pull(), index >= FILL_SAMPLES / FRAME - 1)
    }
    assert.ok(voice.steepest < STEP_MAX, `${voice.steepest}`)
    assert.ok(voice.quietShare(2 * FRAME) < 0.02)
  })

  it('takes packets of 10, 30 and 60 ms, and any order of two', () => {
    for (const count of [80, 240, 480]) {
      const voice = new Voice()
      let sent = 0
      for (let pulled = 0; pulled < 16_000; pulled += FRAME) {
        while (sent <= pulled + 240) {
          voice.send(sent + count, { count })
          voice.send(sent, { count })
          sent += 2 * count
        }
        voice.pull()
      }
      assert.ok(voice.steepest < STEP_MAX, `${count}: ${voice.steepest}`)
      assert.ok(voice.quietShare(1_600) < 0.02, `${count}`)
    }
  })

  it('bridges a lost packet, and is soft where a voice ends and where it begins again', () => {
    const voice = new Voice()
    for (let index = 0; index < 200; index++) {
      const pausing = index % 50 > 40
      if (index % 10 !== 7 && !pausing) voice.send(FRAME * index)
      voice.pull()
    }
    // A bridge repeats 20 ms of a tone of whole periods: it fits at its beginning, and fades.
    assert.ok(voice.steepest < 1.5 * STEP_MAX, `${voice.steepest}`)
    assert.equal(voice.pull(), false)
  })

  it('is silent 60 ms after the last packet, and plays at once what comes then, wherever its clock is', () => {
    const voice = new Voice()
    for (let index = 0; index < 10; index++) {
      voice.send(FRAME * index)
      voice.pull()
    }
    for (let index = 0; index < 6; index++) voice.pull()
    assert.equal(voice.pull(), false)
    voice.send(3_000_000)
    voice.send(3_000_000 + FRAME)
    assert.ok(voice.pull())
  })

  it('leaves out copies and what comes too late, and follows a clock that was set back', () => {
    const voice = new Voice()
    for (let index = 0; index < 20; index++) {
      voice.send(FRAME * index)
      voice.send(FRAME * index)
      if (index > 5) voice.send(FRAME * (index - 5))
      voice.pull()
    }
    assert.ok(voice.steepest < STEP_MAX)
    assert.ok(voice.out.waiting <= FILL_SAMPLES)
    for (let index = 20; index < 40; index++) {
      voice.send(FRAME * index, { offset: 5_000 }) // Four seconds back.
      voice.pull()
    }
    assert.ok(voice.quietShare(30 * FRAME) < 0.05)
  })

  it('plays a new source from its first packets on', () => {
    const voice = new Voice()
    for (let index = 0; index < 20; index++) {
      voice.send(FRAME * index, { ssrc: index < 10 ? 1 : 2, offset: index < 10 ? 0 : 900_000 })
      voice.pull()
    }
    assert.ok(voice.quietShare(12 * FRAME) < 0.05)
  })

  it('cuts out what is more than jitter needs: a heap at once, a long reserve within seconds', () => {
    const voice = new Voice()
    for (let index = 0; index < 14; index++) voice.send(FRAME * index)
    assert.ok(voice.out.waiting <= 1_600)
    for (let index = 14; index < 400; index++) {
      voice.send(FRAME * index)
      voice.pull()
    }
    assert.ok(voice.out.waiting <= 400, `${voice.out.waiting}`)
    assert.ok(voice.steepest < STEP_MAX + LEVEL / 8, `${voice.steepest}`)
  })

  it('never throws and never holds more than it may, whatever comes', () => {
    const random = new Random(5)
    const out = new PlayOut()
    const payload = random.bytes(1_488)
    const frame = new Int16Array(FRAME)
    let timestamp = 0
    for (let step = 0; step < 20_000; step++) {
      timestamp = random.chance(0.1) ? random.next() >>> 0 : (timestamp + random.below(2_000)) >>> 0
      out.push(random.below(3), timestamp, 'PCMU', payload, 0, 1 + random.below(1_488))
      if (random.chance(0.7)) out.pull(frame, FRAME)
      assert.ok(out.waiting >= 0 && out.waiting <= 1_600 + 1_488, `${out.waiting}`)
    }
  })
})
