import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Random, STORM } from '@tandem/testing'
import type { SipCallId } from '../endpoint-api.ts'
import type { SessionDescription } from '../sdp/description.ts'
import { description, Net, type Party } from './network.test.ts'

/** Virtual time after which whatever was begun has come to rest: two rounds of 64*T1 with their back-offs, and more. */
const REST_MS = 1_200_000

/** The description that a party gives, by its port. */
type Sdp = (port: number) => SessionDescription

/** What one party believes about its calls, kept from its outputs alone. */
interface Belief {
  /** Calls not yet over by what was said or done. */
  readonly open: Set<SipCallId>
  readonly over: Set<SipCallId>
  readonly answered: Set<SipCallId>
  /** Offers made and not yet answered or refused. */
  readonly offers: Map<SipCallId, number>
}

/** Makes a party that does what people do, at random moments. */
function restless(net: Net, party: Party, chance: { readonly random: Random; readonly sdp: Sdp }): Belief {
  const { random, sdp } = chance
  const belief: Belief = { open: new Set(), over: new Set(), answered: new Set(), offers: new Map() }
  party.react = (output) => {
    if (!('call' in output)) return
    const { call } = output
    const where = `seed ${net.seed}: ${party.name} call ${call} ${output.kind}`
    assert.ok(!belief.over.has(call), `${where} after its end`)
    const { endpoint, now } = party
    switch (output.kind) {
      case 'invited':
        belief.open.add(call)
        if (random.chance(0.6)) party.act(endpoint.progress(now, call, 180))
        if (random.chance(0.2)) party.act(endpoint.progress(now, call, 183, { answer: sdp(5_000) }))
        if (random.chance(0.2)) close(belief, call, () => party.act(endpoint.reject(now, call, 486)))
        else if (random.chance(0.4)) {
          belief.answered.add(call)
          party.act(endpoint.accept(now, call, sdp(5_000)))
        }
        return
      case 'accepted':
        belief.answered.add(call)
        if (output.offer !== undefined) party.act(endpoint.acknowledge(now, call, sdp(4_000)))
        return
      case 'offered':
        if (random.chance(0.8)) party.act(endpoint.answerOffer(now, call, sdp(6_000)))
        else party.act(endpoint.rejectOffer(now, call, 488))
        return
      case 'answered':
      case 'offerFailed': {
        const waiting = belief.offers.get(call) ?? 0
        assert.ok(waiting > 0, `${where} without an offer`)
        belief.offers.set(call, waiting - 1)
        return
      }
      case 'callRequest':
        party.act(endpoint.respond(now, output.transaction, 200))
        return
      case 'rejected':
      case 'cancelled':
      case 'ended':
        close(belief, call, () => {})
        return
      case 'progressed':
      case 'acknowledged':
      case 'callResponse':
        return
    }
  }
  return belief
}

function close(belief: Belief, call: SipCallId, how: () => void): void {
  belief.open.delete(call)
  belief.over.add(call)
  belief.offers.delete(call)
  how()
}

/** One thing that a person may do with one of their calls. */
function press(party: Party, belief: Belief, chance: { readonly random: Random; readonly sdp: Sdp }): void {
  const { random, sdp } = chance
  const call = [...belief.open][random.below(Math.max(1, belief.open.size))]
  if (call === undefined) return
  const { endpoint, now } = party
  switch (random.below(7)) {
    case 0:
      close(belief, call, () => party.act(endpoint.end(now, call)))
      return
    case 1:
      belief.answered.add(call)
      party.act(endpoint.accept(now, call, sdp(5_000)))
      return
    case 2:
    case 3:
      if (!belief.answered.has(call) || (belief.offers.get(call) ?? 0) >= 4) return
      belief.offers.set(call, (belief.offers.get(call) ?? 0) + 1)
      party.act(endpoint.offer(now, call, sdp(7_000)))
      return
    case 4:
      party.act(
        endpoint.requestInCall(now, call, { method: random.pick(['INFO', 'NOTIFY', 'OPTIONS']) }).outputs,
      )
      return
    case 5:
      party.act(endpoint.update(now, call, [['X-Seen', 'yes']]))
      return
    default:
      return
  }
}

/** Random calls over a bad network, then silence. */
function storm(seed: number): void {
  const random = new Random(seed)
  const net = new Net(seed, {
    ...STORM,
    loss: random.pick([0, 0.05, 0.3]),
    delayMsMax: random.pick([20, 400]),
  })
  const parties = ['ada', 'bob', 'cy'].map((name) => {
    const wish = random.pick([{}, { sessionExpiresSeconds: 90 }, { sessionExpiresSeconds: 400 }])
    return net.party(name, wish)
  })
  // In half of the storms some phones take no UPDATE, so that re-INVITEs refresh their calls. All descriptions are the
  // same there: each answer that is told is then one to an offer of the user.
  const uniform = random.chance(0.5)
  const plain = new Set(parties.filter(() => uniform && random.chance(0.5)).map((party) => party.name))
  const sdp: Sdp = (port) => description(uniform ? 5_000 : port)
  net.lose = (message, from) => {
    if (plain.has(from) && message.headers.has('Allow')) message.headers.set('Allow', 'INVITE')
    return false
  }
  const beliefs = new Map(parties.map((party) => [party, restless(net, party, { random, sdp })]))
  for (let step = 0; step < 40; step++) {
    net.run(net.now + (random.chance(0.1) ? random.below(90_000) : random.below(2_000)))
    const party = random.pick(parties)
    const belief = beliefs.get(party)
    assert.ok(belief !== undefined)
    if (step < 20 && random.chance(0.4)) {
      const transport = random.pick(['udp', 'tcp'] as const)
      const peer = random.pick(parties.filter((other) => other !== party))
      const headers = random.chance(0.3) ? ([['Require', '100rel']] as const) : []
      const ring = random.chance(0.5) ? { ringMsMax: 1_000 + random.below(20_000) } : {}
      belief.open.add(
        party.call(peer, { offer: sdp(4_000), destination: peer.destination(transport), headers, ...ring }),
      )
    } else press(party, belief, { random, sdp })
  }
  for (const [party, belief] of beliefs)
    for (const call of belief.open) close(belief, call, () => party.act(party.endpoint.end(party.now, call)))
  net.run(net.now + REST_MS)
  if (net.alive !== 0) {
    const counts = parties.map((party) => JSON.stringify(party.endpoint.counts)).join(' ')
    assert.fail(`seed ${seed}: not at rest: ${counts}\n${net.trace.slice(-40).join('\n')}`)
  }
}

describe('Endpoints in a storm', () => {
  it('leave no call and no transaction behind, whatever is lost, copied or late', () => {
    for (let seed = 1; seed <= 300; seed++) storm(seed)
  })
})
