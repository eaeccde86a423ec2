/**
 * What to write where, so that content becomes a stored file: cuts it into chunks as it comes, seals or hashes each when
 * it is full, and holds the head back until the end. It does no input or output itself, so that an encoding thread may
 * write at once and the main thread may wait (part-writer.ts, part-stream.ts).
 */
import { createHash, type Hash, hash } from 'node:crypto'
import { CHUNK_BYTES, CHUNKS_MAX, ChunkPlan } from './chunk-plan.ts'
import { ChunkList } from './hashed-form.ts'
import { SEALED_HEADER_BYTES, SealedForm, TAG_BYTES } from './sealed-form.ts'

/** The form that a part gets. `objectName` is what its chunks are bound to. */
export type PartForm =
  | { readonly kind: 'sealed'; readonly objectName: string; readonly dataKey: Uint8Array }
  | { readonly kind: 'hashed'; readonly objectName: string }
  /** Plain and without a list: a message that leaves for its mailbox. */
  | { readonly kind: 'bare' }

/** Bytes and where they belong in the file. */
export interface Placed {
  readonly position: number
  readonly bytes: Uint8Array
}

/** Builds one part. Give it content with `add`, in order, and what stands before it with `end`. */
export class PartBuilder {
  readonly form: PartForm
  readonly #headBytes: number
  readonly #sealed: SealedForm | undefined
  readonly #hashes: Uint8Array[] = []
  readonly #body: Hash | undefined
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #bodyBytes = 0
  #next: number

  /**
   * `headBytes` of content stand before what is added, and are known at the end. `hashed` false: whoever adds knows the hash
   * of the content, and nobody asks for `bodyDigest`.
   */
  constructor(form: PartForm, headBytes: number, { hashed = true }: { readonly hashed?: boolean } = {}) {
    this.form = form
    this.#headBytes = headBytes
    this.#next = headBytes === 0 ? 0 : 1
    this.#body = hashed ? createHash('sha256') : undefined
    if (form.kind === 'sealed') this.#sealed = SealedForm.create(form.dataKey, form.objectName, headBytes)
  }

  /** Of the content so far, the head included. */
  get sizeBytes(): number {
    return this.#headBytes + this.#bodyBytes
  }

  /** Takes content; it is kept, so hand over what nobody will write to. A full chunk waits until it is not the last. */
  add(bytes: Uint8Array): readonly Placed[] {
    if (bytes.length === 0) return []
    this.#body?.update(bytes)
    this.#bodyBytes += bytes.length
    this.#gathered.push(bytes)
    this.#gatheredBytes += bytes.length
    const placed: Placed[] = []
    while (this.#gatheredBytes > CHUNK_BYTES) placed.push(this.#chunk(this.#cut(CHUNK_BYTES), false))
    return placed
  }

  /** Ends the content. `head` has exactly the bytes that were left out. */
  end(head: Uint8Array): readonly Placed[] {
    if (head.length !== this.#headBytes) throw new RangeError('the head has another length than was said')
    const placed: Placed[] = []
    const headIsAll = this.#headBytes > 0 && this.#bodyBytes === 0
    if (!headIsAll) placed.push(this.#chunk(this.#cut(this.#gatheredBytes), true))
    if (this.#headBytes > 0) placed.push(this.#place(0, head, headIsAll))
    if (this.#sealed !== undefined) placed.push({ position: 0, bytes: this.#sealed.header })
    return placed
  }

  /** SHA-256 of what was added, without the head. Once, at the end. */
  bodyDigest(): Buffer {
    if (this.#body === undefined) throw new TypeError('this part was not to be hashed')
    return this.#body.digest()
  }

  /** How long the file on disk is. */
  get storedBytes(): number {
    const { count } = this.#plan
    return this.#sealed === undefined
      ? this.sizeBytes
      : SEALED_HEADER_BYTES + this.sizeBytes + count * TAG_BYTES
  }

  /** The list to be put beside the file when its form has one. `sha256` is that of the whole content. */
  list(sha256: string): Buffer | undefined {
    if (this.form.kind !== 'hashed') return undefined
    return ChunkList.write({
      objectName: this.form.objectName,
      plan: this.#plan,
      sha256,
      hashes: this.#hashes,
    })
  }

  get #plan(): ChunkPlan {
    return new ChunkPlan(this.sizeBytes, this.#headBytes)
  }

  #chunk(plain: Uint8Array, isLast: boolean): Placed {
    const index = this.#next++
    if (index >= CHUNKS_MAX) throw new RangeError('a stored file has no more than 256 TiB')
    return this.#place(index, plain, isLast)
  }

  #place(index: number, plain: Uint8Array, isLast: boolean): Placed {
    const start = new ChunkPlan(this.sizeBytes, this.#headBytes).startOf(index)
    if (this.form.kind === 'hashed') this.#hashes[index] = hash('sha256', plain, 'buffer')
    if (this.#sealed === undefined) return { position: start, bytes: plain }
    const position = SEALED_HEADER_BYTES + start + index * TAG_BYTES
    return { position, bytes: this.#sealed.seal(index, plain, isLast) }
  }

  /** Takes so many of the gathered bytes away. */
  #cut(bytes: number): Uint8Array {
    const all =
      this.#gathered.length === 1 ? (this.#gathered[0] as Uint8Array) : Buffer.concat(this.#gathered)
    const rest = all.subarray(bytes)
    this.#gathered = rest.length === 0 ? [] : [rest]
    this.#gatheredBytes = rest.length
    return all.subarray(0, bytes)
  }
}
