/**
 * Reads a document, a directory file or the body of a request, into checked values. Errors are collected, not thrown one
 * by one: who wrote it sees all of them at once. How an error is noted, and whether unknown members are errors, is for the
 * kinds of reader to say (`yaml-reader.ts`, `json-reader.ts`).
 */

/** Where a value stands: member names and list positions from the top. */
export type Path = readonly (string | number)[]

/** What a text member must look like. */
export interface TextRule {
  readonly charsMax: number
  readonly pattern?: RegExp
  /** Completes "must be …" in the error. */
  readonly must: string
}

/** One mapping of the file, read member by member; `finish` refuses the members nobody asked for. */
export interface Entry {
  readonly path: Path
  has(name: string): boolean
  text(name: string, rule: TextRule): string
  optionalText(name: string, rule: TextRule): string | undefined
  choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice
  optionalBoolean(name: string): boolean | undefined
  /** A whole number within the range. */
  optionalInteger(name: string, range: { readonly min: number; readonly max: number }): number | undefined
  texts(name: string, rule: TextRule & { readonly itemsMax: number }): string[]
  entries(name: string, options: { readonly itemsMax: number }): Entry[]
  /** A member that is a mapping of its own, or one that is not there. */
  entry(name: string): Entry | undefined
  /** Whether the member is a mapping, where a short form may stand as well. */
  isMapping(name: string): boolean
  finish(): void
}

/** Why something is refused, so that a request gets the right status. */
export type Reason = 'invalid' | 'conflict' | 'managed' | 'inUse' | 'administrator'

/** A document being read. */
export abstract class DocumentReader {
  /** One sentence each; with any of them nothing is changed. */
  readonly errors: string[] = []
  /** Why the first of them was noted. */
  reason: Reason | undefined
  /** The document itself. */
  abstract readonly top: Entry

  /** Notes an error at a place of the document; `message` completes a sentence about that place. */
  fail(path: Path, message: string): void {
    this.reason ??= 'invalid'
    this.note(path, message)
  }

  /** Notes that two things would share what only one may have: `what` for people, `field` as the document names it. */
  conflict(taken: { readonly field: string; readonly what: string; readonly value: string }): void {
    this.reason ??= 'conflict'
    this.noteConflict(taken)
  }

  /** Notes that the whole is refused, whatever its places say; `sentence` is one. */
  refuse(reason: Reason, sentence: string): void {
    this.reason ??= reason
    this.noteWhole(sentence)
  }

  protected abstract note(path: Path, message: string): void
  protected abstract noteConflict(taken: {
    readonly field: string
    readonly what: string
    readonly value: string
  }): void
  protected abstract noteWhole(sentence: string): void

  /** What is done about a member that nobody asked for. */
  protected abstract unknown(path: Path): void

  /** Members that are not there whatever the document says. */
  protected hides(_name: string): boolean {
    return false
  }

  /** The document, or something in it, as a mapping to read. */
  protected entryOf(value: unknown, path: Path): Entry {
    return this.#entry(value, path)
  }

  #entry(value: unknown, path: Path): Entry {
    if (!isMapping(value)) {
      this.fail(path, `must be a mapping of names to values`)
      return this.#entry({}, path)
    }
    const asked = new Set<string>()
    const member = (name: string): unknown => {
      asked.add(name)
      return Object.hasOwn(value, name) && !this.hides(name) ? (value[name] ?? undefined) : undefined
    }
    const at = (name: string): Path => [...path, name]
    return {
      path,
      has: (name) => member(name) !== undefined,
      text: (name, rule) => this.#text(member(name), at(name), rule) ?? '',
      optionalText: (name, rule) =>
        member(name) === undefined ? undefined : this.#text(member(name), at(name), rule),
      choice: (name, choices, fallback) => {
        const text = member(name) ?? fallback
        const choice = choices.find((candidate) => candidate === text)
        if (choice === undefined) this.fail(at(name), `must be one of ${choices.join(', ')}`)
        return choice ?? fallback
      },
      optionalBoolean: (name) => {
        const flag = member(name)
        if (flag === undefined || typeof flag === 'boolean') return flag
        this.fail(at(name), 'must be true or false')
        return undefined
      },
      optionalInteger: (name, { min, max }) => {
        const number = member(name)
        if (number === undefined) return undefined
        if (Number.isInteger(number) && Number(number) >= min && Number(number) <= max) return Number(number)
        this.fail(at(name), `must be a whole number from ${min} to ${max}`)
        return undefined
      },
      texts: (name, rule) =>
        this.#list(member(name), at(name), rule.itemsMax)
          .map((item, i) => this.#text(item, [...at(name), i], rule))
          .filter((text) => text !== undefined),
      entries: (name, options) =>
        this.#list(member(name), at(name), options.itemsMax).map((item, i) =>
          this.#entry(item, [...at(name), i]),
        ),
      entry: (name) => {
        const inner = member(name)
        return inner === undefined ? undefined : this.#entry(inner, at(name))
      },
      isMapping: (name) => isMapping(member(name)),
      finish: () => {
        for (const name of Object.keys(value)) if (!asked.has(name)) this.unknown(at(name))
      },
    }
  }

  #text(value: unknown, path: Path, rule: TextRule): string | undefined {
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
    const fits =
      typeof text === 'string' &&
      text.trim() !== '' &&
      text.length <= rule.charsMax &&
      (rule.pattern?.test(text) ?? true)
    if (fits) return text
    this.fail(path, value === undefined ? `is missing; it must be ${rule.must}` : `must be ${rule.must}`)
    return undefined
  }

  #list(value: unknown, path: Path, itemsMax: number): readonly unknown[] {
    if (value === undefined) return []
    if (!Array.isArray(value)) {
      this.fail(path, 'must be a list')
      return []
    }
    if (value.length > itemsMax) this.fail(path, `must hold at most ${itemsMax} items`)
    return value.slice(0, itemsMax)
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A place in the words of who wrote the document: `devices[0].sipUser`. */
export function placeOf(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return text.replace(/^\./, '')
}
