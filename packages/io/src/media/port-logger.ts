/** A logger for a thread that has none: each line becomes a message to the thread that started it. */
import type { LogFields, Logger } from '@tandem/base'

/** The levels of `Logger`. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Makes one; `post` must only take what can be cloned, which log fields are. */
export function portLogger(post: (level: LogLevel, message: string, fields: LogFields) => void): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      post(level, message, fields)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
