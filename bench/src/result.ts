/** What every benchmark returns; printed for people, then as one line of JSON for machines. */
export interface BenchResult {
  readonly bench: string
  readonly value: number
  readonly unit: string
  /** The peer or the limit measured in the same run. */
  readonly against: string
  /** Ours divided by the peer's, or the value divided by the goal where there is no peer. */
  readonly ratio: number
  readonly goal: number
  readonly ok: boolean
  /** A number made from the work's result, so that none of it can be optimised away. */
  readonly checksum: number
  readonly details?: Readonly<Record<string, unknown>>
}
