/**
 * The logger that every package takes as a parameter; the server implements it with pino.
 *
 * Fields carry ids, counts and codes, never names, numbers, addresses or tokens; what may be personal
 * travels in a `Secret`.
 */

/** The facts beside a log line. */
export type LogFields = Readonly<Record<string, unknown>>

/** Writes one line at one of four levels. A line says what happened, on which thing, and what to do next. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** A logger that writes nothing. */
export const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}
