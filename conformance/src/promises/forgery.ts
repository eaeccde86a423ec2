/**
 * Promise P17: exports of recordings and of the audit log are changed at random (flipped, overwritten, cut, doubled,
 * swapped) and handed to the verifier, which must refuse every one of them and pass what nobody touched.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '@tandem/testing'
import { verifyExport } from '../../../packages/cli/src/verify/verify-export.ts'
import { tampered } from '../../../packages/recordings/src/evidence/tampering.ts'
import type { Actor } from '../../../packages/recordings/src/library.ts'
import type { Finding } from './finding.ts'
import { type House, openHouse } from './house.ts'
import { ORG } from './protocol.ts'
import { furnish } from './rot.ts'

const OFFICER: Actor = { orgId: ORG, personId: 'officer', as: 'complianceOfficer' }
const RECORDINGS = 4
/** Everything done to a recording must be in the log. */
const TOUCHED = ['recording.imported', 'recording.exported', 'recording.softDeleted', 'recording.restored']

/** Forges so often. */
export async function forge(
  rounds: number,
  random: Random,
  until: number = Number.POSITIVE_INFINITY,
): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-forgery-'))
  const house = await openHouse(join(folder, 'data'), join(folder, 'scratch'), { jobs: false })
  const faults: string[] = []
  try {
    const originals = await originalsOf(house)
    const path = join(folder, 'forged')
    for (const [name, bytes] of originals) {
      writeFileSync(path, bytes)
      const found = verifyExport(path).faults
      if (found.length > 0) faults.push(`${name}, untouched, is refused: ${found[0]}`)
    }
    const names = [...originals.keys()]
    let [done, detected] = [0, 0]
    while (done < rounds && performance.now() < until) {
      const name = random.pick(names)
      const change = tampered(random, originals.get(name) as Buffer) // One of its keys.
      if (change === undefined) continue
      done++
      writeFileSync(path, change.bytes)
      if (isRefused(path)) detected++
      else faults.push(`${name}: ${change.how} passes`)
    }
    const untold = await untoldActions(house)
    faults.push(...untold)
    return {
      promise: 'P17',
      did: 'exports and audit logs changed, dropped, swapped, cut',
      reached: `${detected} of ${done} detected, ${originals.size} untouched pass`,
      asked: '10,000 of 10,000 detected, untouched 100 % pass',
      load: done,
      loadMin: 10_000,
      faults,
    }
  } finally {
    await house.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** By name: an archive of each recording, and the log. */
async function originalsOf(house: House): Promise<ReadonlyMap<string, Buffer>> {
  const { recordings } = house
  const ids = await furnish(house, RECORDINGS)
  await recordings.lifecycle.move(OFFICER, 'softDelete', { ids })
  await recordings.lifecycle.move(OFFICER, 'restore', { ids })
  const originals = new Map<string, Buffer>()
  for (const id of ids) {
    const stream = await recordings.evidence.export(OFFICER, id)
    if (stream === undefined) throw new Error(`${id} cannot be exported`)
    originals.set(`export of ${id}`, Buffer.concat(await stream.toArray()))
  }
  const items = await Array.fromAsync(recordings.audit.export(ORG, 0, Number.MAX_SAFE_INTEGER))
  originals.set('audit log', Buffer.from(items.map((item) => `${JSON.stringify(item)}\n`).join('')))
  return originals
}

async function untoldActions({ recordings }: House): Promise<readonly string[]> {
  const { items } = await recordings.audit.list(ORG, { max: 1_000 })
  return TOUCHED.filter((action) => items.filter((row) => row.action === action).length !== RECORDINGS).map(
    (action) => `the log does not tell of every ${action}`,
  )
}

function isRefused(path: string): boolean {
  try {
    return verifyExport(path).faults.length > 0
  } catch {
    return true // It cannot be read at all.
  }
}
