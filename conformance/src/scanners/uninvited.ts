/** Cases S34 to S36: what is refused to strangers, to phones that say they are somebody else, and to odd contacts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { until } from '../../../tools/child.ts'
import { type Besieged, OFFER } from './besieged.ts'
import { DOMAIN, GOOD_PHONES, passwordOf, USERS } from './house.ts'

const METHODS = ['MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'REFER', 'INFO', 'UPDATE', 'BYE', 'PRACK']
/** Contacts that one phone may have (`bindingsPerDeviceMax`). */
const CONTACTS_MAX = 8

/** Registers the tests. */
export function uninvited(house: () => Besieged): void {
  it('S34: without a login nothing is done: 401, 405 or 481, inside a made-up call too', async () => {
    const knocker = await house().knocker('127.0.0.17')
    const [, user] = GOOD_PHONES
    const said: string[] = []
    for (const method of METHODS) {
      const headers = [
        ['Event', 'message-summary'],
        ['Contact', `<sip:x@127.0.0.17:${knocker.port}>`],
        ['Refer-To', '<sip:+4930123456@premium.test>'],
        ['RAck', '1 1 INVITE'],
        ['Subscription-State', 'active'],
      ] as const
      const outside = await knocker.ask(method, { user, headers })
      const inside = await knocker.ask(method, { user, headers, to: `<sip:${user}@${DOMAIN}>;tag=made-up` })
      for (const { status } of [outside, inside])
        assert.ok([401, 405, 481].includes(status), `${method}: ${status}`)
      said.push(`${method} ${outside.status}/${inside.status}`)
    }
    house().findings.add('S34', 'own client', said.join(', '))
  })

  it('S35: a phone calls and registers in its own name alone', async () => {
    const [knocker, other] = [await house().knocker('127.0.0.18'), await house().knocker('127.0.0.19')]
    const [user, password] = [USERS.impostor, passwordOf(USERS.impostor)]
    assert.equal((await other.register(USERS.target, passwordOf(USERS.target))).status, 200)
    other.reply = ({ method }) => ({ status: method === 'INVITE' ? 486 : 200 })
    const uri = `sip:${USERS.target}@${DOMAIN}`
    const contact = ['Contact', `<sip:${user}@127.0.0.18:${knocker.port}>`] as const
    const call = { user, password, uri, body: OFFER }

    assert.equal((await knocker.ask('INVITE', call)).status, 401)
    const from = `<sip:${GOOD_PHONES[0]}@${DOMAIN}>`
    assert.equal((await knocker.askWithLogin('INVITE', { ...call, from, headers: [contact] })).status, 403)
    const prefers = [contact, ['P-Preferred-Identity', from]] as const
    assert.equal((await knocker.askWithLogin('INVITE', { ...call, headers: prefers })).status, 403)
    const theft = { user, password, uri: `sip:${DOMAIN}`, to: from, headers: [contact] }
    assert.equal((await knocker.askWithLogin('REGISTER', theft)).status, 403)
    assert.deepEqual(methodsOf(other), [], 'nobody was called without a login or in a false name')

    const lies = ['P-Asserted-Identity', 'Remote-Party-ID', 'Diversion', 'History-Info', 'X-Smuggled'].map(
      (name) => [name, '<sip:+4930999999@boss.test>'] as const,
    )
    const answer = knocker.askWithLogin('INVITE', { ...call, headers: [contact, ...lies] })
    const invite = await until('the call in the own name', () =>
      other.requests.find((request) => request.method === 'INVITE'),
    )
    await answer
    for (const value of invite.headers.flat) assert.ok(!/999999|boss\.test|Smuggled/.test(value), value)
    assert.match(invite.headers.get('From') ?? '', new RegExp(`sip:${user}@`))
    house().findings.add(
      'S35',
      'own client',
      'foreign From, P-Preferred-Identity, To: 403; asserted names: stripped',
    )
  })

  it('S36: contacts that lead to us, to nobody or to a crowd are refused, and one phone has no more than its share', async () => {
    const knocker = await house().knocker('127.0.0.20')
    const [user, password] = [USERS.contacts, passwordOf(USERS.contacts)]
    const register = (contacts: readonly string[]): ReturnType<typeof knocker.register> =>
      knocker.register(user, password, [
        ...contacts.map((each) => ['Contact', `<${each}>`] as const),
        ['Expires', '600'],
      ])
    const { sipPort } = house().stage
    for (const contact of [
      `sip:${user}@127.0.0.1:${sipPort}`,
      `sip:${user}@127.0.0.1:${sipPort};transport=tcp`,
      `sip:${user}@169.254.169.254`,
      `sip:${user}@224.0.1.75`,
      `sip:${user}@255.255.255.255`,
      `sip:${user}@0.0.0.0`,
      `sip:${user}@[ff02::1]`,
      `sip:${user}@[fe80::1]`,
      `sip:${user}@[::]`,
      'tel:+4930123456',
    ])
      assert.equal((await register([contact])).status, 403, contact)

    const fifty = Array.from({ length: 50 }, (_, index) => `sip:${user}@127.0.0.20:${30_000 + index}`)
    assert.equal((await register(fifty)).status, 400, 'more than any phone has')
    assert.equal((await register(fifty.slice(0, CONTACTS_MAX + 1))).status, 403, 'one too many')
    assert.deepEqual((await register([])).headers.all('Contact'), [], 'nothing of it was kept')
    let kept: readonly string[] = []
    for (const contact of fifty) kept = (await register([contact])).headers.all('Contact')
    assert.equal(kept.length, CONTACTS_MAX)
    assert.ok(
      kept.every((each, index) => each.includes(fifty[50 - CONTACTS_MAX + index] ?? '?')),
      kept.join(),
    )
    house().findings.add(
      'S36',
      'own client',
      `odd contacts: 403; 50 at once: 400, ${CONTACTS_MAX + 1}: 403; 50 in a row: the last ${CONTACTS_MAX} kept`,
    )
  })
}

function methodsOf(knocker: { readonly requests: readonly { readonly method: string }[] }): string[] {
  return knocker.requests.map(({ method }) => method).filter((method) => method !== 'NOTIFY')
}
