/**
 * Reads the JSON of a request as a directory file is read, so that the API has the file's rules and none of its own.
 * Members that nobody asks for are ignored (contract README §1), and ids are not there: the server gives them.
 */
import { DocumentReader, type Entry, type Path, placeOf } from './entry-reader.ts'

/** What only the server says, whatever a body holds. */
const HIDDEN: ReadonlySet<string> = new Set(['id', 'orgId', 'managedBy'])

/** A body being read. */
export class JsonReader extends DocumentReader {
  override readonly top: Entry

  constructor(value: unknown) {
    super()
    this.top = this.entryOf(value, [])
  }

  protected override note(path: Path, message: string): void {
    this.errors.push(`${path.length === 0 ? 'the body' : placeOf(path)} ${message}`)
  }

  protected override noteConflict({
    field,
    value,
  }: {
    readonly field: string
    readonly value: string
  }): void {
    this.errors.push(`${field} ${value} belongs to another entry of the directory already`)
  }

  protected override noteWhole(sentence: string): void {
    this.errors.push(sentence)
  }

  protected override unknown(): void {}

  protected override hides(name: string): boolean {
    return HIDDEN.has(name)
  }
}
