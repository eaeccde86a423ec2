/** The state of the store of recordings, and the word that its clock is right (promises P5, P16). */
import { printMilliseconds, type StorageReport } from '@tandem/contract'
import type { Operation, Services } from '../operation.ts'
import { acting } from './acting.ts'

/** `GET /tandem/v1/storage`: of damage, what the own organisation has; the rest is everybody's. */
export const getStorage: Operation = {
  id: 'getStorage',
  answer: 'StorageReport',
  async run(request, services) {
    const { scrub, keptTime, ...state } = await services.recordings.storage()
    const { since, lastCompleted, checkedFiles, checkedBytes } = scrub
    const body: StorageReport = {
      ...state,
      keptTime: printMilliseconds(keptTime),
      scrub: {
        ...(since === undefined ? {} : { since: printMilliseconds(since) }),
        checkedFiles,
        checkedBytes,
        ...(lastCompleted === undefined ? {} : { lastCompleted: printMilliseconds(lastCompleted) }),
        damaged: await ownDamage(services, request.caller.orgId, scrub.damaged),
      },
    }
    return { body }
  },
}

/** `POST /tandem/v1/storage/acceptClock`; the kept time writes it down. */
export const acceptClock: Operation = {
  id: 'acceptClock',
  async run(request, services) {
    await services.recordings.keptTime.accept(acting(request, 'acceptClock'))
    return {}
  },
}

/** Nobody learns of recordings of another organisation, be they damaged. */
async function ownDamage(
  services: Services,
  orgId: string,
  damaged: Awaited<ReturnType<Services['recordings']['storage']>>['scrub']['damaged'],
): Promise<StorageReport['scrub']['damaged']> {
  const own: StorageReport['scrub']['damaged'] = []
  for (const { recordingId, file, foundAt } of damaged)
    if ((await services.recordings.get(orgId, recordingId)) !== undefined)
      own.push({ recordingId, file, found: printMilliseconds(foundAt) })
  return own
}
