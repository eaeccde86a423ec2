/**
 * `PUT /tandem/v1/directory`: a directory file of one organisation, the caller's own, applied whole or not at all. What it
 * makes stays open to the API; what another file manages it may name, but not change.
 */
import { ROUTES } from '@tandem/contract'
import { decodeUtf8 } from '../body.ts'
import { Failure, invalid } from '../failure.ts'
import { acting, noted } from '../library/acting.ts'
import type { ApiRequest, Operation } from '../operation.ts'
import type { IncomingBody } from '../request-body.ts'

/** Largest file by this way, in bytes: some 5,000 people. Larger ones are for `tandem directory apply`. */
const APPLY_BYTES_MAX = 1_024 * 1_024
const TYPES: readonly string[] = ROUTES.applyDirectory.bodyTypes

/** Applies a directory file. */
export const applyDirectoryOperation: Operation = {
  id: 'applyDirectory',
  answer: 'DirectoryApplied',
  takes: 'stream',
  async run(request, services) {
    const dryRun = request.query.boolean('dryRun') ?? false
    const prune = request.query.boolean('prune') ?? false
    const actor = acting(request, 'applyDirectory')
    return noted(services, { actor, operation: 'applyDirectory' }, async () => {
      // A file holds people and everything else, and so does what it needs.
      if (!request.caller.scopes.has('spark-admin:telephony_config_write'))
        throw new Failure(
          'scope_missing',
          'A directory file needs spark-admin:people_write and spark-admin:telephony_config_write',
        )
      const text = await readText(request)
      const { changes, left } = await services.directory.apply(actor, text, { dryRun, prune })
      return { body: { dryRun, changes, left } }
    })
  },
}

/** The file. JSON is YAML too, so that every type that is taken is read alike. */
async function readText({ body, contentType }: ApiRequest): Promise<string> {
  const incoming = body as IncomingBody | undefined // What `takes` says; nothing at all without a body.
  const pieces: Uint8Array[] = []
  let bytes = 0
  if (incoming?.bytes !== undefined)
    for await (const piece of incoming.bytes) {
      bytes += piece.length
      if (bytes > APPLY_BYTES_MAX)
        throw new Failure('body_too_large', 'A directory file by this way has at most 1 MiB')
      pieces.push(piece)
    }
  if (bytes === 0) throw invalid('the body', 'must be a directory file')
  if (!TYPES.includes(contentType))
    throw new Failure('unsupported_media_type', `The body must be sent as ${TYPES.join(', ')}`)
  return decodeUtf8(Buffer.concat(pieces))
}
