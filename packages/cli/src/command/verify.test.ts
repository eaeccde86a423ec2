import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Command, CommanderError } from 'commander'
import { addVerify } from './verify.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-verify-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a command line in this process. */
async function run(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const program = new Command('tandem').exitOverride().configureOutput({ writeErr: () => undefined })
  let code = -1
  addVerify(program, (ended) => {
    code = ended
  })
  const said: string[] = []
  const { log, error } = console
  console.log = console.error = (line: string) => void said.push(line)
  try {
    await program.parseAsync(['verify', ...args], { from: 'user' })
  } catch (failure) {
    assert.ok(failure instanceof CommanderError, String(failure))
    code = 2
  } finally {
    Object.assign(console, { log, error })
  }
  return { code, output: said.join('\n') }
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const keyId = sha256(createPublicKey(PEM).export({ type: 'spki', format: 'der' })).slice(0, 16)

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

/** The smallest audit log, written from its description: a row, and the head that closes it. */
function auditLog(name: string): string {
  const members = '"action":"refused","at":1,"detail":{},"id":"a","orgId":"o","seq":1'
  const hash = sha256(`tandem audit link 1\n\n${sha256(`tandem audit row 1\n{${members}}`)}`)
  const line = `{${members},"previousHash":"","hash":"${hash}"}\n`
  const keys = `[{"publicKey":${JSON.stringify(PEM)}}]`
  const closes = `{"from":0,"keys":${keys},"rows":1,"sha256":"${sha256(line)}","to":9}`
  const head = `"at":2,"closes":${closes},"hash":"${hash}","keyId":"${keyId}","orgId":"o","seq":1`
  const signature = sign(null, Buffer.from(`tandem audit head 1\n{${head}}`), privateKey).toString('base64')
  return file(name, `${line}{${head},"signature":"${signature}"}\n`)
}

describe('tandem verify (promise P17)', () => {
  it('ends with 0 for what is whole, and says when nobody but the export vouches for the key', async () => {
    const whole = auditLog('whole.ndjson')
    const { code, output } = await run(whole)
    assert.equal(code, 0)
    assert.match(output, /whole\. Signed by a key that only the export itself vouches for/)
    const pinned = await run('--key', file('key.pem', PEM), whole)
    assert.deepEqual([pinned.code, /by a key that you trust/.test(pinned.output)], [0, true])
    const json = await run('--json', '--key', file('keys.json', JSON.stringify([{ publicKey: PEM }])), whole)
    assert.deepEqual(JSON.parse(json.output), [{ path: whole, faults: [], keyIds: [keyId] }])
  })

  it('ends with 1 for what is not, names it, and looks at the others too', async () => {
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const whole = auditLog('whole.ndjson')
    const empty = file('empty.ndjson', '')
    const { code, output } = await run(empty, whole)
    assert.equal(code, 1)
    assert.match(output, /empty\.ndjson: NOT whole\n {2}The log is cut off/)
    assert.match(output, /whole\.ndjson: whole/)
    const foreign = await run('--key', file('other.pem', other), whole)
    assert.equal(foreign.code, 1)
    assert.match(foreign.output, /signed with a key that is not trusted here/)
    for (const bytes of ['\0'.repeat(2_048), 'nothing of ours\n', '{}\n', '[]\n', 'null\n', '\xff\n'])
      assert.equal((await run(file('garbage', bytes))).code, 1, JSON.stringify(bytes.slice(0, 9)))
  })

  it('shows nothing that a terminal would obey', async () => {
    const { output } = await run(
      file('evil.ndjson', '{"signature":"","seq":"\\u001b[2J","keyId":"\\u001b[1m"}\n'),
    )
    assert.equal([...output].filter((character) => character === '\u001b').length, 0)
  })

  it('ends with 2 when there is nothing to read, no path, or a key that is none', async () => {
    assert.equal((await run(join(folder, 'nowhere.tar'))).code, 2)
    assert.equal((await run(folder)).code, 2, 'a folder without export.json')
    assert.equal((await run()).code, 2)
    const none = await run('--key', file('none.pem', 'no key'), auditLog('whole.ndjson'))
    assert.equal(none.code, 2)
    assert.match(none.output, /holds no public key/)
    assert.equal((await run('--key', join(folder, 'nokey'), auditLog('whole.ndjson'))).code, 2)
  })
})
