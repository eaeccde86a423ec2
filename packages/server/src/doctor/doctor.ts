/**
 * Looks at everything that a server needs from its machine, beside a running server or without one, and changes nothing:
 * what it writes to try a disk it removes again. Each line says what to do.
 */
import { type ConfigSources, readConfig } from '../config/read-config.ts'
import type { Config } from '../config/settings.ts'
import { originOf } from '../run/management.ts'
import { StartFailure } from '../start-failure.ts'
import { checkAddresses } from './addresses.ts'
import { codeOf, type DoctorCheck, fail, ok } from './check.ts'
import { checkDisk } from './disk.ts'
import { checkLimits, ephemeralPorts } from './limits.ts'
import { checkCertificate, checkClock, clockState } from './machine.ts'
import { checkPorts, checkRtpPorts } from './ports.ts'
import { checkDatabase, checkKey, checkVault } from './stores.ts'

/** How long a running server may take to say that it is there. */
const ANSWER_MS_MAX = 2_000

/** Looks at everything. Never rejects: what cannot be looked at is a finding. */
export async function examine(sources: ConfigSources): Promise<readonly DoctorCheck[]> {
  let config: Config
  try {
    config = readConfig(sources)
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    return [fail('Settings', 'cannot be used', error.message)]
  }
  const checks: DoctorCheck[] = [ok('Settings', 'can be used')]
  const running = await isRunning(config)
  checks.push(ok('Server', running ? 'runs' : 'does not run'))
  const env = sources.env ?? {}
  const looks: readonly (() => Promise<readonly DoctorCheck[]> | readonly DoctorCheck[])[] = [
    () => checkPorts(config, running),
    () => checkRtpPorts(config, { running, ephemeral: ephemeralPorts() }),
    () => checkAddresses(config),
    () => checkLimits(config),
    () => checkDisk(config),
    () => [checkKey(config)],
    () => checkDatabase(config),
    async () => [await checkVault(config, env)],
    async () => [await checkCertificate(config)],
    async () => [checkClock(await clockState())],
  ]
  for (const look of looks) {
    try {
      checks.push(...(await look()))
    } catch (error) {
      checks.push(
        fail('This check', `broke off (${codeOf(error)})`, 'Report it; the other lines still hold.'),
      )
    }
  }
  return checks
}

/** Whether the server of these settings answers on its management port. */
async function isRunning({ managementHost, managementPort }: Config): Promise<boolean> {
  if (managementPort === 0) return false
  try {
    const url = `${originOf('http', managementHost, managementPort)}/healthz`
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX), redirect: 'error' })
    return response.status === 200 && ((await response.json()) as { status?: unknown }).status === 'ok'
  } catch {
    return false
  }
}
