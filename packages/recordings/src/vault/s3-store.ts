/**
 * A store in an S3 bucket. A part is spooled on the local disk and removed only after the bucket confirmed the upload: its
 * bytes are signed for and carry a SHA-256, and the size is asked for afterwards. Large parts go up in pieces. Whatever
 * cannot be reached or is refused throws `StorageFault('unreachable')`, and whoever published tries again (promise P20).
 */
import { createHash } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import type * as S3 from '@aws-sdk/client-s3'
import type { RawEntry, RawFile, RawStore } from './raw-store.ts'
import { S3Reader } from './s3-reader.ts'
import { parseS3Url, type S3Address } from './s3-url.ts'
import { StorageFault } from './storage-fault.ts'
import { VaultUnusable } from './vault-unusable.ts'

/** Bytes of one piece of an upload, and the largest part that goes up in one: 10,000 pieces make 156 GiB. */
export const PIECE_BYTES: number = 16 << 20
/** How long a connection may take to come about. */
export const CONNECT_MS_MAX = 5_000
/** How long an answer may take to begin, with a piece sent before it over a slow line. */
export const ANSWER_MS_MAX = 60_000
/** Tries of one request before it fails: the SDK waits between them. */
export const TRIES_MAX = 3

const PROBE = 'tandem-probe'
const QUARANTINE = 'quarantine/'

