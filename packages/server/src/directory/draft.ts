/** Tables while they are planned: rows by id, which of them the file named, and what changes. */

/** What happens to one thing. */
export interface DirectoryChange {
  readonly action: 'create' | 'update' | 'remove'
  readonly kind: 'organization' | 'location' | 'person' | 'place' | 'virtualLine' | 'device' | 'group'
  readonly id: string
  /** As the file or the database names it, for the operator's eyes. */
  readonly name: string
}

/** A row that is known by its id. */
export interface Keyed {
  readonly id: string
}

/** One table while it is planned. */
export class Draft<Row extends Keyed> {
  readonly rows: Map<string, Row>
  readonly named: Set<string> = new Set()

  constructor(before: readonly Row[]) {
    this.rows = new Map(before.map((row) => [row.id, row]))
  }

  /** Puts the row in, and says whether anything of it is new. */
  put(row: Row): boolean {
    const old = this.rows.get(row.id)
    this.rows.set(row.id, row)
    this.named.add(row.id)
    return old === undefined || !equal(old, row)
  }

  find(match: (row: Row) => boolean): Row | undefined {
    for (const row of this.rows.values()) if (match(row)) return row
    return undefined
  }
}

/** A table that only says which lines belong to a thing, in their order: members, assistants, secondary lines. */
export class LinkDraft {
  readonly #lines = new Map<string, { readonly orgId: string; lines: readonly string[] }>()

  constructor(before: readonly (readonly [orgId: string, ownerId: string, lineId: string])[]) {
    for (const [orgId, ownerId, lineId] of before) {
      const lines = this.#lines.get(ownerId)?.lines ?? []
      this.#lines.set(ownerId, { orgId, lines: [...lines, lineId] })
    }
  }

  /** Puts an owner's lines in place of its old ones, and says whether they are others. */
  put(orgId: string, ownerId: string, lines: readonly string[]): boolean {
    const old = this.#lines.get(ownerId)?.lines ?? []
    this.#lines.set(ownerId, { orgId, lines })
    return old.join() !== lines.join()
  }

  /** All links between things that are still there. */
  rows<Row>(
    options: { readonly hasOwner: (id: string) => boolean; readonly hasLine: (id: string) => boolean },
    make: (link: { orgId: string; ownerId: string; lineId: string; position: number }) => Row,
  ): Row[] {
    return [...this.#lines].flatMap(([ownerId, { orgId, lines }]) =>
      options.hasOwner(ownerId)
        ? lines.filter(options.hasLine).map((lineId, position) => make({ orgId, ownerId, lineId, position }))
        : [],
    )
  }
}

/** Whether two rows hold the same values, secrets included. */
export function equal<Row extends object>(a: Row, b: Row): boolean {
  return Object.entries(b).every(([name, value]) => {
    const other = (a as Record<string, unknown>)[name] // Compared member by member, whatever the row.
    if (value instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(value, other) === 0
    return other === value
  })
}
