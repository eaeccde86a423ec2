/**
 * The log: one JSON object a line on stderr, by pino. Lines carry ids, codes and counts; names, numbers, addresses and
 * tokens do not belong in them, and what looks like such is cut away as a second guard.
 */
import type { LogFields, Logger } from '@tandem/base'
import type { Counters } from './counters.ts'
import { cutFields, cutText } from './cut-secrets.ts'

/**
 * Opens the log; `silent` writes nothing and loads nothing. Error lines are counted and told to `onError`, so that an
 * alarm can watch them.
 */
export async function openLog(
  level: string,
  counters: Counters,
  onError: () => void = () => {},
): Promise<Logger & { flush(): void }> {
  const counted = (): void => {
    counters.add('tandem_log_alarms_total')
    onError()
  }
  if (level === 'silent') {
    const none = (): void => {}
    const error = counted
    return { debug: none, info: none, warn: none, error, flush: none }
  }
  const { destination, pino } = await import('pino')
  const stream = destination({ fd: 2, sync: false })
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
  const write = (
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: LogFields = {},
  ): void => {
    if (log.isLevelEnabled(level)) log[level](cutFields(fields), cutText(message))
  }
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error(message, fields) {
      counted()
      write('error', message, fields)
    },
    flush: () => stream.flushSync(),
  }
}