/** Opens a bucket; fails with a `VaultUnusable` when it is not there, not ours to write or not to be reached. */
export async function openS3Store(
  url: string,
  options: { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<S3Store> {
  const address = parseS3Url(url, options.env)
  const store = new S3Store(await import('@aws-sdk/client-s3'), address) // Loaded here: most servers have a folder.
  try {
    await store.probe()
  } catch (error) {
    await store.close()
    throw new VaultUnusable(whyUnusable(error, address), { cause: error })
  }
  return store
}

/** See the head of this file. */
export class S3Store implements RawStore {
  readonly kind = 's3'
  readonly #s3: typeof S3
  readonly #client: S3.S3Client
  readonly #address: S3Address

  constructor(s3: typeof S3, address: S3Address) {
    this.#s3 = s3
    this.#address = address
    this.#client = new s3.S3Client({
      region: address.region,
      credentials: address.credentials,
      forcePathStyle: address.pathStyle,
      maxAttempts: TRIES_MAX,
      // Checksums are ours: trailers in a coding of Amazon's own are not understood by every server.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
      ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint }),
    })
  }

  /** Writes and removes a small object: a bucket that is there may still refuse writes. */
  async probe(): Promise<void> {
    const place = this.#place(PROBE)
    await this.#client.send(new this.#s3.HeadBucketCommand({ Bucket: place.Bucket }))
    await this.#client.send(new this.#s3.PutObjectCommand({ ...place, Body: 'tandem' }))
    await this.#client.send(new this.#s3.DeleteObjectCommand(place))
  }

  async put(partPath: string, key: string): Promise<void> {
    const part = await open(partPath, 'r')
    try {
      const { size } = await part.stat()
      const read = async (start: number): Promise<Buffer> => {
        const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size - start))
        const { bytesRead } = await part.read(piece, 0, piece.length, start)
        if (bytesRead !== piece.length) throw new Error(`${partPath} became shorter while it was read`)
        return piece
      }
      await this.#reach(key, () =>
        size <= PIECE_BYTES ? this.#putWhole(key, read) : this.#putPieces(key, size, read),
      )
      const confirmed = await this.stat(key)
      if (confirmed?.sizeBytes !== size)
        throw new StorageFault('unreachable', `The bucket did not keep ${key} whole: try again.`)
    } finally {
      await part.close()
    }
    await unlink(partPath)
  }

  async open(key: string): Promise<RawFile | undefined> {
    const found = await this.#head(key)
    if (found === undefined) return undefined
    const get = (range: string): Promise<S3.GetObjectCommandOutput> =>
      this.#reach(key, () =>
        // One that was replaced meanwhile is not the one that was opened.
        this.#client.send(
          new this.#s3.GetObjectCommand({ ...this.#place(key), Range: range, IfMatch: found.etag }),
        ),
      )
    return {
      sizeBytes: found.sizeBytes,
      from: (start, end) =>
        new S3Reader(
          { start, end },
          {
            get,
            fault: (error) => unreachable(key, error),
          },
        ),
      close: async () => {},
    }
  }

  async stat(key: string): Promise<{ readonly sizeBytes: number } | undefined> {
    return await this.#head(key)
  }

  async remove(key: string): Promise<void> {
    await this.#reach(key, () => this.#client.send(new this.#s3.DeleteObjectCommand(this.#place(key))))
  }

  async *list(after?: string): AsyncIterable<RawEntry> {
    const { bucket, prefix } = this.#address
    const start = after === undefined ? {} : { StartAfter: `${prefix}${after}` }
    for (let token: string | undefined; ; ) {
      const request = new this.#s3.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...start,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      })
      const page = await this.#reach('its list', () => this.#client.send(request))
      for (const { Key: key = '', Size: sizeBytes = 0, LastModified: at } of page.Contents ?? []) {
        const own = key.slice(prefix.length)
        if (own.startsWith(QUARANTINE) || own === PROBE) continue
        yield { key: own, sizeBytes, modifiedAt: at?.getTime() ?? 0 }
      }
      token = page.NextContinuationToken
      if (token === undefined || page.IsTruncated !== true) return
    }
  }

  async quarantine(key: string): Promise<string | undefined> {
    if ((await this.#head(key)) === undefined) return undefined
    const { Bucket, Key } = this.#place(key)
    const to = this.#place(`${QUARANTINE}${key}`)
    const source = `${Bucket}/${Key}`.split('/').map(encodeURIComponent).join('/')
    await this.#reach(key, () =>
      this.#client.send(new this.#s3.CopyObjectCommand({ ...to, CopySource: source })),
    )
    await this.remove(key)
    return to.Key
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  async #putWhole(key: string, read: (start: number) => Promise<Buffer>): Promise<void> {
    const body = await read(0)
    await this.#client.send(
      new this.#s3.PutObjectCommand({ ...this.#place(key), Body: body, ChecksumSHA256: checksumOf(body) }),
    )
  }

  async #putPieces(key: string, size: number, read: (start: number) => Promise<Buffer>): Promise<void> {
    const place = this.#place(key)
    const begun = await this.#client.send(
      new this.#s3.CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'SHA256' }),
    )
    const upload = { ...place, UploadId: begun.UploadId }
    try {
      const parts: S3.CompletedPart[] = []
      for (let start = 0; start < size; start += PIECE_BYTES) {
        const body = await read(start)
        const number = { PartNumber: parts.length + 1 }
        const checksum = { ChecksumSHA256: checksumOf(body) }
        const done = await this.#client.send(
          new this.#s3.UploadPartCommand({ ...upload, ...number, ...checksum, Body: body }),
        )
        parts.push({ ...number, ...checksum, ETag: done.ETag })
      }
      await this.#client.send(
        new this.#s3.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }),
      )
    } catch (error) {
      // What went up costs money and is of no use; the error that matters is the first.
      await this.#client.send(new this.#s3.AbortMultipartUploadCommand(upload)).catch(() => {})
      throw error
    }
  }

  async #head(key: string): Promise<{ readonly sizeBytes: number; readonly etag: string } | undefined> {
    try {
      const found = await this.#client.send(new this.#s3.HeadObjectCommand(this.#place(key)))
      return { sizeBytes: found.ContentLength ?? 0, etag: found.ETag ?? '*' }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw unreachable(key, error)
    }
  }

  async #reach<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw error instanceof StorageFault ? error : unreachable(key, error)
    }
  }

  #place(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#address.bucket, Key: `${this.#address.prefix}${key}` }
  }
}

function checksumOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64')
}

function unreachable(key: string, cause: unknown): StorageFault {
  const status = statusOf(cause)
  const why = status === undefined ? nameOf(cause) : `status ${status}`
  const message = `The bucket of the vault does not give or take ${key} (${why}): check the S3 server and the way to it.`
  return new StorageFault('unreachable', message, { cause })
}

function statusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } } // The SDK's errors have it.
  return metadata?.httpStatusCode
}

function whyUnusable(error: unknown, { bucket, endpoint = 'Amazon' }: S3Address): string {
  const status = statusOf(error)
  if (status === 404)
    return `The vault's bucket ${bucket} does not exist at ${endpoint}: make it, or name another.`
  if (status === 401 || status === 403) {
    return `The S3 server at ${endpoint} refuses the credentials for the bucket ${bucket}: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and its policy.`
  }
  return `The S3 server at ${endpoint} cannot be used for the bucket ${bucket} (${status ?? nameOf(error)}): check the endpoint and the way to it.`
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.name
}
