/**
 * `tandem recordings download`, `transcript`, `export`: the files of a recording. A file is named by the recording's id,
 * never by what a caller may have put into a topic; `--output -` is stdout.
 */
import { join } from 'node:path'
import type { Download, WebexClient } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { checkFree, extensionOf, fileNameOf, saveDownload } from '../../save.ts'

interface FileFlags extends ApiFlags {
  readonly output?: string
  readonly folder: string
  readonly force: boolean
}

/** Adds the commands. */
export function addFetch(recordings: Command): void {
  withFile(
    addApiCommand(recordings, 'download', 'save the sound of recordings; prints the names of the files'),
  )
    .option('--video', 'the recording as it was made: the video of an MP4', false)
    .action((ids: string[], flags: FileFlags & { readonly video: boolean }, command: Command) =>
      saveAll(ids, flags, command, ({ convergedRecordings }, id) =>
        flags.video ? convergedRecordings.downloadRecording(id) : convergedRecordings.downloadAudio(id),
      ),
    )
  withFile(addApiCommand(recordings, 'transcript', 'save what was said'))
    .addOption(
      new Option('--format <FORMAT>', 'form of the file').choices(['vtt', 'txt', 'json']).default('vtt'),
    )
    .action(
      (ids: string[], flags: FileFlags & { readonly format: 'vtt' | 'txt' | 'json' }, command: Command) =>
        saveAll(ids, flags, command, ({ tandem }, id) => tandem.transcripts.download(id, flags.format)),
    )
  withFile(
    addApiCommand(recordings, 'export', 'save everything about recordings as archives for tandem verify'),
  ).action((ids: string[], flags: FileFlags, command: Command) =>
    saveAll(ids, flags, command, ({ tandem }, id) => tandem.evidence.export(id)),
  )
}

function withFile(command: Command): Command {
  return command
    .argument('<RECORDINGS...>', 'their ids')
    .option('--output <FILE>', 'name of the file, of one recording; - is stdout')
    .option('--folder <DIR>', 'where files go that are named by their recording', '.')
    .option('--force', 'overwrite files', false)
}

async function saveAll(
  ids: readonly string[],
  flags: FileFlags,
  command: Command,
  fetch: (client: WebexClient, id: string) => Promise<Download>,
): Promise<void> {
  const { output, folder, force } = flags
  if (output !== undefined && ids.length > 1) command.error('error: --output goes with one recording')
  await withClient(command, async (client) => {
    if (output !== undefined) await checkFree(output, force)
    for (const id of ids) {
      const download = await fetch(client, id)
      const path = output ?? join(folder, `${fileNameOf(id)}.${extensionOf(download)}`)
      await saveDownload(download, path, { force })
      if (path !== '-') console.log(path)
    }
  })
}
