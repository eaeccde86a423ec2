/**
 * The metrics page: counters and gauges in the Prometheus text format. The client library is loaded at the first
 * scrape, since an idle server that nobody watches should not carry it.
 */
import { COUNTERS, type CounterName, type Counters } from './counters.ts'

/** A value of this moment, with its help line. */
export interface GaugeReading {
  readonly name: string
  readonly help: string
  readonly value: number
}

/** The page, and its media type. */
export async function renderMetrics(
  counters: Counters,
  gauges: readonly GaugeReading[],
): Promise<{ readonly contentType: string; readonly text: string }> {
  const { Counter, Gauge, Registry } = await import('@prometheus-io/client')
  const registry = new Registry()
  for (const [name, help] of Object.entries(COUNTERS) as [CounterName, string][]) {
    const series = counters.read(name)
    const labelNames = [...new Set(series.flatMap((one) => Object.keys(one.labels)))]
    const counter = new Counter({ name, help, labelNames, registers: [registry] })
    for (const one of series) counter.inc(one.labels, one.value)
  }
  for (const { name, help, value } of gauges)
    new Gauge({ name, help, registers: [registry] }).set(Number.isFinite(value) ? value : 0)
  return { contentType: registry.contentType, text: await registry.metrics() }
}
