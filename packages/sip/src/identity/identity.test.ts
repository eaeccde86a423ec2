import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers } from '../message/headers.ts'
import { NO_BODY } from '../message/message.ts'
import { type Identity, identityHeaders, parseIdentity } from './identity.ts'

const FROM = ['From', '"Ada" <sip:101@example.test>;tag=1'] as const
const OPEN = { id: false, header: false, user: false, none: false }

function identity(...fields: readonly (readonly [string, string])[]): Identity {
  const headers = new Headers(fields)
  return parseIdentity({ kind: 'request', method: 'INVITE', uri: 'sip:b@x', headers, body: NO_BODY })
}

describe('parseIdentity (RFC 3325 §9)', () => {
  it('takes the preferred identity before From, a SIP address before a number', () => {
    assert.deepEqual(identity(FROM), { displayName: 'Ada', uri: 'sip:101@example.test', privacy: OPEN })
    const preferred = ['P-Preferred-Identity', '<sip:102@example.test>'] as const
    assert.deepEqual(identity(FROM, preferred), { uri: 'sip:102@example.test', privacy: OPEN })
    const number = ['P-Preferred-Identity', '<tel:+1>'] as const
    assert.equal(identity(FROM, number, preferred).uri, 'sip:102@example.test')
    assert.equal(identity(FROM, number).uri, 'tel:+1')
    assert.equal(identity(FROM, ['P-Preferred-Identity', '<']).uri, 'sip:101@example.test')
    assert.equal(identity().uri, '')
  })

  it('does not read what a phone asserts (case S35)', () => {
    assert.equal(
      identity(FROM, ['P-Asserted-Identity', '<sip:boss@example.test>']).uri,
      'sip:101@example.test',
    )
  })

  it('reads the wishes of Privacy, in one field or several (RFC 3323 §4.2)', () => {
    assert.deepEqual(identity(FROM, ['Privacy', 'id']).privacy, { ...OPEN, id: true })
    assert.deepEqual(identity(FROM, ['Privacy', 'Header; USER;critical']).privacy, {
      ...OPEN,
      header: true,
      user: true,
    })
    assert.deepEqual(identity(FROM, ['Privacy', 'id'], ['Privacy', 'header']).privacy, {
      ...OPEN,
      id: true,
      header: true,
    })
    assert.deepEqual(identity(FROM, ['Privacy', 'none']).privacy, { ...OPEN, none: true })
  })

  it('takes an anonymous From for the wish to be hidden, unless the phone says that it is none', () => {
    const from = ['From', '"Anonymous" <sip:anonymous@Anonymous.Invalid>;tag=1'] as const
    assert.equal(identity(from).privacy.id, true)
    assert.equal(identity(from, ['Privacy', 'none']).privacy.id, false)
  })
})

describe('identityHeaders (RFC 3325 §9.1)', () => {
  const ada = { displayName: 'Ada "L"', uri: 'sip:101@example.test', domain: 'example.test' }

  it('names the caller in From and asserts it', () => {
    const named = '"Ada \\"L\\"" <sip:101@example.test>'
    assert.deepEqual(identityHeaders({ ...ada, private: false }), {
      from: named,
      headers: [['P-Asserted-Identity', named]],
    })
    const number = identityHeaders({
      displayName: '',
      uri: 'tel:+12015550123',
      private: false,
      domain: 'example.test',
    })
    assert.equal(number.from, '<sip:+12015550123@example.test;user=phone>')
  })

  it('names a private caller nowhere (RFC 3323 §4.1.1.3)', () => {
    const hidden = identityHeaders({ ...ada, private: true })
    assert.deepEqual(hidden, {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      headers: [['Privacy', 'id']],
    })
    assert.doesNotMatch(JSON.stringify(hidden), /Ada|101|example/)
  })
})
