import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Tally } from './tally.ts'
import { World } from './world.ts'

/** As many as take some forty seconds on two cores; CI runs a hundred by `npm run sim`. */
const SEEDS = 60

/** What must have come to be in all worlds together: less would prove nothing. */
const ENOUGH: Readonly<Record<string, number>> = {
  messages: 60_000,
  'ends established': 3_000,
  'most calls at once': 30,
  sessions: 3_000,
  recordings: 1_000,
  'recordings paused': 10,
  voicemails: 100,
  'message heard': 1,
  mixes: 50,
  recalls: 10,
  redirections: 200,
  'dial connected': 100,
  'retrieve connected': 8,
  'pickup connected': 15,
  'bargeIn connected': 10,
  pulls: 15,
  'conference created': 10,
  'conference participantMuted': 2,
  'phone transfers done': 20,
  'phone obeys': 100,
  'phone storms': 50,
  'phone replaces': 100,
  'event deleted forwarded': 300,
  'event updated remoteHeld': 300,
  'event updated muted': 20,
  'api answer': 50,
  'api divert': 50,
  'api hold': 40,
  'api park': 30,
  'api push': 1,
  'api reject': 40,
  'api resume': 200,
  'api startRecording': 10,
  'api transfer': 20,
  'api transmitDtmf': 10,
  'media late': 20,
  'media refused': 50,
}

describe('random people press random buttons on a bad network', () => {
  it(`breaks no rule in ${SEEDS} worlds, in which enough happens`, () => {
    const total = new Tally()
    for (let seed = 1; seed <= SEEDS; seed++)
      for (const [name, count] of Object.entries(new World(seed).run().counts))
        if (name.startsWith('most ')) total.most(name, count)
        else total.add(name, count)
    for (const [name, count] of Object.entries(ENOUGH))
      assert.ok(total.of(name) >= count, `${name} happens ${count} times: ${total.of(name)}`)
  })

  it('lives the same life twice from the same seed', () => {
    assert.deepEqual(new World(7).run(), new World(7).run())
  })
})
