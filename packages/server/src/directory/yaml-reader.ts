/**
 * Reads a YAML file into checked values and remembers where everything stood, so that an error can name its line and
 * field. Errors are collected, not thrown one by one: the operator sees all of them at once, up to a limit.
 */
import { LineCounter, parseDocument } from 'yaml'

/** Most errors reported for one file; after that the first ones are the ones to mend. */
export const ERRORS_MAX = 20

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

/** A file being read. */
export class YamlReader {
  readonly errors: string[] = []
  readonly top: Entry
  readonly #fileName: string
  readonly #lines = new LineCounter()
  readonly #document: ReturnType<typeof parseDocument>

  constructor(text: string, fileName: string) {
    this.#fileName = fileName
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true })
    for (const error of this.#document.errors) {
      const { line } = this.#lines.linePos(error.pos[0])
      this.#add(line, (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, ''))
    }
    this.top = this.#entry(this.errors.length > 0 ? {} : this.#plain(), [])
  }

  /** Notes an error at a place of the file. */
  fail(path: Path, message: string): void {
    this.#add(this.#lineOf(path), `${printPath(path)}${message}`)
  }

  #plain(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 100 })
    } catch {
      this.#add(1, 'the file repeats its anchors too often')
      return {}
    }
  }

  #add(line: number, message: string): void {
    if (this.errors.length < ERRORS_MAX) this.errors.push(`${this.#fileName}:${line}: ${message}`)
  }

  /** The line of the value, or of the nearest thing around it that is there. */
  #lineOf(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true)
      if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
        continue
      return this.#lines.linePos(Number(node.range[0])).line
    }
    return 1
  }

  #entry(value: unknown, path: Path): Entry {
    if (!isMapping(value)) {
      this.fail(path, `must be a mapping of names to values`)
      return this.#entry({}, path)
    }
    const asked = new Set<string>()
    const member = (name: string): unknown => {
      asked.add(name)
      return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined
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
        for (const name of Object.keys(value))
          if (!asked.has(name)) this.fail(at(name), 'is not a member that is known here')
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

function printPath(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return text === '' ? 'the file ' : `${text.replace(/^\./, '')} `
}
