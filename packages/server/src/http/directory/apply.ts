/**
 * `PUT /tandem/v1/directory`: a directory file of one organisation, the caller's own, applied whole or not at all. What it
 * makes stays open to the API; what another file manages it may name, but not change.
 */
import { Failure } from '../failure.ts'
import { acting, noted } from '../library/acting.ts'
import type { Operation } from '../operation.ts'

/** Largest file by this way, in bytes: some 5,000 people. Larger ones are for `tandem directory apply`. */
const APPLY_BYTES_MAX = 1_024 * 1_024

/** Applies a directory file. */
export const applyDirectoryOperation: Operation = {
  id: 'applyDirectory',
  answer: 'DirectoryApplied',
  takes: 'text',
  bodyBytesMax: APPLY_BYTES_MAX,
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
      // JSON is YAML: what came as JSON is read as the same file.
      const text = typeof request.body === 'string' ? request.body : JSON.stringify(request.body)
      const { changes, left } = await services.directory.apply(actor, text, { dryRun, prune })
      return { body: { dryRun, changes, left } }
    })
  },
}
