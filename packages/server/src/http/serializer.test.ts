/** What a schema does to an answer on its way out. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { serializerOf } from './serializer.ts'

describe('serializerOf', () => {
  it('writes what the schema names and nothing else', async () => {
    const serialize = await serializerOf('CallRequest')
    assert.equal(serialize({ callId: 'a', secret: 'b' }), '{"callId":"a"}')
  })

  it('makes each serialiser once', async () => {
    assert.equal(await serializerOf('Call'), await serializerOf('Call'))
  })
})
