import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { hasProgram } from '../../../tools/peers.ts'
import { Theatre } from '../theatre/theatre.ts'
import { baresip } from './baresip.ts'
import { phoneKeys } from './phone-keys.ts'
import { remoteControl } from './remote-control.ts'
import { wireFeatures } from './wire-features.ts'

let theatre: Theatre
const withoutSipp = hasProgram('sipp') ? false : 'sipp is not installed (Debian: sip-tester)'
const withoutBaresip = hasProgram('baresip') ? false : 'baresip is not installed (Debian: baresip-core)'

before(async () => {
  theatre = await Theatre.open({ tables: 6, settings: { TANDEM_SESSION_EXPIRES_SECONDS: '90' } })
})

after(async () => {
  console.log(theatre.programme.print())
  assert.equal(await theatre.close(), 0)
})

describe('phones through sockets', { concurrency: true }, () => {
  wireFeatures(() => theatre, withoutSipp)
  remoteControl(() => theatre, withoutSipp)
  phoneKeys(() => theatre)
  baresip(() => theatre, withoutBaresip)
})
