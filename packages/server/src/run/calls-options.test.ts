import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readConfig } from '../config/read-config.ts'
import { engineLimits, settingsOfCalls } from './calls-options.ts'

it('hands every limit to the engine in its own unit, with the defaults that the engine has itself', () => {
  assert.deepEqual(engineLimits(readConfig()), {
    callsMax: 2_000,
    callsPerPersonMax: 20,
    bindingsPerDeviceMax: 8,
    registerExpiresMinSeconds: 60,
    registerExpiresMaxSeconds: 3_600,
    ringMsMax: 60_000,
    clickToDialRingMsMax: 30_000,
    phoneMsMax: 5_000,
    parkRecallMs: 60_000,
    voicemailMsMax: 180_000,
    forwardsMax: 5,
    sessionExpiresSeconds: 1_800,
    recordingFailure: 'proceedWithAnnouncement',
  })
})

it('keeps clips beside the journal, and leaves out hosts that are not set', () => {
  const options = settingsOfCalls(
    readConfig({ flags: { dataFolder: '/d', mediaWorkers: '2', mediaHost: '10.0.0.1' } }),
  )
  assert.deepEqual(
    [options.journalFolder, options.clipsFolder, options.media.workers, options.media.advertisedHost],
    ['/d/journal', '/d/clips', 2, undefined],
  )
  assert.deepEqual(options.sip.listen[0], { transport: 'udp', host: '127.0.0.1', port: 5060 })
})

it('bounds a wait for a phone below the time in which a command must be answered', () => {
  assert.equal(readConfig({ flags: { phoneCommandSecondsMax: '9' } }).phoneCommandSecondsMax, 9)
  assert.throws(() => readConfig({ flags: { phoneCommandSecondsMax: '10' } }), /from 1 to 9 \(seconds\)/)
})
