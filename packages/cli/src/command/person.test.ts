/** `tandem person`, on a data folder without a server. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../bin/tandem.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tandem-person-'))
const DIRECTORY = `organizations:
  - name: Radio
    domains: [radio.test]
    people: [{ email: ada@radio.test, name: Ada, extension: "101" }]
`

function tandem(args: readonly string[], input = ''): { status: number | null; out: string; error: string } {
  const env = { PATH: process.env['PATH'] }
  const run = spawnSync(process.execPath, [CLI, ...args, '--data', folder], { input, env, encoding: 'utf8' })
  return { status: run.status, out: run.stdout, error: run.stderr }
}

before(() => {
  const file = join(folder, 'directory.yaml')
  writeFileSync(file, DIRECTORY)
  assert.equal(tandem(['directory', 'apply', file]).status, 0)
})
after(() => rmSync(folder, { recursive: true, force: true }))

describe('tandem person', () => {
  it('sets a password from stdin and shows it nowhere', () => {
    const { status, out, error } = tandem(
      ['person', 'password', 'ada@radio.test'],
      'a sentence of my own\nmore\n',
    )
    assert.equal(status, 0, error)
    assert.ok(!`${out}${error}`.includes('sentence'))
    const refused = tandem(['person', 'password', 'ada@radio.test'], 'too short\n')
    assert.deepEqual([refused.status, refused.error], [1, 'The password must have at least 12 characters.\n'])
  })

  it('prints an invitation', () => {
    const { status, out } = tandem(['person', 'invite', 'ada@radio.test'])
    assert.equal(status, 0)
    assert.match(out, /^http:\/\/127\.0\.0\.1:8080\/password\/[\w-]{43}\n$/)
    const unknown = tandem(['person', 'invite', 'nobody@radio.test'])
    assert.equal(unknown.status, 1)
    assert.match(unknown.error, /No person of the directory/)
  })
})
