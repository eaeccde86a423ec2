/**
 * Reads a YAML file into checked values and remembers where everything stood, so that an error can name its line and
 * field. Errors are collected, not thrown one by one: the operator sees all of them at once, up to a limit.
 */
import { LineCounter, parseDocument } from 'yaml'
import { DocumentReader, type Entry, type Path, placeOf } from './entry-reader.ts'

/** Most errors reported for one file; after that the first ones are the ones to mend. */
export const ERRORS_MAX = 20

/** A file being read. */
export class YamlReader extends DocumentReader {
  override readonly top: Entry
  readonly #fileName: string
  readonly #lines = new LineCounter()
  readonly #document: ReturnType<typeof parseDocument>

  constructor(text: string, fileName: string) {
    super()
    this.#fileName = fileName
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true })
    for (const error of this.#document.errors) {
      const { line } = this.#lines.linePos(error.pos[0])
      this.#add(line, (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, ''))
    }
    this.top = this.entryOf(this.errors.length > 0 ? {} : this.#plain(), [])
  }

  protected override note(path: Path, message: string): void {
    this.#add(this.#lineOf(path), `${path.length === 0 ? 'the file' : placeOf(path)} ${message}`)
  }

  protected override noteConflict({ what, value }: { readonly what: string; readonly value: string }): void {
    // One is enough: what an entry has to do with others is seen best by looking at one of them.
    if (this.errors.length > 0) return
    this.#add(1, `the file would give the ${what} ${value} to two entries; one of them is not in this file`)
  }

  protected override noteWhole(sentence: string): void {
    this.#add(1, sentence)
  }

  protected override unknown(path: Path): void {
    this.fail(path, 'is not a member that is known here')
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
}
