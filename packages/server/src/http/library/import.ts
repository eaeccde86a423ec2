/**
 * Imports (contract README §11), for administrators: begun here, filled by `import-upload.ts`, looked at, given up. What
 * is created, fails or is given up is written down by the imports themselves.
 */
import { LIBRARY_PER_PAGE_MAX } from '@tandem/contract'
import { ImportFault } from '@tandem/recordings'
import { Failure, invalid } from '../failure.ts'
import type { Operation } from '../operation.ts'
import { acting, noted } from './acting.ts'
import { importRequest } from './import-request.ts'
import { importOf } from './import-view.ts'
import { pageLink, wantedPage } from './list-page.ts'
import { TRANSCRIPT_BODY_BYTES_MAX } from './transcript-change.ts'

/** `POST /tandem/v1/imports`. Of a hash that is there already the import is over at once, a duplicate. */
export const createImport: Operation = {
  id: 'createImport',
  answer: 'RecordingImport',
  bodyBytesMax: TRANSCRIPT_BODY_BYTES_MAX, // It may bring the transcript with it.
  async run(request, services) {
    const actor = acting(request, 'createImport')
    return noted(services, { actor, operation: 'createImport' }, async () => {
      const wanted = await importRequest(request, services)
      try {
        return { body: importOf(await services.recordings.imports.create(actor, wanted)) }
      } catch (error) {
        throw error instanceof ImportFault ? invalid('the import', `cannot begin: ${error.message}`) : error
      }
    })
  },
}

/** `GET /tandem/v1/imports`. */
export const listImports: Operation = {
  id: 'listImports',
  answer: 'RecordingImportList',
  async run(request, services) {
    const wanted = wantedPage(request.query, { usual: LIBRARY_PER_PAGE_MAX, most: LIBRARY_PER_PAGE_MAX })
    const { imports, audit } = services.recordings
    const page = await imports.list(request.caller.orgId, wanted)
    audit.addSoon({
      actor: acting(request, 'listImports'),
      action: 'import.listed',
      detail: { count: page.items.length },
    })
    const headers = pageLink(request, services, { operation: 'listImports', page, names: [] })
    return { body: { items: page.items.map(importOf) }, headers }
  },
}

/** `GET /tandem/v1/imports/{importId}`. */
export const getImport: Operation = {
  id: 'getImport',
  answer: 'RecordingImport',
  async run(request, services) {
    const found = await services.recordings.imports.get(
      request.caller.orgId,
      request.params['importId'] ?? '',
    )
    if (found === undefined) throw new Failure('import_not_found')
    return { body: importOf(found) }
  },
}

/** `DELETE /tandem/v1/imports/{importId}`: what was received of it is thrown away. */
export const cancelImport: Operation = {
  id: 'cancelImport',
  async run(request, services) {
    const actor = acting(request, 'cancelImport')
    return noted(services, { actor, operation: 'cancelImport' }, async () => {
      const outcome = await services.recordings.imports.cancel(actor, request.params['importId'] ?? '')
      if (outcome === 'missing') throw new Failure('import_not_found')
      if (outcome === 'conflict') throw new Failure('import_state_conflict')
      return {}
    })
  },
}
