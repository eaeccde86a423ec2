import assert from 'node:assert/strict'
import { it } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from './secret.ts'

it('shows a secret nowhere but where it is asked for', () => {
  const secret = new Secret('hunter2')
  for (const shown of [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: { secret } }),
  ]) {
    assert.ok(!shown.includes('hunter2'), shown)
  }
  assert.equal(secret.reveal(), 'hunter2')
})
