import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { foundFiles } from './found-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-found-'))
after(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'b', '.git'), { recursive: true })
for (const name of [
  ...['z.mp3', 'z.json', 'z.vtt', 'b/a.WAV', 'b/a.JSON', 'b/a.b.mp4', 'b/a.b.txt', 'b/odd', 'b/.git/x.mp3'],
  ...['.DS_Store', 'lonely.vtt', 'README.txt', 'b/lonely.json'],
])
  writeFileSync(join(folder, name), '')
symlinkSync(join(folder, 'z.mp3'), join(folder, 'linked.mp3'))
symlinkSync(folder, join(folder, 'b', 'circle'))
symlinkSync(join(folder, 'nothing'), join(folder, 'gone.mp3'))

describe('foundFiles (import guide)', () => {
  it('takes all of a folder but hidden files and those beside media, by name, and follows no circles', async () => {
    const { media, passedOver } = await foundFiles([folder])
    assert.deepEqual(
      media.map(({ name }) => name),
      ['b/a.WAV', 'b/a.b.mp4', 'b/odd', 'gone.mp3', 'linked.mp3', 'z.mp3'],
    )
    assert.deepEqual(
      media.map(({ path }) => path),
      media.map(({ name }) => join(folder, name)),
    )
    assert.deepEqual(passedOver, [
      { name: 'b/lonely.json', why: 'there is no media of this name beside it' },
      { name: 'lonely.vtt', why: 'there is no media of this name beside it' },
    ])
  })

  it('takes a file that is named whatever it is called, once', async () => {
    const path = join(folder, 'README.txt')
    const { media, passedOver } = await foundFiles([
      path,
      path,
      join(folder, 'b', 'a.WAV'),
      join(folder, 'b'),
    ])
    assert.deepEqual(
      media.map(({ name }) => name),
      ['README.txt', 'a.WAV', 'a.b.mp4', 'odd'],
    )
    assert.deepEqual(
      passedOver.map(({ name }) => name),
      ['lonely.json'],
    )
  })

  it('names what is not there', async () => {
    const { media, passedOver } = await foundFiles([join(folder, 'none')])
    assert.deepEqual(media, [])
    assert.deepEqual(passedOver, [{ name: join(folder, 'none'), why: 'cannot be read: it is not there' }])
  })
})
