/** The entry of the calls thread: makes the node with the real engine, passes orders in and reports out. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '@tandem/base'
import { Engine } from '@tandem/engine'
import { portLogger } from '../media/port-logger.ts'
import { StartError } from '../start-error.ts'
import { startCallNode } from './call-node.ts'
import type { CallNodeOptions, CallsOrder, CallsReport } from './calls-message.ts'

assert(parentPort !== null, 'the calls thread is a worker thread')
const port = parentPort
const options = workerData as CallNodeOptions // Made by `startCalls`, the only one who starts this file.

let reports: CallsReport[] = []

/** Reports of one turn of the event loop go together: a message between threads costs more than what is in it. */
function report(message: CallsReport): void {
  if (reports.push(message) === 1) setImmediate(flush)
}

function flush(): void {
  const turn = reports
  reports = []
  port.postMessage(turn)
}

try {
  const node = await startCallNode({
    options,
    engine: (engineOptions) => new Engine(engineOptions),
    report,
    logger: portLogger((level, message, fields) => report({ kind: 'log', level, message, fields })),
  })
  port.on('message', (order: CallsOrder) => node.take(order))
  report({ kind: 'ready', addresses: node.addresses })
} catch (error) {
  if (!(error instanceof StartError)) throw error
  report({ kind: 'unable', why: error.message })
}
