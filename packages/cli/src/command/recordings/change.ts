/**
 * `tandem recordings set`, `transcribe`: what may be changed of a recording: its topic, whether its owner may download
 * it, its transcript.
 */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { CommandFailure } from '../../failure.ts'

interface SetFlags extends ApiFlags {
  readonly topic?: string
  readonly preventDownload?: true
  readonly allowDownload?: true
}

/** Adds the commands. */
export function addChange(recordings: Command): void {
  addApiCommand(recordings, 'set', 'change a recording')
    .argument('<RECORDING>', 'its id')
    .option('--topic <TEXT>', 'its new topic')
    .option('--prevent-download', 'its owner may not download it')
    .option('--allow-download', 'its owner may download it')
    .action(set)
  addApiCommand(recordings, 'transcribe', 'have a transcript made, or store the one of a file')
    .argument('<RECORDING>', 'its id')
    .option('--file <FILE>', 'a transcript that is there: .vtt, .txt or .json')
    .option('--language <TAG>', 'what is spoken, such as de')
    .action(transcribe)
}

async function set(id: string, flags: SetFlags, command: Command): Promise<void> {
  const { topic, preventDownload, allowDownload } = flags
  if (preventDownload === true && allowDownload === true)
    command.error('error: give --prevent-download or --allow-download, not both')
  const downloadPrevented = preventDownload ?? (allowDownload === true ? false : undefined)
  await withClient(command, (client) => client.tandem.updateRecording(id, { topic, downloadPrevented }))
}

async function transcribe(
  id: string,
  flags: ApiFlags & { readonly file?: string; readonly language?: string },
  command: Command,
): Promise<void> {
  const { file, language } = flags
  if (file !== undefined && language !== undefined)
    command.error('error: --language goes with a transcript that is to be made')
  if (file === undefined)
    return withClient(command, (client) => client.tandem.transcripts.request(id, { language }))
  const format = extname(file).slice(1).toLowerCase()
  if (format !== 'vtt' && format !== 'txt' && format !== 'json')
    command.error('error: a transcript is a .vtt, .txt or .json file')
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new CommandFailure(`${file} cannot be read: ${cause.message}.`, { cause })
  })
  await withClient(command, (client) =>
    client.tandem.transcripts.put(id, { format: format as 'vtt' | 'txt' | 'json', text }),
  )
}
