import assert from 'node:assert/strict'
import { mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { PROMPTS, promptClip } from '@tandem/media'
import { CLIP_BYTES_MAX, ClipShelf, FRESH_MS, SHELF_BYTES_MAX } from './clip-shelf.ts'

describe('ClipShelf', () => {
  let folder = ''
  let ms = 0
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-clips-'))
  })
  after(() => rm(folder, { recursive: true }))

  const shelf = () => new ClipShelf({ folder, clock: () => ms })

  async function found(clips: ClipShelf, name: string): Promise<Uint8Array | undefined> {
    for (;;) {
      const answer = clips.find(name)
      if (answer !== 'loading') return answer
      await setImmediate()
    }
  }

  it('reads a clip in the background, and then has it', async () => {
    await writeFile(join(folder, 'a.ulaw'), 'audio')
    const clips = shelf()
    assert.equal(clips.find('a'), 'loading')
    assert.deepEqual(Buffer.from((await found(clips, 'a')) ?? []).toString(), 'audio')
  })

  it('has every prompt that has words', async () => {
    const clips = new ClipShelf({ clock: () => ms })
    for (const name of Object.keys(PROMPTS) as (keyof typeof PROMPTS)[]) {
      const bytes = await found(clips, promptClip(name))
      assert.ok((bytes?.length ?? 0) > 2_000 && (bytes?.length ?? 0) < 48_000, `${name}: ${bytes?.length}`)
    }
    for (const digit of ['0', '9', 'star', 'hash']) assert.ok(await found(clips, `prompt:digit-${digit}`))
  })

  it('knows no clip that is missing, has an impossible name or lies elsewhere', async () => {
    const clips = shelf()
    for (const name of ['missing', '../a', '/etc/passwd', 'A', '', 'prompt:none', 'prompt:../a']) {
      assert.equal(await found(clips, name), undefined, name)
    }
    assert.equal(new ClipShelf({ clock: () => ms }).find('a'), undefined, 'there is no folder')
  })

  it('plays what lies there now: looks again after a second', async () => {
    const path = join(folder, 'new.ulaw')
    await writeFile(path, 'old')
    const clips = shelf()
    assert.equal(Buffer.from((await found(clips, 'new')) ?? []).toString(), 'old')
    await writeFile(path, 'new')
    await utimes(path, 1_000, 2_000)
    ms += FRESH_MS - 1
    assert.equal(Buffer.from((await found(clips, 'new')) ?? []).toString(), 'old')
    ms += 1
    assert.equal(clips.find('new'), 'loading')
    assert.equal(Buffer.from((await found(clips, 'new')) ?? []).toString(), 'new')
  })

  it('takes a clip of the largest size and not one byte more, and never keeps more than it may', async () => {
    const clips = shelf()
    const many = SHELF_BYTES_MAX / CLIP_BYTES_MAX + 1
    for (let index = 0; index < many; index++) {
      const path = join(folder, `large${index}.ulaw`)
      await writeFile(path, '')
      await truncate(path, CLIP_BYTES_MAX)
      assert.equal((await found(clips, `large${index}`))?.length, CLIP_BYTES_MAX)
    }
    assert.equal(clips.sizeBytes, SHELF_BYTES_MAX)
    await truncate(join(folder, 'large0.ulaw'), CLIP_BYTES_MAX + 1)
    ms += FRESH_MS
    assert.equal(await found(clips, 'large0'), undefined)
  })
})
