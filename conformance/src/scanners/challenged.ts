/**
 * Case S33: a phone that challenges the server gets no credentials (the digest leak, CVE-2021-41158). The phone is ours and is
 * registered; it answers every request of the server with 401 or 407, under the realm of the house, of another, of none.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SipRequest } from '@tandem/sip'
import { until } from '../../../tools/child.ts'
import { type Besieged, OFFER } from './besieged.ts'
import { goodPhone } from './good-phones.ts'
import { DOMAIN, passwordOf, USERS } from './house.ts'
import type { Knocker, Reply } from './knocker.ts'

const CHALLENGES = [401, 407].flatMap((status) =>
  [DOMAIN, 'trunk.test', '127.0.0.1'].map((realm) => ({ status, realm })),
)
const CALL_MS_MAX = 10_000

/** Registers the tests. */
export function challenged(house: () => Besieged): void {
  it('S33: no request of the server ever carries credentials: INVITE, BYE, NOTIFY', async () => {
    const knocker = await house().knocker('127.0.0.16')
    const caller = await goodPhone(house().stage.sipPort, USERS.impostor)
    const seen = new Set<string>()
    try {
      for (const { status, realm } of CHALLENGES) {
        const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
        const challenge: Reply = {
          status,
          headers: [`${name}: Digest realm="${realm}", nonce="leak", algorithm=MD5, qop="auth"`],
        }
        knocker.reply = () => challenge
        await registerAnew(knocker)
        await arrival(knocker, 'NOTIFY')
        const refused = await caller.dial(USERS.challenger)
        await arrival(knocker, 'INVITE')
        await refused.hangup().catch(() => {}) // It may be over already, or be with the mailbox.

        knocker.requests.length = 0
        knocker.reply = ({ method }) => (method === 'INVITE' ? { status: 200, body: OFFER } : challenge)
        const taken = await caller.dial(USERS.challenger)
        await taken.waitFor('established', { since: 0, timeoutMs: CALL_MS_MAX })
        await taken.hangup()
        await arrival(knocker, 'BYE')
        await settled(knocker)
        for (const method of ['NOTIFY', 'INVITE', 'BYE']) seen.add(`${method} ${status}`)
      }
    } finally {
      await caller.close()
    }
    house().findings.add('S33', 'own phone', `0 Authorization headers after ${[...seen].join(', ')}`)
  })
}

/** Another Call-ID is a phone that has started again: it is told what its mailbox holds. */
async function registerAnew(knocker: Knocker): Promise<void> {
  knocker.requests.length = 0
  const { status } = await knocker.register(USERS.challenger, passwordOf(USERS.challenger))
  assert.equal(status, 200)
}

/** Waits for a request of that method, and looks at everything that has come. */
async function arrival(knocker: Knocker, method: string): Promise<void> {
  await until(`${method} to the phone`, () => knocker.requests.find((each) => each.method === method), {
    waitMs: CALL_MS_MAX,
  })
  noCredentials(knocker.requests)
}

/** A second try with credentials would come at once; it is given the time of several. */
async function settled(knocker: Knocker): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200))
  noCredentials(knocker.requests)
}

function noCredentials(requests: readonly SipRequest[]): void {
  for (const { method, headers } of requests)
    for (const name of ['Authorization', 'Proxy-Authorization'])
      assert.ok(!headers.has(name), `${method} with ${name}: ${headers.get(name)}`)
}
