/**
 * `tandem audit list`, `export`, `keys`: the audit log of recordings, for compliance officers. An export as NDJSON is what
 * `tandem verify` checks offline.
 */
import { writeFile } from 'node:fs/promises'
import type { AuditRecord } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { CommandFailure } from '../failure.ts'
import { printJson, printTable } from '../output.ts'
import { checkFree, saveDownload } from '../save.ts'
import { type LimitFlags, pageSize, shownOf, withLimit } from './recordings/rows.ts'

interface RangeFlags extends ApiFlags {
  readonly from?: string
  readonly to?: string
}

interface ListFlags extends RangeFlags, LimitFlags {
  readonly recording?: string
  readonly actor?: string
  readonly action?: string
}

interface ExportFlags extends RangeFlags {
  readonly format: string
  readonly output: string
  readonly force: boolean
}

/** Adds the commands. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('who did what with recordings')
  withLimit(withRange(addApiCommand(audit, 'list', 'the audit log, newest first')))
    .option('--recording <ID>', 'only about this recording')
    .option('--actor <ID>', 'only what this person did')
    .option('--action <NAME>', 'only this, such as recording.downloaded or refused')
    .action(list)
  withRange(addApiCommand(audit, 'export', 'the audit log, oldest first, with its hash chain'))
    .addOption(
      new Option('--format <NAME>', 'ndjson is for tandem verify, csv for a spreadsheet')
        .choices(['ndjson', 'csv'])
        .default('ndjson'),
    )
    .option('--output <FILE>', 'where to; - is stdout', '-')
    .option('--force', 'overwrite the file', false)
    .action(exportLog)
  addApiCommand(audit, 'keys', 'the public keys that check exports, for tandem verify --key')
    .option('--output <FILE>', 'where to; - is stdout', '-')
    .action(keys)
}

function withRange(command: Command): Command {
  return command
    .option('--from <TIME>', 'from then on, such as 2026-02-01 or 2026-02-01T09:00:00Z')
    .option('--to <TIME>', 'before then')
}

async function list(flags: ListFlags, command: Command): Promise<void> {
  const { from, to, action, recording: recordingId, actor: actorId } = flags
  const query = { from, to, action, recordingId, actorId, max: pageSize(flags) }
  const items = await withClient(command, (client) => shownOf(client.tandem.audit.list(query), flags))
  if (flags.json) return printJson(items)
  printTable(
    ['TIME', 'AS', 'WHO', 'WHAT', 'RECORDING', 'DETAIL'],
    items.map(rowOf),
    'Nothing is written down.',
  )
}

function rowOf({ time, as, actorId, action, recordingId, detail }: AuditRecord): string[] {
  const details = Object.entries(detail).map(([name, value]) => `${name}=${shown(value)}`)
  return [time, as, actorId ?? '', action, recordingId ?? '', details.join(' ')]
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function exportLog(flags: ExportFlags, command: Command): Promise<void> {
  const { from, to, format, output, force } = flags
  await checkFree(output, force)
  await withClient(command, async (client) =>
    saveDownload(await client.tandem.audit.export({ from, to, format }), output, { force }),
  )
}

async function keys({ output }: ApiFlags & { readonly output: string }, command: Command): Promise<void> {
  const items = await withClient(command, (client) => client.tandem.evidence.signingKeys())
  if (output === '-') return printJson({ items })
  await writeFile(output, `${JSON.stringify({ items }, undefined, 2)}\n`).catch((cause: Error) => {
    throw new CommandFailure(`${output} cannot be written: ${cause.message}.`, { cause })
  })
}
