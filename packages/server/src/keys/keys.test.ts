import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Secret, SILENT } from '@tandem/base'
import { openData } from '../data/open-data.ts'
import { StartFailure } from '../start-failure.ts'
import { KEY_OUTPUT_BYTES_MAX, runKeyCommand, wordsOf } from './key-command.ts'
import { chooseKeys, derive, type Keys } from './keys.ts'
import { findMasterKey, type KeyConfig, makeMasterKey, masterKeyFile } from './master-key.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const config = (more: Partial<KeyConfig> = {}): KeyConfig => ({
  dataFolder: folder,
  key: undefined,
  ...more,
})
const text = (key: Uint8Array = randomBytes(32)): string => Buffer.from(key).toString('base64')

/** The keys that a start finds. */
async function start(more: Partial<KeyConfig> = {}): Promise<Keys> {
  const data = await openData(config(more), { logger: SILENT, exclusive: false, migrations: {} })
  await data.close()
  return data.keys
}

describe('the master key', () => {
  it('is made at the first start, for its owner only, and used from then on', async () => {
    const first = await start()
    const file = masterKeyFile(folder)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(statSync(join(folder, 'keys')).mode & 0o777, 0o700)
    assert.deepEqual(await start(), first)
  })

  it('is not made anew beside data that it has sealed', async () => {
    await start()
    unlinkSync(masterKeyFile(folder))
    await assert.rejects(start(), /master\.key is gone, and the data are sealed with it: put it back/)
    assert.ok(!readdirSync(join(folder, 'keys')).includes('master.key'))
  })

  it('is refused when the data bear the fingerprint of another', async () => {
    await start()
    await assert.rejects(start({ key: new Secret(text()) }), /made with another master key/)
    writeFileSync(masterKeyFile(folder), text())
    await assert.rejects(start(), /made with another master key/)
  })

  it('comes from the settings instead, or from a command, but not from both', () => {
    const key = randomBytes(32)
    const given = findMasterKey(config({ key: new Secret(text(key)) }))
    assert.deepEqual(given, { bytes: new Uint8Array(key), source: 'key' })
    const printed = findMasterKey(config({ keyCommand: `printf ${text(key)}` }))
    assert.deepEqual(printed, { bytes: new Uint8Array(key), source: 'keyCommand' })
    assert.throws(
      () => findMasterKey(config({ key: new Secret(text(key)), keyCommand: 'cat /dev/null' })),
      /are both given/,
    )
    assert.equal(findMasterKey(config()), undefined)
  })

  it('refuses what is no key, and a folder that cannot be written, in one sentence without the value', () => {
    for (const bad of ['', 'short', text(randomBytes(31)), text(randomBytes(33))])
      assert.throws(
        () => findMasterKey(config({ key: new Secret(bad) })),
        /The setting key must hold 32 bytes in base64/,
      )
    writeFileSync(join(folder, 'file'), '')
    assert.throws(() => makeMasterKey(join(folder, 'file')), /cannot be made \(E\w+\): make the data folder/)
  })

  it('gives each purpose a key of its own, none of them the master', () => {
    const master = randomBytes(32)
    const keys = derive(master)
    assert.notDeepEqual(keys.kek, keys.linkKey)
    assert.notDeepEqual(Buffer.from(keys.kek), master)
    assert.ok(!Buffer.from(keys.kek).toString('hex').includes(keys.fingerprint))
  })

  it('is chosen by the fingerprint of the data, the others opening older wrappings', () => {
    const [a, b] = [randomBytes(32), randomBytes(32)]
    const chosen = chooseKeys([a, b], derive(b).fingerprint)
    assert.deepEqual(chosen, { ...derive(b), others: [derive(a).kek] })
    assert.equal(chooseKeys([a], derive(b).fingerprint), undefined)
  })
})

describe('keyCommand', () => {
  const refusal = (line: string, limitMs?: number): string => {
    try {
      return runKeyCommand(line, limitMs)
    } catch (error) {
      assert.ok(error instanceof StartFailure)
      return error.message
    }
  }

  it('runs a program without a shell, unless it asks for one', () => {
    assert.equal(refusal('printf %s $HOME'), '$HOME')
    assert.equal(refusal("sh: printf '%s' a | tr a b"), 'b')
    assert.deepEqual(wordsOf(`get "a b" 'c "d"' e=f\tg=" h"`), ['get', 'a b', 'c "d"', 'e=f', 'g= h'])
    assert.deepEqual(wordsOf('  '), [])
  })

  it('says how it failed, and never what it printed', () => {
    const cases: [string, RegExp][] = [
      ['sh: echo topsecret; echo topsecret >&2; exit 3', /ended with exit code 3/],
      ['sh: echo topsecret; kill -9 $$', /was ended by SIGKILL/],
      ['/no/such/program topsecret', /cannot be run \(ENOENT\)/],
      [' ', /names no program/],
    ]
    for (const [line, expected] of cases) {
      assert.match(refusal(line), expected)
      assert.ok(!refusal(line).includes('topsecret'))
    }
    const wrong = (): unknown => findMasterKey(config({ keyCommand: 'echo topsecret' }))
    assert.throws(
      wrong,
      (error: Error) => /prints must hold 32/.test(error.message) && !/topsecret/.test(error.message),
    )
  })

  it('has a limit of time and of bytes', () => {
    assert.match(refusal('sh: sleep 20 & sleep 20', 200), /took longer than 0\.2 seconds/)
    assert.equal(refusal(`sh: head -c ${KEY_OUTPUT_BYTES_MAX} /dev/zero`).length, KEY_OUTPUT_BYTES_MAX)
    assert.match(refusal(`sh: head -c ${KEY_OUTPUT_BYTES_MAX + 1} /dev/zero`), /printed more than 1024 bytes/)
  })
})

describe('the key file', () => {
  it('holds the key and nothing else', async () => {
    await start()
    assert.match(readFileSync(masterKeyFile(folder), 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/)
  })
})
