import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Compile } from 'typebox/compile'
import { loadSchemas } from './load-schemas.ts'

const schemas = await loadSchemas()

/** Every schema inside a schema, with where it is. */
function* within(schema: unknown, path: string): Generator<readonly [string, Record<string, unknown>]> {
  if (typeof schema !== 'object' || schema === null) return
  yield [path, schema as Record<string, unknown>]
  for (const [name, inner] of Object.entries(schema)) yield* within(inner, `${path}.${name}`)
}

describe('the schemas', () => {
  it('bear the names that they are exported by, so that a document can refer to them', () => {
    for (const [name, schema] of Object.entries(schemas))
      assert.equal((schema as { title?: string }).title, name)
  })

  it('compile', () => {
    for (const schema of Object.values(schemas)) assert.equal(Compile(schema).Check(7), false)
  })

  it('bound every text and list that a request may hold', () => {
    for (const [name, schema] of Object.entries(schemas)) {
      if (!/(Request|Change)$/.test(name)) continue
      for (const [path, inner] of within(schema, name)) {
        const listed = 'enum' in inner
        if (inner['type'] === 'string') assert.ok(listed || 'maxLength' in inner, path)
        if (inner['type'] === 'array') assert.ok('maxItems' in inner, path)
      }
    }
  })

  it('never promise null in an answer (contract README §1)', () => {
    for (const [name, schema] of Object.entries(schemas)) {
      if (/(Request|Change)$/.test(name)) continue
      for (const [path, inner] of within(schema, name)) assert.notEqual(inner['type'], 'null', path)
    }
  })

  it('hold the example of the contract (call-controls §2)', () => {
    const example = {
      id: 'Y2lzY29zcGFyazovL3VzL0NBTEwvQkNMRC9jYWxsaGFsZi03MDM5Nzow',
      callSessionId: 'M2I5ZjZjMWUtN2QyMC00YTU4LTljNDQtMWU4YTVmMGQyYjc3',
      personality: 'terminator',
      state: 'alerting',
      remoteParty: {
        name: 'Lena Brandt',
        number: '+4930123456',
        privacyEnabled: false,
        callType: 'external',
      },
      appearance: 1,
      created: '2026-02-03T09:14:58.120Z',
      redirections: [
        {
          reason: 'noAnswer',
          redirectingParty: {
            name: 'Ines Duarte',
            number: '2188',
            privacyEnabled: false,
            callType: 'location',
          },
        },
      ],
      muteCapable: false,
      muted: false,
    }
    assert.ok(Compile(schemas.Call).Check(example))
    assert.ok(!Compile(schemas.Call).Check({ ...example, redirections: null }))
  })
})
