import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ERRORS } from './error.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8')

describe('ERRORS', () => {
  it('documents every error, and no other', () => {
    const documented = [...page.matchAll(/^## (\w+)$/gm)].map((match) => match[1] as string)
    assert.deepEqual(documented.toSorted(), Object.keys(ERRORS).toSorted())
  })

  it('documents each with its own number and status', () => {
    for (const [name, error] of Object.entries(ERRORS)) {
      const section = page.split(`## ${name}\n`)[1]?.split('\n## ')[0] ?? ''
      assert.match(section, new RegExp(`\\b${error.errorCode}\\b`), name)
      assert.match(section, new RegExp(`\\b${error.status}\\b`), name)
    }
  })

  it('never gives one number to two errors', () => {
    const numbers = Object.values(ERRORS).map((error) => error.errorCode)
    assert.equal(new Set(numbers).size, numbers.length)
  })

  it('keeps the texts that real clients compare (contract README §4, call-controls §3)', () => {
    assert.equal(ERRORS.call_not_found.description, 'Call not found')
    assert.equal(ERRORS.recording_not_found.description, 'Recording not found')
    assert.equal(
      ERRORS.unauthorized.description,
      'The request requires a valid access token set in the Authorization request header.',
    )
  })
})
