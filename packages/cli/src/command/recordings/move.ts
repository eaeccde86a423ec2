/**
 * `tandem recordings delete`, `trash`, `restore`, `purge`, `reassign`: moves in the life of recordings. They print nothing
 * when it is done. `trash`, `restore` and `purge` are all or nothing for up to 100 recordings.
 */
import type { RecordingSelection } from '@tandem/sdk'
import type { Command } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'

const MOVES = {
  trash: { method: 'softDelete', description: 'into the recycle bin' },
  restore: { method: 'restore', description: 'out of the recycle bin' },
  purge: { method: 'purge', description: 'from the recycle bin to compliance officers alone, for good' },
} as const

interface MoveFlags extends ApiFlags {
  readonly all?: true
  readonly owner?: string
  readonly chunk: boolean
}

/** Adds the commands. */
export function addMove(recordings: Command): void {
  addApiCommand(
    recordings,
    'delete',
    'into the recycle bin, as owner or administrator; erased for good, as a compliance officer',
  )
    .argument('<RECORDINGS...>', 'their ids, one after the other')
    .option('--reason <TEXT>', 'why; a compliance officer has to say it of recordings of others')
    .option('--comment <TEXT>', 'further words, at most 255 characters')
    .action(
      (
        ids: string[],
        { reason, comment }: ApiFlags & { readonly reason?: string; readonly comment?: string },
        command: Command,
      ) =>
        withClient(command, async (client) => {
          for (const id of ids) await client.convergedRecordings.delete(id, { reason, comment })
        }),
    )
  for (const [name, { method, description }] of Object.entries(MOVES))
    addApiCommand(recordings, name, description)
      .argument('[RECORDINGS...]', 'their ids')
      .option('--all', 'all of yours, or as an administrator all of --owner')
      .option('--owner <EMAIL>', 'with --all: whose')
      .option('--chunk', 'more than 100, in several steps of which each is all or nothing', false)
      .action((ids: string[], flags: MoveFlags, command: Command) =>
        withClient(command, (client) =>
          client.convergedRecordings[method](selectionOf(ids, flags, command), { chunk: flags.chunk }),
        ),
      )
  addApiCommand(recordings, 'reassign', 'give recordings a new owner, as an administrator')
    .argument('[RECORDINGS...]', 'their ids; all of --from when none is named')
    .requiredOption('--to <EMAIL>', 'the new owner, a person')
    .option('--from <EMAIL>', 'the present owner: of those named only what is theirs')
    .option('--from-id <ID>', 'the same by id')
    .option('--chunk', 'more than 100, in several steps', false)
    .action(reassign)
}

function selectionOf(ids: string[], { all, owner }: MoveFlags, command: Command): RecordingSelection {
  if (ids.length > 0 === (all === true)) command.error('error: name recordings, or give --all')
  if (all === true) return { all, ownerEmail: owner }
  if (owner !== undefined) command.error('error: --owner goes with --all')
  return { recordingIds: ids }
}

interface ReassignFlags extends ApiFlags {
  readonly to: string
  readonly from?: string
  readonly fromId?: string
  readonly chunk: boolean
}

async function reassign(ids: string[], flags: ReassignFlags, command: Command): Promise<void> {
  const { to: reassignOwnerEmail, from: ownerEmail, fromId: ownerId, chunk } = flags
  const request = {
    reassignOwnerEmail,
    ownerEmail,
    ownerId,
    ...(ids.length === 0 ? {} : { recordingIds: ids }),
  } as Parameters<import('@tandem/sdk').ConvergedRecordings['reassign']>[0] // Checked where it is sent.
  await withClient(command, (client) => client.convergedRecordings.reassign(request, { chunk }))
}
