/**
 * `tandem recordings import`: brings in media of other systems, a file or a folder of thousands, with what lies beside it
 * (docs/guides/import.md). Run it again after a break: what is in is passed over. `imports` lists what was begun.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { CommandFailure } from '../../failure.ts'
import type { Outcome } from '../../import/import-file.ts'
import { Progress } from '../../import/progress.ts'
import type { BatchDefaults } from '../../import/sidecar.ts'
import { clean, printJson, printTable, sentence } from '../../output.ts'
import { type LimitFlags, pageSize, shownOf, withLimit } from './rows.ts'

/** Files at a time: enough that the disk of the server never waits for a hash of ours. */
const CONCURRENCY_DEFAULT = 4
/** Requests that a client has under way at most. */
const CONCURRENCY_MAX = 10

interface Flags extends ApiFlags, BatchDefaults {
  readonly concurrency: number
  readonly continue?: string
}

/** Adds the commands. */
export function addImport(recordings: Command): void {
  addApiCommand(
    recordings,
    'import',
    'bring in MP3, WAV and MP4 of other systems; run it again after a break',
  )
    .argument('<PATHS...>', 'files, or folders with all that is in them')
    .option('--owner <EMAIL>', 'whose they are, where the .json file beside them does not say it')
    .addOption(
      new Option('--service-type <TYPE>', 'what they are, where nothing beside them says it').choices([
        'calling',
        'customerAssist',
        'meeting',
      ]),
    )
    .option('--site-url <HOST>', 'site of meetings, where nothing beside them says it')
    .option(
      '--concurrency <N>',
      `files at a time, up to ${CONCURRENCY_MAX}`,
      (text) => {
        const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
        if (count >= 1 && count <= CONCURRENCY_MAX) return count
        throw new InvalidArgumentError(`It is a whole number from 1 to ${CONCURRENCY_MAX}.`)
      },
      CONCURRENCY_DEFAULT,
    )
    .option('--continue <IMPORT>', 'go on with this import of the one file that is named (see imports)')
    .action(importAll)
  withLimit(addApiCommand(recordings, 'imports', 'imports of the last week, newest first')).action(imports)
  addApiCommand(recordings, 'cancel-import', 'give an unfinished import up')
    .argument('<IMPORT>', 'its id')
    .action((id: string, _: ApiFlags, command: Command) =>
      withClient(command, (client) => client.tandem.imports.cancel(id)),
    )
}

async function importAll(paths: string[], flags: Flags, command: Command): Promise<void> {
  const [{ importBatch }, { foundFiles }] = await Promise.all([
    import('../../import/batch.ts'),
    import('../../import/found-files.ts'),
  ])
  const { media, passedOver } = await foundFiles(paths)
  if (flags.continue !== undefined && media.length !== 1)
    command.error('error: --continue goes with one file')
  const progress = new Progress(media.length)
  const files: ({ readonly file: string } & Outcome)[] = []
  const note = (name: string, outcome: Outcome): void => {
    files.push({ file: name, ...outcome })
    if (outcome.state !== 'failed') return
    progress.clear()
    console.error(`${clean(name)}: ${sentence(outcome.error)}`)
  }
  for (const { name, why } of passedOver) note(name, { state: 'failed', error: why })
  const { owner, serviceType, siteUrl, concurrency, continue: importId } = flags
  const defaults = {
    ...(owner === undefined ? {} : { owner }),
    ...(serviceType === undefined ? {} : { serviceType }),
    ...(siteUrl === undefined ? {} : { siteUrl }),
  }
  try {
    await withClient(command, (client) =>
      importBatch({
        client,
        files: media,
        defaults,
        concurrency,
        ...(importId === undefined ? {} : { importId }),
        onBytes: ({ name }, bytes) => progress.received(name, bytes),
        onOutcome({ name }, outcome) {
          progress.ended(name, outcome.state === 'failed')
          note(name, outcome)
        },
      }),
    )
  } finally {
    progress.clear()
    tell(files, media.length + passedOver.length, flags)
  }
  const failed = files.filter((each) => each.state === 'failed').length
  if (failed > 0)
    throw new CommandFailure(`${failed} of ${files.length} files were not imported; the reasons stand above.`)
}

/** What became of the batch. */
function tell(files: readonly ({ readonly file: string } & Outcome)[], all: number, { json }: Flags): void {
  const count = (state: Outcome['state']): number => files.filter((each) => each.state === state).length
  const counts = { imported: count('imported'), duplicates: count('duplicate'), failed: count('failed') }
  if (json) printJson({ ...counts, notTried: all - files.length, files })
  else if (all === 0) console.error('There is no file to import.')
  else
    console.log(`${counts.imported} imported, ${counts.duplicates} already there, ${counts.failed} failed.`)
}

async function imports(flags: ApiFlags & LimitFlags, command: Command): Promise<void> {
  const items = await withClient(command, (client) =>
    shownOf(client.tandem.imports.list({ max: pageSize(flags) }), flags),
  )
  if (flags.json) return printJson(items)
  const rows = items.map((item) => [
    item.created,
    item.state,
    item.sizeBytes === undefined ? String(item.receivedBytes) : `${item.receivedBytes} of ${item.sizeBytes}`,
    item.fileName ?? '',
    item.error ?? item.recordingId ?? '',
    item.id,
  ])
  printTable(['CREATED', 'STATE', 'BYTES', 'FILE', 'RECORDING OR ERROR', 'IMPORT'], rows, 'No imports.')
}
