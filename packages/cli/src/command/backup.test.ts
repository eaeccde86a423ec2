/** Backup, restore and key rotation as an operator types them, in processes of their own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/tandem.mjs', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'tandem-backup-cli-'))
const path = (name: string): string => join(root, name)
after(() => rmSync(root, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function tandem(...args: string[]): Promise<Ended> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TANDEM_')))
  const child = spawn(process.execPath, [BIN, ...args], { cwd: root, env })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

before(async () => {
  writeFileSync(
    path('directory.yaml'),
    `organizations:
  - name: Radio
    domains: [radio.test]
    people:
      - email: ada@radio.test
        name: Ada
        extension: "101"
        devices:
          - { name: desk phone, sipUser: ada, sipPassword: a-long-password }
`,
  )
  const applied = await tandem('directory', 'apply', 'directory.yaml', '--data', 'data')
  assert.equal(applied.code, 0, applied.stderr)
})

describe('tandem backup, restore and key', () => {
  it('makes, proves and restores a backup, its keys apart, with nothing but sentences on the way', async () => {
    const made = await tandem('backup', 'copy', '--data', 'data')
    assert.deepEqual([made.code, made.stderr], [0, ''])
    assert.match(
      made.stdout,
      /^The backup is whole: 0 files, 0 bytes; 0 copied now \(0 bytes\), 0 removed\.\n$/,
    )
    const keys = await tandem('backup', '--keys', 'keys', '--data', 'data')
    assert.deepEqual([keys.code, keys.stderr], [0, ''])
    assert.deepEqual(readdirSync(path('keys')).toSorted(), ['recordings.keys', 'recordings.keys.sha256'])

    const checked = await tandem(
      'restore',
      '--check',
      'copy',
      '--keys',
      'keys/recordings.keys',
      '--data',
      'data',
    )
    assert.deepEqual([checked.code, checked.stderr], [0, ''])
    assert.match(checked.stdout, /The backup is whole\.\n$/)

    const given = ['--keys', 'keys/recordings.keys', '--master-key', 'data/keys/master.key']
    const restored = await tandem('restore', 'copy', ...given, '--data', 'new')
    assert.deepEqual([restored.code, restored.stderr], [0, ''])
    assert.match(restored.stdout, /The data folder new is ready: start the server on it\.\n$/)
    assert.deepEqual(readFileSync(path('new/keys/master.key')), readFileSync(path('data/keys/master.key')))
    const token = await tandem('token', 'create', '--person', 'ada@radio.test', '--quiet', '--data', 'new')
    assert.deepEqual([token.code, token.stderr], [0, ''])
  })

  it('rotates the key, and says that links are dead and where the new key is to go', async () => {
    copyFileSync(path('data/keys/master.key'), path('former.key'))
    const rotated = await tandem('key', 'rotate', '--data', 'data')
    assert.deepEqual([rotated.code, rotated.stderr], [0, ''])
    assert.match(
      rotated.stdout,
      /1 phones, 0 mailboxes and 0 webhooks are under it\.\nDownload links .* do not work any more/,
    )
    assert.notDeepEqual(readFileSync(path('data/keys/master.key')), readFileSync(path('former.key')))
    const applied = await tandem('directory', 'apply', 'directory.yaml', '--data', 'data')
    assert.equal(applied.stdout, 'The directory is already so.\n', 'the phone kept its password')
  })

  it('ends with 1 and one sentence when it cannot, having made nothing', async () => {
    const cases: [string[], RegExp][] = [
      [['backup', '--data', 'data'], /Name the folder of the backup/],
      [['backup', 'a', '--keys', 'b', '--data', 'data'], /with a command each/],
      [['backup', 'a', '--data', 'none'], /There is no data folder none/],
      [['backup', 'data/copy', '--data', 'data'], /inside of the data folder/],
      [['backup', 'directory.yaml/copy', '--data', 'data'], /cannot be written/],
      [['restore', 'none', '--keys', 'x', '--data', 'other'], /holds no whole backup/],
      [['restore', 'copy', '--data', 'other'], /Name the copy of the keys/],
      [
        ['restore', 'copy', '--keys', 'keys/recordings.keys', '--data', 'other'],
        /Give the master key of the backup/,
      ],
      [['restore', 'copy', '--keys', 'keys/recordings.keys', '--data', 'data'], /is not empty/],
      [['key', 'rotate', '--data', 'none'], /has no key to rotate/],
      [['key', 'rotate', '--data', 'data', '--new-key-file', 'none'], /The key file none is not there/],
    ]
    for (const [args, expected] of cases) {
      const { code, stdout, stderr } = await tandem(...args)
      assert.deepEqual([code, stdout], [1, ''], args.join(' '))
      assert.match(stderr, expected)
      assert.equal(stderr.trim().split('\n').length, 1, stderr)
    }
    for (const name of ['a', 'b', 'none', 'data/copy', 'other/tandem.db'])
      assert.ok(!existsSync(path(name)), name)
  })
})
