/**
 * The schemas of the contract as components of a document: each under its name, referring to one another instead of
 * repeating. Only what is referred to is published, and what that refers to.
 */
import type { SchemaName } from '../routes/route.ts'
import type { Schemas } from '../schema/load-schemas.ts'

/** A JSON object. */
export interface JsonObject {
  readonly [member: string]: unknown
}

/**
 * Schemas that are published under another's name, because clients know one schema where we keep two: items of lists have
 * no links, and the serialiser of lists holds to that (README Ruling 9 and §10).
 */
const PUBLISHED_AS: Partial<Record<SchemaName, SchemaName>> = {
  ConvergedRecordingDetails: 'ConvergedRecording',
}
/** The schema behind a published name, where it is not the one of that name. */
const BEHIND: Partial<Record<SchemaName, SchemaName>> = { ConvergedRecording: 'ConvergedRecordingDetails' }

/** The schemas that one document refers to. */
export class ComponentSchemas {
  readonly #schemas: Schemas
  readonly #published = new Map<SchemaName, JsonObject>()

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /** A reference to a schema, which is published by it. */
  refer(name: SchemaName): JsonObject {
    const shown = PUBLISHED_AS[name] ?? name
    if (!this.#published.has(shown)) {
      this.#published.set(shown, {}) // Before its inside is looked at, which may refer to it.
      this.#published.set(shown, { ...this.#inside(this.#schemas[BEHIND[shown] ?? shown]), title: shown })
    }
    return { $ref: `#/components/schemas/${shown}` }
  }

  /** Whether a body of this schema must be there: one of its members must. */
  hasRequired(name: SchemaName): boolean {
    const { required } = this.#schemas[name] as { required?: readonly string[] } // Every JSON schema may have it.
    return (required?.length ?? 0) > 0
  }

  /** Everything that was referred to, by name. */
  all(): JsonObject {
    return Object.fromEntries([...this.#published].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }

  #inside(schema: object): JsonObject {
    const copy: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(schema)) copy[key] = this.#copy(value)
    // A list of texts has no type of its own in the schema library; generators of code want one.
    const { enum: choices } = copy as { enum?: readonly unknown[] } // JSON Schema's keyword.
    if (Array.isArray(choices) && choices.every((choice) => typeof choice === 'string'))
      copy['type'] ??= 'string'
    return copy
  }

  #copy(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#copy(item))
    if (typeof value !== 'object' || value === null) return value
    const { title } = value as { title?: unknown } // Any object may be looked at so.
    if (typeof title === 'string' && title in this.#schemas) return this.refer(title as SchemaName) // Just compared.
    return this.#inside(value)
  }
}
