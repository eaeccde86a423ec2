import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { quarantineFile } from './part-folder.ts'
import { REAL_DISK, type VaultDisk } from './vault-disk.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-quarantine-'))
  mkdirSync(join(folder, 'vault'))
  writeFileSync(join(folder, 'vault', 'a.mp3.part'), 'half')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('quarantineFile (rule R5)', () => {
  for (const across of [false, true])
    it(`moves a file, never over another, ${across ? 'to another volume' : 'on one volume'}`, async () => {
      const synced: string[] = []
      const disk: VaultDisk = {
        ...REAL_DISK,
        async rename(from, to) {
          if (across) throw Object.assign(new Error('EXDEV: cross-device link'), { code: 'EXDEV' })
          await REAL_DISK.rename(from, to)
        },
        async syncFile(path) {
          synced.push(path)
          await REAL_DISK.syncFile(path)
        },
      }
      const to = { folder: join(folder, 'quarantine'), disk }
      for (const content of ['half', 'another half']) {
        const path = join(folder, 'vault', 'a.mp3.part')
        writeFileSync(path, content)
        const target = await quarantineFile(path, 'a.mp3.part', to)
        assert.equal(readFileSync(target, 'utf8'), content)
        assert.equal(synced.includes(target), across, 'a copy is on disk before the original goes')
      }
      assert.deepEqual(readdirSync(join(folder, 'vault')), [])
      assert.deepEqual(readdirSync(join(folder, 'quarantine')).sort(), ['a.2.mp3.part', 'a.mp3.part'])
    })
})
