/** The clock of the machine and the certificate of the REST API. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Config } from '../config/settings.ts'
import { EXPIRY_ALARM_DAYS, readCertificate } from '../run/tls-certificate.ts'
import { StartFailure } from '../start-failure.ts'
import { type DoctorCheck, fail, ok, warn } from './check.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
/** How long `timedatectl` may take. */
const ANSWER_MS_MAX = 3_000
/** Before this the clock was never set: this software did not exist. */
const OLDEST_NOW = Date.UTC(2026, 0, 1)

/** What the system says of its clock; undefined when it cannot be asked. */
export type ClockState = { readonly synchronized: boolean } | undefined

/** Asks systemd whether the clock follows a time server. */
export async function clockState(): Promise<ClockState> {
  try {
    const arguments_ = ['show', '--property=NTPSynchronized', '--value']
    const { stdout } = await promisify(execFile)('timedatectl', arguments_, { timeout: ANSWER_MS_MAX })
    return /^(yes|no)$/.test(stdout.trim()) ? { synchronized: stdout.trim() === 'yes' } : undefined
  } catch {
    return undefined // No systemd, or none that may be asked, as in a container.
  }
}

/** Looks at the clock. */
export function checkClock(state: ClockState, now: number = Date.now()): DoctorCheck {
  const what = 'Clock'
  const shown = new Date(now).toISOString()
  if (now < OLDEST_NOW) return fail(what, `shows ${shown}`, 'Set it: links, tokens and retention go by it.')
  if (state === undefined)
    return ok(what, `shows ${shown}; whether it follows a time server cannot be told here`)
  if (state.synchronized) return ok(what, `shows ${shown} and follows a time server`)
  return warn(
    what,
    `shows ${shown} and follows no time server`,
    'Run timedatectl set-ntp true, or install chrony.',
  )
}

/** Looks at the certificate. */
export async function checkCertificate(config: Config, now: number = Date.now()): Promise<DoctorCheck> {
  const what = 'Certificate'
  try {
    const certificate = await readCertificate(config)
    if (certificate === undefined) return withoutTls(what, config)
    const days = Math.floor((certificate.endsAt - now) / DAY_MS)
    if (days < 0)
      return fail(
        what,
        `ended ${-days} days ago`,
        'Renew it: clients refuse it. It is taken up without a restart.',
      )
    if (days < EXPIRY_ALARM_DAYS)
      return warn(what, `ends in ${days} days`, 'Renew it; it is taken up without a restart.')
    return ok(what, `fits its key and lasts ${days} days`)
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    return fail(what, 'cannot be used', error.message)
  }
}

function withoutTls(what: string, { httpHost, publicUrl }: Config): DoctorCheck {
  const local = /^(127\.|::1$|localhost$)/.test(httpHost)
  if (local || publicUrl.startsWith('https://'))
    return ok(what, local ? 'none is needed on this machine' : 'a proxy in front has it')
  return warn(
    what,
    'none, and others reach the REST API',
    'Give --tls-certificate-file and --tls-key-file, or put a proxy with TLS in front: tokens travel in the clear.',
  )
}
