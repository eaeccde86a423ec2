/** wxc_sdk registers, reads, changes and deletes webhooks, its form-encoded update included (contract, webhooks §2; Ruling 40). */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Wxc } from '../peers/wxc.ts'
import { emailOf } from '../theatre/company.ts'
import type { Theatre } from '../theatre/theatre.ts'
import { done } from './done.ts'

/** Registers the test. */
export function webhookTests(theatre: () => Theatre, wxc: () => Wxc, skip: string | false): void {
  it('webhooks: create, list, details, update, delete', { skip }, async () => {
    const { token } = theatre().outsider(emailOf({ role: 'ben', table: 1 }))
    const made = await done(wxc(), token, 'webhook.create', {
      name: 'from Python',
      target_url: 'https://192.0.32.8/hook',
      resource: 'telephony_calls',
      event: 'all',
      secret: 'between us',
    })
    assert.deepEqual([made.name, made.status, made.ownedBy], ['from Python', 'active', 'creator'])
    const webhook_id = made.id
    assert.deepEqual(
      (await done(wxc(), token, 'webhook.list')).map(({ id }: { id: string }) => id),
      [webhook_id],
    )
    const update = { ...made, name: 'renamed' }
    assert.equal((await done(wxc(), token, 'webhook.update', { webhook_id, update })).name, 'renamed')
    const details = await done(wxc(), token, 'webhook.details', { webhook_id })
    assert.deepEqual([details.name, details.targetUrl], ['renamed', 'https://192.0.32.8/hook'])
    await done(wxc(), token, 'webhook.webhook_delete', { webhook_id })
    assert.equal((await wxc().ask(token, 'webhook.details', { webhook_id })).status, 404)
  })
}
