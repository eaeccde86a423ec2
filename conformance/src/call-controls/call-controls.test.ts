import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { hasProgram } from '../../../tools/peers.ts'
import { Theatre } from '../theatre/theatre.ts'
import { badInput } from './bad-input.ts'
import { beyond } from './beyond.ts'
import { oneCall } from './one-call.ts'
import { recording } from './recording.ts'
import { twoCalls } from './two-calls.ts'

let theatre: Theatre
const withoutSipp = hasProgram('sipp') ? false : 'sipp is not installed (Debian: sip-tester)'

before(async () => {
  theatre = await Theatre.open()
})

after(async () => {
  console.log(theatre.programme.print())
  assert.equal(await theatre.close(), 0)
})

describe('call controls through sockets', { concurrency: true }, () => {
  oneCall(() => theatre)
  twoCalls(() => theatre)
  recording(() => theatre)
  beyond(() => theatre)
  badInput(() => theatre, withoutSipp)
})
