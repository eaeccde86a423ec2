/**
 * Just enough of S3 for tests of the store, inside of the process: put, get of a range, head, delete, copy, list in pages,
 * uploads in pieces. It checks the SHA-256 of every body and can be made to fail; it proves nothing of real servers, for
 * which the same suite runs against an endpoint given by the environment.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Objects in one page of a list: few, so that tests see several pages. */
export const FAKE_PAGE = 3

type Answer = {
  readonly status: number
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}
type Stored = { readonly bytes: Buffer; readonly at: Date }

/** See the head of this file. */
export class S3Fake {
  readonly objects: Map<string, Stored> = new Map()
  /** What was asked, without queries. */
  readonly log: string[] = []
  /** Answers instead of the server when it gives something. */
  fault: ((request: IncomingMessage) => Answer | undefined) | undefined
  readonly #server: Server
  readonly #uploads = new Map<string, Map<number, Buffer>>()

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  /** Listens on a free port of the loopback interface. */
  static async start(): Promise<S3Fake> {
    const fake = new S3Fake()
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` // It listens on TCP.
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Uploads that were begun and neither completed nor given up. */
  get openUploads(): number {
    return this.#uploads.size
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://s3')
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
    this.log.push(`${request.method} ${decodeURIComponent(url.pathname)}`)
    const answer = this.fault?.(request) ?? this.#answer(request, url, body)
    const length = request.method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(answer.body ?? '') }
    response.writeHead(answer.status, { ...length, ...answer.headers })
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  }

  #answer(request: IncomingMessage, url: URL, body: Buffer): Answer {
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
    const key = rest.join('/')
    if (bucket !== 'tape') return { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }
    if (!this.#isWhole(request, body)) return { status: 400, body: '<Error><Code>BadDigest</Code></Error>' }
    const upload = url.searchParams.get('uploadId')
    if (upload !== null || url.searchParams.has('uploads'))
      return this.#multipart(request, url, { key, body })
    switch (request.method) {
      case 'PUT':
        return this.#put(key, copied(request, this.objects) ?? body)
      case 'GET':
        return key === '' ? this.#list(url.searchParams) : this.#get(request, key)
      case 'HEAD':
        return key === '' ? { status: 200 } : this.#get(request, key)
      case 'DELETE':
        this.objects.delete(key)
        return { status: 204 }
    }
    return { status: 405 }
  }

  #isWhole(request: IncomingMessage, body: Buffer): boolean {
    const signed = request.headers['x-amz-content-sha256']
    const checksum = request.headers['x-amz-checksum-sha256']
    const sha256 = createHash('sha256').update(body)
    const hex = sha256.copy().digest('hex')
    if (signed !== hex) return false
    return checksum === undefined || checksum === sha256.digest('base64')
  }

  #put(key: string, bytes: Buffer): Answer {
    this.objects.set(key, { bytes, at: new Date() })
    return { status: 200, body: '<CopyObjectResult/>', headers: { etag: etagOf(bytes) } }
  }

  #get(request: IncomingMessage, key: string): Answer {
    const found = this.objects.get(key)
    if (found === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    const { bytes, at } = found
    const headers = { etag: etagOf(bytes), 'last-modified': at.toUTCString() }
    const match = request.headers['if-match']
    if (match !== undefined && match !== headers.etag) return { status: 412 }
    if (request.method === 'HEAD')
      return { status: 200, headers: { ...headers, 'content-length': `${bytes.length}` } }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    if (range === null) return { status: 200, body: bytes, headers }
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)]
    if (start >= bytes.length) return { status: 416 }
    const named = { ...headers, 'content-range': `bytes ${start}-${end}/${bytes.length}` }
    return { status: 206, body: bytes.subarray(start, end + 1), headers: named }
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const page = keys.slice(0, FAKE_PAGE)
    const contents = page.map((key) => {
      const { bytes, at } = this.objects.get(key) as Stored // It was just listed.
      return `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><LastModified>${at.toISOString()}</LastModified></Contents>`
    })
    const more = keys.length > page.length
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><ListBucketResult>${contents.join('')}<IsTruncated>${more}</IsTruncated>${next}</ListBucketResult>`,
    }
  }

  #multipart(request: IncomingMessage, url: URL, { key, body }: { key: string; body: Buffer }): Answer {
    const id = url.searchParams.get('uploadId') ?? `upload-${this.log.length}`
    const pieces = this.#uploads.get(id) ?? new Map<number, Buffer>()
    if (url.searchParams.has('uploads')) {
      this.#uploads.set(id, pieces)
      const xml = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`
      return { status: 200, body: xml, headers: { 'content-type': 'application/xml' } }
    }
    if (request.method === 'PUT') {
      pieces.set(Number(url.searchParams.get('partNumber')), body)
      return { status: 200, headers: { etag: etagOf(body) } }
    }
    this.#uploads.delete(id)
    if (request.method === 'DELETE') return { status: 204 }
    const bytes = Buffer.concat([...pieces].toSorted(([a], [b]) => a - b).map(([, piece]) => piece))
    this.#put(key, bytes)
    const xml = `<CompleteMultipartUploadResult><ETag>${etagOf(bytes)}</ETag></CompleteMultipartUploadResult>`
    return { status: 200, body: xml, headers: { 'content-type': 'application/xml' } }
  }
}

function copied(request: IncomingMessage, objects: ReadonlyMap<string, Stored>): Buffer | undefined {
  const source = request.headers['x-amz-copy-source']
  if (typeof source !== 'string') return undefined
  return objects.get(decodeURIComponent(source).replace(/^\/?tape\//, ''))?.bytes
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}
