/**
 * A part being written at once, byte for byte as it is made: for an encoding thread, which has nothing else to do. `finish`
 * proves it: its length is checked and all of it read back, opened and compared with what was given (storage rule R2; the
 * store syncs it before it gets its name). With encryption on no plain audio touches the disk.
 */
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { ChunkPlan } from './chunk-plan.ts'
import { PartBuilder, type PartForm, type Placed } from './part-builder.ts'
import { listPath } from './part-name.ts'
import { SEALED_HEADER_BYTES, SealedForm, sealedSpan } from './sealed-form.ts'

/** A part that is whole and closed. */
export interface WrittenPart {
  /** Of the content. */
  readonly sizeBytes: number
  /** Of the content, lower-case hex. */
  readonly sha256: string
}

/** Writes one part. After an error it can only be closed. */
export class PartWriter {
  readonly #path: string
  readonly #builder: PartBuilder
  readonly #headBytes: number
  #fd: number

  /** Begins the part anew, whatever an earlier attempt left. `headBytes` before the content are given at the end. */
  constructor(path: string, form: PartForm, headBytes: number = 0) {
    this.#path = path
    this.#headBytes = headBytes
    this.#builder = new PartBuilder(form, headBytes)
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
  }

  /** Of the content so far, the head included. */
  get sizeBytes(): number {
    return this.#builder.sizeBytes
  }

  /** Appends content. It is kept for a while: hand over what nobody will write to. */
  append(bytes: Uint8Array): void {
    this.#write(this.#builder.add(bytes))
  }

  /** Ends the part and proves it. */
  finish(head: Uint8Array = new Uint8Array(0)): WrittenPart {
    this.#write(this.#builder.end(head))
    const { storedBytes, sizeBytes } = this.#builder
    const found = fstatSync(this.#fd).size
    if (found !== storedBytes)
      throw diskError(`${this.#path} has ${found} bytes where ${storedBytes} were written`)
    const sha256 = this.#prove()
    const list = this.#builder.list(sha256)
    if (list !== undefined) writeList(listPath(this.#path), list)
    this.close()
    return { sizeBytes, sha256 }
  }

  /** Lets go of the file, which stays where it is. Safe to call twice. */
  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #write(placed: readonly Placed[]): void {
    for (const { position, bytes } of placed) writeAll(this.#fd, bytes, position, this.#path)
  }

  /** Reads the file back as a reader will; what was added must come out. Returns the hash of the whole content. */
  #prove(): string {
    const whole = createHash('sha256')
    const body = createHash('sha256')
    const plan = new ChunkPlan(this.#builder.sizeBytes, this.#headBytes)
    const sealed = this.#reopened()
    for (let index = 0; index < plan.count; index++) {
      const plain = this.#readChunk(plan, index, sealed)
      whole.update(plain)
      if (index > 0 || this.#headBytes === 0) body.update(plain)
    }
    if (!body.digest().equals(this.#builder.bodyDigest())) throw this.#differs()
    return whole.digest('hex')
  }

  #reopened(): SealedForm | undefined {
    const { form } = this.#builder
    if (form.kind !== 'sealed') return undefined
    const header = this.#read({ start: 0, bytes: SEALED_HEADER_BYTES })
    const sealed = SealedForm.read(header, form.dataKey, form.objectName)
    if (sealed === undefined) throw this.#differs()
    return sealed
  }

  #readChunk(plan: ChunkPlan, index: number, sealed: SealedForm | undefined): Uint8Array {
    if (sealed !== undefined) {
      const plain = sealed.open(index, this.#read(sealedSpan(plan, index)), plan.isLast(index))
      if (plain === undefined) throw this.#differs()
      return plain
    }
    const start = plan.startOf(index)
    return this.#read({ start, bytes: plan.endOf(index) - start })
  }

  #read(span: { readonly start: number; readonly bytes: number }): Uint8Array {
    const buffer = Buffer.allocUnsafe(span.bytes)
    for (let done = 0; done < buffer.length; ) {
      const bytes = readSync(this.#fd, buffer, done, buffer.length - done, span.start + done)
      if (bytes === 0) throw this.#differs()
      done += bytes
    }
    return buffer
  }

  #differs(): Error {
    return diskError(`${this.#path} reads back differently from what was written`)
  }
}

/** Writes a small file beside a part; both are synced by the store that takes them. */
function writeList(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600)
  try {
    writeAll(fd, bytes, 0, path)
  } finally {
    closeSync(fd)
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(fd, bytes, done, bytes.length - done, position + done)
    if (written === 0) throw diskError(`short write to ${path}`)
    done += written
  }
}

/** Another try may work: the disk is at fault, not what was to be written. */
function diskError(message: string): Error {
  return Object.assign(new Error(message), { code: 'EIO' })
}
