/** The entry of the calls thread: makes the node with the real engine, passes orders in and reports out. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '@tandem/base'
import { Engine } from '@tandem/engine'
import { compactHeap } from '../compact-heap.ts'
import { portLogger } from '../media/port-logger.ts'
import { StartError } from '../start-error.ts'
import { startCallNode } from './call-node.ts'
import type { CallNodeOptions, CallsOrder, CallsReport } from './calls-message.ts'

assert(parentPort !== null, 'the calls thread is a worker thread')
const port = parentPort
const options = workerData as CallNodeOptions // Made by `startCalls`, the only one who starts this file.

/** How long events gather: waking the main thread costs more than what it is told, and no one waits for them. */
const GATHER_MS = 5

let reports: CallsReport[] = []
let gathering: NodeJS.Timeout | undefined
let leaving = false

/** Reports leave in their order: at the end of this turn when somebody waits for one, else with what gathers meanwhile. */
function report(message: CallsReport): void {
  reports.push(message)
  if (leaving) return
  if (message.kind === 'event') {
    gathering ??= setTimeout(flush, GATHER_MS)
    return
  }
  leaving = true
  setImmediate(flush)
}

function flush(): void {
  clearTimeout(gathering)
  gathering = undefined
  leaving = false
  if (reports.length === 0) return
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
  compactHeap()
  report({ kind: 'ready', addresses: node.addresses })
} catch (error) {
  if (!(error instanceof StartError)) throw error
  report({ kind: 'unable', why: error.message })
}
