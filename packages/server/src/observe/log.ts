/**
 * The log: one JSON object a line on stderr, by pino. Lines carry ids, codes and counts; names, numbers, addresses and
 * tokens do not belong in them, and fields that could hold such are cut away by name as a second guard.
 */
import type { LogFields, Logger } from '@tandem/base'
import type { Counters } from './counters.ts'

/** Fields that never reach the log, whoever hands them over. */
const CUT: readonly string[] = [
  'authorization',
  'body',
  'contact',
  'destination',
  'displayName',
  'email',
  'from',
  'host',
  'name',
  'number',
  'password',
  'remote',
  'secret',
  'to',
  'token',
  'topic',
  'uri',
  'url',
]

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
  return {
    debug: (message, fields) => log.debug(guarded(fields), message),
    info: (message, fields) => log.info(guarded(fields), message),
    warn: (message, fields) => log.warn(guarded(fields), message),
    error(message, fields) {
      counted()
      log.error(guarded(fields), message)
    },
    flush: () => stream.flushSync(),
  }
}

/** The fields without those that must not be logged. */
export function guarded(fields: LogFields | undefined): LogFields {
  if (fields === undefined) return {}
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !CUT.includes(name)))
}
