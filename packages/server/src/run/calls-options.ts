/** The settings as the calls thread wants them: addresses, ports, limits, each in the engine's own unit. */
import { join } from 'node:path'
import type { EngineLimits } from '@tandem/engine'
import type { CallsOptions } from '@tandem/io'
import { parseListen } from '../config/listen.ts'
import type { Config } from '../config/settings.ts'

/** How SIP names this program. */
const PRODUCT = 'Tandem/0.1.0'

/** What the settings alone decide. */
export function settingsOfCalls(
  config: Config,
): Pick<CallsOptions, 'sip' | 'media' | 'node' | 'product' | 'limits' | 'journalFolder' | 'clipsFolder'> {
  return {
    sip: {
      listen: config.sipListen.map(parseListen).filter((address) => address !== undefined), // Checked with the settings.
      ...(config.sipAdvertisedHost === '' ? {} : { advertisedHost: config.sipAdvertisedHost }),
    },
    media: {
      host: config.mediaHost,
      ...(config.mediaAdvertisedHost === '' ? {} : { advertisedHost: config.mediaAdvertisedHost }),
      ...(config.mediaOtherHost === '' ? {} : { otherHost: config.mediaOtherHost }),
      ...(config.mediaOtherAdvertisedHost === ''
        ? {}
        : { otherAdvertisedHost: config.mediaOtherAdvertisedHost }),
      portMin: config.mediaPortMin,
      portMax: config.mediaPortMax,
      ...(config.mediaWorkers === 0 ? {} : { workers: config.mediaWorkers }),
    },
    node: config.node,
    product: PRODUCT,
    limits: engineLimits(config),
    journalFolder: join(config.dataFolder, 'journal'),
    clipsFolder: join(config.dataFolder, 'clips'),
  }
}

/** The engine's limits: what is in seconds here is in milliseconds there. */
export function engineLimits(config: Config): EngineLimits {
  return {
    callsMax: config.callsMax,
    callsPerPersonMax: config.callsPerPersonMax,
    bindingsPerDeviceMax: config.bindingsPerDeviceMax,
    registerExpiresMinSeconds: config.registerExpiresMinSeconds,
    registerExpiresMaxSeconds: config.registerExpiresMaxSeconds,
    ringMsMax: config.ringSecondsMax * 1_000,
    clickToDialRingMsMax: config.clickToDialRingSecondsMax * 1_000,
    phoneMsMax: config.phoneCommandSecondsMax * 1_000,
    parkRecallMs: config.parkRecallSeconds * 1_000,
    voicemailMsMax: config.voicemailSecondsMax * 1_000,
    forwardsMax: config.forwardsMax,
    sessionExpiresSeconds: config.sessionExpiresSeconds,
    recordingFailure: config.recordingFailure as 'proceed', // One of the choices of the setting.
  }
}
