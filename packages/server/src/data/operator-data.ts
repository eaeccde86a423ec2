/**
 * A data folder opened for a command of the operator (`tandem token create`, `tandem directory apply`), beside a running
 * server or without one. What it changes the server notices by itself.
 */
import { mkdirSync } from 'node:fs'
import { SILENT } from '@tandem/base'
import { StartFailure } from '../start-failure.ts'
import { type DataConfig, openData, type ServerData } from './open-data.ts'

/** Opens the folder of a configuration; close it when done. Throws `StartFailure`. */
export async function openOperatorData(config: DataConfig): Promise<ServerData> {
  try {
    mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartFailure(
      `The data folder ${config.dataFolder} cannot be opened (${code}): check --data-folder.`,
    )
  }
  const migrations = import('@tandem/recordings').then((recordings) => recordings.LIBRARY_MIGRATIONS)
  return openData(config, { logger: SILENT, exclusive: false, migrations })
}
