/** What `tandem doctor` finds: one line for each thing that it looked at. */

/** One finding. */
export interface DoctorCheck {
  /** What was looked at, e.g. `SIP port udp:0.0.0.0:5060`. */
  readonly what: string
  /** `fail`: the server cannot start or work so; `warn`: it works, and something will go wrong or is unusual. */
  readonly level: 'ok' | 'warn' | 'fail'
  /** What was found, a few words. */
  readonly found: string
  /** What to do, a sentence; absent when all is well. */
  readonly remedy?: string
}

/** All is well. */
export function ok(what: string, found: string): DoctorCheck {
  return { what, level: 'ok', found }
}

/** It works, and somebody should look. */
export function warn(what: string, found: string, remedy: string): DoctorCheck {
  return { what, level: 'warn', found, remedy }
}

/** It does not work. */
export function fail(what: string, found: string, remedy: string): DoctorCheck {
  return { what, level: 'fail', found, remedy }
}

/** The system's name of an error, for a finding. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** A number of bytes for people. */
export function inBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1_024 ** power
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}
