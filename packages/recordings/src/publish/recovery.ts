/**
 * What a start does about the run before it (rules R2, R5): finishes every recording of the journal that has no row, puts
 * away what belongs to nothing, reads the newest files back. Repeating it, or dying in the middle of it, does no harm.
 */
import type { Catalogue } from '../catalogue/catalogue.ts'
import type { SettledRecordings } from '../catalogue/settled-recordings.ts'
import type { Part } from '../vault/part-name.ts'
import type { Vault } from '../vault/vault.ts'
import type { Production } from './production.ts'
import type { ReadBack } from './read-back.ts'
import type { SegmentShelf } from './segment-shelf.ts'

/** What recovery found and did. */
export interface Recovery {
  /** Recordings that were finished from the journal: with a row, in their mailbox, or discarded as they were to be. */
  readonly recovered: number
  /** Recordings that were finished already: the crash came after the commit. */
  readonly known: number
  /** Recordings that could not be finished; their journal stays, and they are tried again if that may help. */
  readonly unfinished: number
  readonly quarantinedParts: number
  readonly quarantinedSegments: number
  readonly removedSegments: number
  /** Newest files that were read back, and those of them that are not what was published. */
  readonly verified: number
  readonly damaged: number
}

/** What recovery works with. */
export interface RecoveryParts {
  readonly catalogue: Catalogue
  readonly settled: SettledRecordings
  readonly vault: Vault
  readonly shelf: SegmentShelf
  readonly production: Production
  readonly readBack: ReadBack
}

/** Finishes what an earlier process left. Call it before any recording is made. */
export async function recoverJournal(parts: RecoveryParts): Promise<Recovery> {
  const { settled, vault, shelf, production, readBack } = parts
  shelf.retireAll()
  const found = await vault.parts()
  const finished = await finishAll(parts)
  const quarantinedParts = await quarantine(found, vault, production)
  const { removed, quarantined } = await readBack.tidy(new Set())
  await settled.keepOnly(await shelf.recordings())
  return {
    ...finished,
    quarantinedParts,
    quarantinedSegments: quarantined,
    removedSegments: removed,
    ...(await readBack.verifyNewest()),
  }
}

async function finishAll(
  parts: RecoveryParts,
): Promise<Pick<Recovery, 'recovered' | 'known' | 'unfinished'>> {
  const { shelf, production, readBack } = parts
  const left: string[] = []
  const ids = await shelf.recordings()
  await production.recovering(async () => {
    for (const id of ids) {
      const is = await standing(id, parts)
      if (is === 'published') await readBack.verify(id)
      else if (is === 'settled') readBack.settled(id)
      else {
        left.push(id)
        production.finish(id, 'the server stopped before the call ended')
        await production.idle()
      }
    }
  })
  let recovered = 0
  for (const id of left) if ((await standing(id, parts)) !== 'unfinished') recovered += 1
  return { recovered, known: ids.size - left.length, unfinished: left.length - recovered }
}

async function standing(id: string, parts: RecoveryParts): Promise<'published' | 'settled' | 'unfinished'> {
  if (await parts.catalogue.has(id)) return 'published'
  // One that was erased while its journal was still there is not made again (promise P16).
  const isDone = (await parts.settled.has(id)) || (await parts.vault.isErased(id))
  return isDone ? 'settled' : 'unfinished'
}

/** Puts the parts away that were there before and that no recording of the journal has taken up. */
async function quarantine(found: readonly Part[], vault: Vault, production: Production): Promise<number> {
  const left = new Set((await vault.parts()).map((part) => part.name))
  // A part whose recording is tried again is made anew then.
  const orphans = found.filter((part) => left.has(part.name) && !production.isMaking(part.id))
  for (const part of orphans) await vault.quarantinePart(part)
  return orphans.length
}
