/** The entry of a media worker's thread: makes the worker, and passes orders in and reports out. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '@tandem/base'
import { compactHeap } from '../compact-heap.ts'
import { openJournalFolder } from '../journal/journal-folder.ts'
import { StartError } from '../start-error.ts'
import { MediaWorker } from './media-worker.ts'
import { portLogger } from './port-logger.ts'
import { preferThisThread } from './thread-priority.ts'
import type { MediaWorkerData, WorkerOrder, WorkerReport } from './worker-message.ts'

assert(parentPort !== null, 'a media worker runs in a worker thread')
const port = parentPort
const data = workerData as MediaWorkerData // Made by `WorkerMediaPort`, the only one who starts this file.

function report(message: WorkerReport): void {
  port.postMessage(message)
}

try {
  const folder = await openJournalFolder(data.journalFolder)
  const logger = portLogger((level, message, fields) => report({ kind: 'log', level, message, fields }))
  const worker = new MediaWorker({ data, folder, report, logger })
  if (await worker.start()) {
    const preferred = preferThisThread()
    logger.debug('A media worker has started', { worker: data.worker, preferred })
    port.on('message', (orders: readonly WorkerOrder[]) => {
      for (const order of orders) worker.take(order)
    })
    compactHeap()
    report({ kind: 'ready' })
  } else {
    const { min, max } = data.range
    report({
      kind: 'unable',
      why: `Cannot bind a single RTP port pair between ${min} and ${max}: check the media address, or choose another range.`,
    })
  }
} catch (error) {
  if (!(error instanceof StartError)) throw error
  report({ kind: 'unable', why: error.message })
}
