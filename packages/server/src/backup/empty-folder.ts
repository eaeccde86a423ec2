/** The data folder of a restore: nothing but a key file is in it before, and nothing else after one that failed. */
import * as disk from 'node:fs/promises'
import { join } from 'node:path'
import { StartFailure } from '../start-failure.ts'
import { absent, reasonOf } from './disk.ts'

/**
 * Makes it, or finds it empty: a restore never mixes with what is there, and a key file that the operator has put there is
 * no mixture. Throws `StartFailure`.
 */
export async function emptyFolder(folder: string): Promise<void> {
  const names = await disk.readdir(folder).catch(absent)
  const keys = names?.includes('keys') === true ? await disk.readdir(join(folder, 'keys')) : []
  const others = [
    ...(names ?? []).filter((name) => name !== 'keys'),
    ...keys.filter((name) => name !== 'master.key'),
  ]
  if (others.length > 0)
    throw new StartFailure(
      `The data folder ${folder} is not empty: restore to a new one with --data-folder; nothing was changed.`,
    )
  try {
    await disk.mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartFailure(`The data folder ${folder} cannot be made (${reasonOf(error)}): choose another.`)
  }
}

/** Takes back what a restore that failed has put there. */
export async function clearFolder(folder: string): Promise<void> {
  for (const name of await disk.readdir(folder))
    if (name !== 'keys') await disk.rm(join(folder, name), { recursive: true, force: true })
  const keys = join(folder, 'keys')
  for (const name of (await disk.readdir(keys).catch(absent)) ?? [])
    if (name !== 'master.key') await disk.rm(join(keys, name), { recursive: true, force: true })
}
