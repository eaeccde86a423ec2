/**
 * The process that the harness kills: a data folder opened with the real library, told what to do by lines on stdin, and
 * a ledger line on descriptor 3 after each acknowledgement. `node worker.ts DATA_FOLDER SCRATCH_FOLDER [still]`; the
 * scratch folder, with the files to be imported, lies on a disk that no fault touches; `still`: its jobs do not run.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Command, LEDGER_FD, type LedgerLine } from './protocol.ts'
import { plantInThreads } from './seed-bug.ts'

const [dataFolder, scratch, still] = process.argv.slice(2)
if (dataFolder === undefined || scratch === undefined) throw new Error('worker.ts DATA_FOLDER SCRATCH_FOLDER')

function tell(line: LedgerLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(LEDGER_FD, bytes, at)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error // The pipe is full.
    }
  }
}

const begunAt = performance.now()
plantInThreads()
const { openHouse } = await import('./house.ts') // After the planting: it loads the store.
const house = await openHouse(dataFolder, scratch, { jobs: still === undefined })
tell({ k: 'ready', ms: Math.round(performance.now() - begunAt) })

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command // From the harness.
  if (command.c === 'close') break
  if (command.c === 'report') {
    const { reportOf } = await import('./report.ts')
    tell({ k: 'report', report: await reportOf(house, command) })
  } else {
    const { Work } = await import('./work.ts')
    const work = new Work(house, command, tell)
    const counts = await work.run()
    if (command.stop) {
      tell({ k: 'stopping' })
      process.kill(process.pid, 'SIGSTOP')
    }
    tell({ k: 'worked', ...counts })
  }
}
await house.close()
process.exit(0)
