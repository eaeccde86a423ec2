/** `tandem meetings download`: the files of recordings, named by their ids. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { addApiCommand, withClient } from '../../api-command.ts'
import { checkFree, extensionOf, fileNameOf, saveDownload } from '../../save.ts'
import { type HostFlags, withHost } from './host.ts'

/** Adds the command. */
export function addFetch(meetings: Command): void {
  withHost(addApiCommand(meetings, 'download', 'save files of recordings; prints their names'))
    .argument('<RECORDINGS...>', 'their ids')
    .addOption(
      new Option('--file <FILE>', 'which file')
        .choices(['recording', 'audio', 'transcript'])
        .default('recording'),
    )
    .option('--folder <DIR>', 'where they go', '.')
    .option('--force', 'overwrite files', false)
    .action(download)
}

interface DownloadFlags extends HostFlags {
  readonly file: 'recording' | 'audio' | 'transcript'
  readonly folder: string
  readonly force: boolean
}

async function download(ids: string[], flags: DownloadFlags, command: Command): Promise<void> {
  const { host: hostEmail, file, folder, force } = flags
  await withClient(command, async ({ recordings }) => {
    for (const id of ids) {
      const fetched = await recordings.download(id, file, { hostEmail })
      const path = join(folder, `${fileNameOf(id)}.${extensionOf(fetched)}`)
      await checkFree(path, force)
      await saveDownload(fetched, path, { force })
      console.log(path)
    }
  })
}
