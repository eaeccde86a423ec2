import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NEVER } from '@tandem/base'
import { Headers, NO_BODY, type SipResponse } from '@tandem/sip'
import { at } from '@tandem/testing'
import { Registration, type RegistrationOutput } from './registration.ts'

const CONTACT = 'sip:ada@10.0.0.1:5070'

function response(status: number, ...headers: [string, string][]): SipResponse {
  return { kind: 'response', status, reason: 'because', headers: new Headers(headers), body: NO_BODY }
}

function brief(outputs: readonly RegistrationOutput[]): string {
  return outputs
    .map((output) =>
      output.kind === 'failed'
        ? `failed ${output.status}${output.final ? ' final' : ''}`
        : 'expiresSeconds' in output
          ? `${output.kind} ${output.expiresSeconds}`
          : output.kind,
    )
    .join(', ')
}

function make(): Registration {
  return new Registration({ expiresSeconds: 300, contactUri: CONTACT })
}

describe('Registration (RFC 3261 §10.2)', () => {
  it('registers and refreshes before the granted time is over, by our own Contact', () => {
    const registration = make()
    assert.equal(brief(registration.join(at(0))), 'register 300')
    assert.equal(registration.deadline, NEVER)
    const granted = response(
      200,
      ['Contact', '<sip:other@10.0.0.9>;expires=10'],
      ['Contact', `<${CONTACT}>;expires=100`],
      ['Expires', '7'],
    )
    assert.equal(brief(registration.receive(at(50), granted, 300)), 'registered 100')
    assert.equal(registration.deadline, 50 + 85_000)
    assert.equal(brief(registration.tick(at(85_049))), '')
    assert.equal(brief(registration.tick(at(85_050))), 'register 300')
    assert.equal(brief(registration.tick(at(99_000))), '')
  })

  it('takes Expires, then its own wish, when the answer does not list its Contact', () => {
    const registration = make()
    registration.join(at(0))
    assert.equal(brief(registration.receive(at(0), response(200, ['Expires', '60']), 300)), 'registered 60')
    registration.tick(at(60_000))
    assert.equal(brief(registration.receive(at(60_000), response(200), 300)), 'registered 300')
  })

  it('asks again with the time that a 423 wants, but not for more than a day (§10.2.8)', () => {
    const registration = make()
    registration.join(at(0))
    assert.equal(
      brief(registration.receive(at(0), response(423, ['Min-Expires', '600']), 300)),
      'register 600',
    )
    const other = make()
    other.join(at(0))
    assert.equal(brief(other.receive(at(0), response(423, ['Min-Expires', '86401']), 300)), 'failed 423')
  })

  it('backs off after failures that may pass, and starts anew after a success', () => {
    const registration = make()
    registration.join(at(0))
    const waits: number[] = []
    for (let now = 0, attempt = 0; attempt < 8; attempt++) {
      assert.equal(brief(registration.receive(at(now), response(503), 300)), 'failed 503')
      waits.push(registration.deadline - now)
      now = registration.deadline
      registration.tick(at(now))
    }
    assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    registration.receive(at(0), response(200), 300)
    registration.tick(at(10 ** 6))
    registration.receive(at(0), response(408), 300)
    assert.equal(registration.deadline, 2_000)
  })

  it('waits as long as Retry-After says, at most a minute', () => {
    const registration = make()
    registration.join(at(0))
    registration.receive(at(0), response(503, ['Retry-After', '20']), 300)
    assert.equal(registration.deadline, 20_000)
    registration.tick(at(20_000))
    registration.receive(at(20_000), response(503, ['Retry-After', '3600']), 300)
    assert.equal(registration.deadline, 80_000)
  })

  it('gives up where asking again cannot help', () => {
    for (const status of [401, 403, 404, 407]) {
      const registration = make()
      registration.join(at(0))
      assert.equal(brief(registration.receive(at(0), response(status), 300)), `failed ${status} final`)
      assert.equal(registration.deadline, NEVER)
    }
  })

  it('unregisters with 0, also when a REGISTER is still under way', () => {
    const registration = make()
    registration.join(at(0))
    assert.equal(brief(registration.leave(at(10))), '')
    assert.equal(brief(registration.receive(at(20), response(200), 300)), 'register 0')
    assert.equal(brief(registration.receive(at(30), response(200), 0)), 'unregistered')
    assert.equal(registration.deadline, NEVER)
    assert.equal(brief(registration.join(at(40))), 'register 300')
  })
})
