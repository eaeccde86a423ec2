import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { directory } from '../world.test.ts'
import { DESTINATION_LENGTH_MAX, parseDestination, resolve } from './destination.ts'
import { DirectoryIndex } from './directory-index.ts'

const index = new DirectoryIndex(directory())

/** Who is meant by `text`, dialled in an organisation. */
function whom(text: string, org = 'acme'): string | undefined {
  const realm = index.organization(org)
  const dialled = parseDestination(text)
  assert.ok(realm !== undefined)
  return dialled === undefined ? 'unreadable' : resolve(realm, dialled)?.id
}

describe('parseDestination and resolve', () => {
  it('finds a person by extension, number, address and URI (contract, call controls §3)', () => {
    for (const text of [
      '102',
      ' 1-02 ',
      '+49 (30) 555-102',
      '4930555102',
      'tel:+4930555102',
      'tel:102;phone-context=acme.test',
      '102@acme.test',
      'u102@acme.test',
      'u102b@ACME.test',
      'sip:102@acme.test',
      'sip:102@acme.test:5060;user=phone',
      'sips:u102@acme.test?subject=x',
    ])
      assert.equal(whom(text), 'acme-102', text)
  })

  it('says that what cannot be dialled is unreadable', () => {
    for (const text of [
      '',
      '  ',
      'ada',
      'sip:',
      'sip:acme.test',
      '@acme.test',
      'http://x',
      '1 2 a',
      '+',
      'a@b c',
    ])
      assert.equal(whom(text), 'unreadable', JSON.stringify(text))
  })

  it('reads a destination at the limit of length, and none past it', () => {
    const host = `${'a'.repeat(60)}.${'a'.repeat(60)}.${'a'.repeat(60)}`
    const longest = `${'1'.repeat(DESTINATION_LENGTH_MAX - host.length - 1)}@${host}`
    assert.notEqual(parseDestination(longest), undefined)
    assert.equal(parseDestination(`1${longest}`), undefined)
  })

  it('leads nowhere outside the own organisation, whatever its domain holds', () => {
    assert.equal(whom('102@zeta.test'), undefined)
    assert.equal(whom('102@elsewhere.test'), undefined)
    assert.equal(whom('999'), undefined)
    assert.equal(whom('*73'), undefined)
  })

  it('gives the same extension to each organisation as its own person', () => {
    assert.equal(whom('102', 'acme'), 'acme-102')
    assert.equal(whom('102', 'zeta'), 'zeta-102')
  })
})
