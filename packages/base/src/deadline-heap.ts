/**
 * The deadlines of many machines in one binary heap, so that a process needs one real timer.
 *
 * `set` replaces the deadline of a key; stale entries are skipped lazily when they surface, so moving a
 * deadline costs one push.
 */
import { type Instant, NEVER } from './instant.ts'

type Entry<Key> = { readonly at: Instant; readonly key: Key }

/** Which key is due next. Keys compare by identity, as in a `Map`. */
export class DeadlineHeap<Key> {
  readonly #current = new Map<Key, Instant>()
  #heap: Entry<Key>[] = []

  /** How many keys have a deadline. */
  get size(): number {
    return this.#current.size
  }

  /** The earliest deadline of all; `NEVER` when nothing waits. */
  get next(): Instant {
    this.#dropStale()
    return this.#heap[0]?.at ?? NEVER
  }

  /** Sets the deadline of `key`, in place of any earlier one; `NEVER` forgets the key. */
  set(key: Key, at: Instant): void {
    if (at === NEVER) {
      this.#current.delete(key)
      return
    }
    if (this.#current.get(key) === at) return
    this.#current.set(key, at)
    this.#push({ at, key })
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#current.size) this.#rebuild()
  }

  /** Forgets `key`. */
  delete(key: Key): void {
    this.#current.delete(key)
  }

  /** Takes out one key that is due at `now`, earliest first; undefined when none is. */
  popDue(now: Instant): Key | undefined {
    this.#dropStale()
    const top = this.#heap[0]
    if (top === undefined || top.at > now) return undefined
    this.#pop()
    this.#current.delete(top.key)
    return top.key
  }

  #dropStale(): void {
    for (;;) {
      const top = this.#heap[0]
      if (top === undefined || this.#current.get(top.key) === top.at) return
      this.#pop()
    }
  }

  #rebuild(): void {
    this.#heap = []
    for (const [key, at] of this.#current) this.#push({ at, key })
  }

  #push(entry: Entry<Key>): void {
    const heap = this.#heap
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as Entry<Key> // Inside the heap by construction.
      if (above.at <= entry.at) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      const left = heap[child]
      if (left === undefined) break
      const right = heap[child + 1]
      if (right !== undefined && right.at < left.at) child += 1
      const smaller = heap[child] as Entry<Key> // Its existence was just seen.
      if (smaller.at >= last.at) break
      heap[index] = smaller
      index = child
    }
    heap[index] = last
  }
}
