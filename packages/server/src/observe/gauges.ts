/** What is alive at this moment, for the metrics page: recordings, memory, and the calls thread with all below it. */
import type { Calls, CallsStats } from '@tandem/io'
import type { Recordings } from '@tandem/recordings'
import type { GaugeReading } from './metrics.ts'

/** Everything at once; when the calls thread does not answer, what the main thread knows and that it does not. */
export async function gaugesOf(calls: Calls, recordings: Recordings): Promise<readonly GaugeReading[]> {
  const { open, backlog, waiting, published, threads } = recordings.counts
  const own: GaugeReading[] = [
    { name: 'tandem_recordings_open', help: 'Recordings being made', value: open },
    { name: 'tandem_recordings_backlog', help: 'Recordings ended and not yet available', value: backlog },
    { name: 'tandem_recordings_waiting', help: 'Of those, failed at least once', value: waiting },
    {
      name: 'tandem_recordings_published',
      help: 'Recordings made available since the start',
      value: published,
    },
    { name: 'tandem_encoder_threads', help: 'Encoding threads that run', value: threads },
    {
      name: 'tandem_resident_memory_bytes',
      help: 'Resident memory of the process',
      value: process.memoryUsage.rss(),
    },
  ]
  let stats: CallsStats
  try {
    stats = await calls.stats()
  } catch {
    return [...own, { name: 'tandem_calls_reachable', help: 'Whether the calls thread answers', value: 0 }]
  }
  const engine = Object.entries(stats.engine).map(([what, value]) => ({
    name: `tandem_engine_${what}`,
    help: `Live ${what} of the call engine`,
    value,
  }))
  const transport = Object.entries(stats.transport).map(([what, value]) => ({
    name: `tandem_sip_${what.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    help: `SIP transports: ${what}`,
    value: Number(value),
  }))
  return [
    ...own,
    { name: 'tandem_calls_reachable', help: 'Whether the calls thread answers', value: 1 },
    ...engine,
    ...transport,
  ]
}
