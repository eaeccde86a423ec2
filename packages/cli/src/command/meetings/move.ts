/**
 * `tandem meetings delete`, `trash`, `restore`, `purge`, `share`, `unshare`: who still sees a recording. They print nothing
 * when it is done.
 */
import type { MeetingSelection } from '@tandem/sdk'
import type { Command } from 'commander'
import { addApiCommand, withClient } from '../../api-command.ts'
import { type HostFlags, withHost } from './host.ts'

/** Adds the commands. */
export function addMove(meetings: Command): void {
  withHost(addApiCommand(meetings, 'delete', 'take recordings from everybody but compliance officers'))
    .argument('<RECORDINGS...>', 'their ids, one after the other')
    .option('--reason <TEXT>', 'why; a compliance officer has to say it of recordings of others')
    .option('--comment <TEXT>', 'further words, at most 255 characters')
    .option('--of-site', 'any of a site that you manage, as an administrator', false)
    .action(remove)
  addMoves(meetings)
  for (const name of ['share', 'unshare'] as const)
    withHost(
      addApiCommand(meetings, name, name === 'share' ? 'let people see a recording' : 'take that back again'),
    )
      .argument('<RECORDING>', 'its id, or its share link')
      .argument('<EMAILS...>', 'who')
      .option('--quiet', 'tell nobody', false)
      .action(
        (id: string, emails: string[], flags: HostFlags & { readonly quiet: boolean }, command: Command) =>
          share(id, name === 'share' ? { addEmails: emails } : { removeEmails: emails }, flags, command),
      )
}

interface DeleteFlags extends HostFlags {
  readonly reason?: string
  readonly comment?: string
  readonly ofSite: boolean
}

async function remove(ids: string[], flags: DeleteFlags, command: Command): Promise<void> {
  const { reason, comment, ofSite, host: hostEmail } = flags
  if (ofSite && (reason ?? comment ?? hostEmail) !== undefined)
    command.error('error: --of-site goes without --host, --reason and --comment')
  await withClient(command, async ({ recordings }) => {
    for (const id of ids)
      if (ofSite) await recordings.adminDelete(id)
      else await recordings.delete(id, { reason, comment }, { hostEmail })
  })
}

interface MoveFlags extends HostFlags {
  readonly all?: true
  readonly site?: string
  readonly chunk: boolean
}

function addMoves(meetings: Command): void {
  withMove(addApiCommand(meetings, 'trash', 'into the recycle bin'))
    .argument('<RECORDINGS...>', 'their ids')
    .action((recordingIds: string[], { host, site: siteUrl, chunk }: MoveFlags, command: Command) =>
      withClient(command, (client) =>
        client.recordings.softDelete({ recordingIds, siteUrl }, { hostEmail: host, chunk }),
      ),
    )
  const moves = {
    restore: 'out of the recycle bin',
    purge: 'from the recycle bin to compliance officers alone, for good',
  } as const
  for (const name of ['restore', 'purge'] as const)
    withMove(addApiCommand(meetings, name, moves[name]))
      .argument('[RECORDINGS...]', 'their ids')
      .option('--all', 'whatever is in the recycle bin')
      .action((ids: string[], flags: MoveFlags, command: Command) =>
        withClient(command, (client) =>
          client.recordings[name](selectionOf(ids, flags, command), {
            hostEmail: flags.host,
            chunk: flags.chunk,
          }),
        ),
      )
}

function withMove(command: Command): Command {
  return withHost(command)
    .option('--site <HOST>', 'their site')
    .option('--chunk', 'more than 100, in several steps of which each is all or nothing', false)
}

function selectionOf(ids: string[], { all, site: siteUrl }: MoveFlags, command: Command): MeetingSelection {
  if (ids.length > 0 === (all === true)) command.error('error: name recordings, or give --all')
  return all === true ? { all, siteUrl } : { recordingIds: ids, siteUrl }
}

async function share(
  id: string,
  emails: { readonly addEmails: string[] } | { readonly removeEmails: string[] },
  { host: hostEmail, quiet }: HostFlags & { readonly quiet: boolean },
  command: Command,
): Promise<void> {
  const change = { ...emails, hostEmail, ...(quiet ? { sendEmail: false } : {}) }
  await withClient(command, ({ recordings }) =>
    /^https?:/.test(id) ? recordings.shareByLink(id, change) : recordings.share(id, change),
  )
}
