/** Counts what happened in a world, by name, so that a run in which nothing happened cannot pass for a good one. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count)
  }

  /** Keeps the largest of what it is told under this name. */
  most(name: string, count: number): void {
    this.#counts.set(name, Math.max(this.#counts.get(name) ?? 0, count))
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** Everything counted, by name. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
}
