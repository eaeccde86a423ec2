import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { CUT, cutError, cutFields, cutText } from './cut-secrets.ts'

describe('a line of the log', () => {
  it('loses fields by the last word of their name, at any depth', () => {
    const fields = {
      trackingId: 'T-1',
      email: 'canary',
      ownerEmail: 'canary',
      access_token: 'canary',
      'x-webhook-secret': 'canary',
      displayName: 'canary',
      Authorization: 'canary',
      phoneNumbers: ['canary'],
      pin: 2_580,
      call: { callId: 'c', remote: { name: 'canary' }, legs: [{ leg: 1, contact: 'canary' }] },
      numbers: 3,
    }
    assert.deepEqual(cutFields(fields), {
      trackingId: 'T-1',
      call: { callId: 'c', legs: [{ leg: 1 }] },
      numbers: 3,
    })
  })

  it('loses what looks like a token, a number, an address or a password, wherever it stands', () => {
    for (const canary of [
      'tdm_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG012345',
      'tds_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG012345',
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
      'ada.lovelace+pbx@radio.test',
      'sip:101@radio.test',
      'sips:ada;transport=tls',
      'tel:+4930555101',
      '+4930555101',
      '+49 30 555-101',
      'Bearer abcdefgh',
      'Basic YWRhOnNlY3JldA==',
    ]) {
      assert.match(cutText(`before ${canary}, after`), /^before \[cut\],? after$/, canary)
      assert.equal(
        JSON.stringify(cutFields({ what: canary, list: [{ canary }] })).includes(canary),
        false,
        canary,
      )
    }
    assert.equal(cutText('postgres://tandem:canary@db:5432/x'), `${CUT}db:5432/x`)
    assert.equal(cutText('GET /x?code=canary&state=1'), `GET /x?${CUT}&state=1`)
    assert.equal(cutText('Digest username="ada", response="canary"').includes('canary'), false)
  })

  it('keeps ids, codes, counts and paths', () => {
    const fields = {
      recordingId: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
      callId: 'callhalf-70397:0',
      at: '2026-02-03T00:00:00.000Z',
      code: 'EADDRINUSE',
      why: "ENOENT: no such file or directory, open '/var/lib/tandem/vault/a.mp3'",
      graceMs: 30_000,
      migrationName: '0001_store',
      absent: null,
      isFine: true,
    }
    assert.deepEqual(cutFields(fields), fields)
    assert.equal(cutText('Draining: no new calls'), 'Draining: no new calls')
  })

  it('shows of an error where it came from, not what it says', () => {
    const error = new TypeError('canary', { cause: new Error('canary of the cause') })
    const shown = cutError(error)
    assert.match(shown, /^TypeError at .*cut-secrets\.test\.ts.* < Error at /)
    assert.ok(!shown.includes('canary'))
    const fields = cutFields({
      error,
      stack: error.stack,
      thrown: Symbol('canary'),
      bytes: new Uint8Array([1]),
    })
    assert.ok(!JSON.stringify(fields).includes('canary'))
    assert.match(String(fields['stack']), /^at /)
    assert.equal(cutError('canary'), 'a value of type string')
  })

  it('stays short whatever it is given', () => {
    const deep: Record<string, unknown> = {}
    deep['self'] = deep
    const fields = { deep, long: 'x'.repeat(100_000), many: Array.from({ length: 1_000 }, () => 1) }
    const text = JSON.stringify(cutFields(fields))
    assert.ok(text.length < 3_000)
    const startedAt = performance.now()
    for (const piece of ['a@', 'eyJ', '+1 ', 'x://', 'sip:', 'code=']) cutText(piece.repeat(100_000))
    assert.ok(performance.now() - startedAt < 1_000, 'no text holds the log up')
  })
})

it('the last words of a crash say where, not what', () => {
  const file = new URL('./crash-output.ts', import.meta.url)
  for (const fault of ['throw new Error("canary")', 'Promise.reject(new RangeError("canary"))']) {
    const program = `const { guardCrashOutput } = await import(${JSON.stringify(file)}); guardCrashOutput(); setTimeout(() => { ${fault} })`
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    assert.match(stderr, /^The server ends by a fault of ours; report this line: (Range)?Error at /)
    assert.ok(!(stderr + stdout).includes('canary'), stderr)
  }
})
