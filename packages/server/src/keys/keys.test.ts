import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Secret } from '@tandem/base'
import { openKeys } from './keys.ts'
import { openText, sealText } from './seal.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-keys-'))
after(() => rmSync(folder, { recursive: true }))

describe('openKeys', () => {
  it('makes one key file at the first start, for its owner only, and uses it from then on', () => {
    const first = openKeys(folder, undefined)
    const file = join(folder, 'keys', 'master.key')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(statSync(join(folder, 'keys')).mode & 0o777, 0o700)
    assert.deepEqual(openKeys(folder, undefined), first)
  })

  it('gives each purpose a key of its own, none of them the master', () => {
    const keys = openKeys(folder, undefined)
    const master = Buffer.from(readFileSync(join(folder, 'keys', 'master.key'), 'utf8'), 'base64')
    assert.notDeepEqual(keys.kek, keys.linkKey)
    assert.notDeepEqual(Buffer.from(keys.kek), master)
    assert.ok(!Buffer.from(keys.kek).toString('hex').includes(keys.fingerprint))
  })

  it('takes a key from the settings instead', () => {
    const key = new Secret(randomBytes(32).toString('base64'))
    assert.notDeepEqual(openKeys(folder, key), openKeys(folder, undefined))
  })

  it('refuses what is no key, and a folder that cannot be written, in one sentence without the value', () => {
    for (const text of ['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64')])
      assert.throws(() => openKeys(folder, new Secret(text)), /The setting key must hold 32 bytes in base64/)
    writeFileSync(join(folder, 'file'), '')
    assert.throws(
      () => openKeys(join(folder, 'file'), undefined),
      /cannot be made \(E\w+\): make the data folder/,
    )
  })
})

describe('sealText', () => {
  const kek = randomBytes(32)

  it('opens with the same key in the same place only', () => {
    const sealed = sealText(kek, 'org/device', 'secret')
    assert.equal(openText(kek, 'org/device', sealed), 'secret')
    assert.equal(openText(kek, 'org/other', sealed), undefined)
    assert.equal(openText(randomBytes(32), 'org/device', sealed), undefined)
  })

  it('detects every changed byte and every cut', () => {
    const sealed = sealText(kek, 'place', 'secret')
    for (let i = 0; i < sealed.length; i++) {
      const bent = Uint8Array.from(sealed)
      bent[i] = (bent[i] as number) ^ 1
      assert.equal(openText(kek, 'place', bent), undefined)
      assert.equal(openText(kek, 'place', sealed.subarray(0, i)), undefined)
    }
  })
})
