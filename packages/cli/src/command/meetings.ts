/**
 * `tandem meetings`: the recordings of meetings: list, show, download, delete, trash, restore, purge, share. `--host` makes
 * an administrator act for a host; `--all` is the list of a site, `--person` that of a service app. They come in by
 * `tandem recordings import`.
 */
import { join } from 'node:path'
import type { MeetingRecording, MeetingSelection } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../api-command.ts'
import { printFacts, printJson, printTable } from '../output.ts'
import { checkFree, extensionOf, fileNameOf, saveDownload } from '../save.ts'
import { type LimitFlags, lengthText, pageSize, shownOf, withLimit } from './recordings/rows.ts'

interface HostFlags extends ApiFlags {
  readonly host?: string
}

interface ListFlags extends HostFlags, LimitFlags {
  readonly all?: true
  readonly person?: string
  readonly from?: string
  readonly to?: string
  readonly meeting?: string
  readonly site?: string
  readonly tag?: string
  readonly topic?: string
  readonly format?: string
  readonly serviceType?: string
  readonly status?: string
  readonly timezone?: string
}

/** Adds the commands. */
export function addMeetings(program: Command): void {
  const meetings = program.command('meetings').description('the recordings of meetings')
  addList(meetings)
  withHost(addApiCommand(meetings, 'show', 'one recording, with its links'))
    .argument('<RECORDING>', 'its id')
    .option('--person <ID>', 'as a service app: of this person')
    .action(show)
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

function withHost(command: Command): Command {
  return command.option('--host <EMAIL>', 'whom you act for, as an administrator')
}

function addList(meetings: Command): void {
  const list = withHost(addApiCommand(meetings, 'list', 'recordings of meetings, newest first'))
    .addOption(new Option('--all', 'those of a site, as an administrator').conflicts(['host', 'person']))
    .option('--person <ID>', 'what this person hosted, as a service app')
    .option('--from <TIME>', 'made from then on')
    .option('--to <TIME>', 'made before then; the last seven days when neither is given')
    .option('--meeting <ID>', 'of this meeting or series')
    .option('--site <HOST>', 'of this site')
    .option('--tag <TAG>', 'with this integration tag of yours')
    .option('--topic <TEXT>', 'with this in their topic')
    .addOption(new Option('--format <FORMAT>', 'only these').choices(['MP4', 'ARF']))
    .addOption(
      new Option('--service-type <TYPE>', 'only these').choices([
        'MeetingCenter',
        'EventCenter',
        'SupportCenter',
        'TrainingCenter',
      ]),
    )
    .addOption(new Option('--status <STATUS>', 'only these').choices(['available', 'deleted', 'purged']))
    .option('--timezone <ZONE>', 'zone of times, such as Europe/Berlin')
  withLimit(list).action(listAll)
}

/** What all three lists have of a recording. */
type Listed = Pick<
  MeetingRecording,
  'id' | 'createTime' | 'durationSeconds' | 'siteUrl' | 'format' | 'status' | 'topic'
>

async function listAll(flags: ListFlags, command: Command): Promise<void> {
  const { from, to, topic, format, serviceType, status, person: personId, host: hostEmail } = flags
  const common = { from, to, siteUrl: flags.site, integrationTag: flags.tag, topic, format, serviceType }
  const query = { ...common, meetingId: flags.meeting, status, max: pageSize(flags) }
  const options = { timezone: flags.timezone }
  if (personId !== undefined && (flags.meeting ?? status ?? hostEmail) !== undefined)
    command.error('error: --meeting, --status and --host do not go with --person')
  const items = await withClient<readonly Listed[]>(command, ({ meetingRecordings }) => {
    if (personId !== undefined)
      return shownOf(meetingRecordings.listForGroup({ ...common, personId, max: query.max }, options), flags)
    if (flags.all === true) return shownOf(meetingRecordings.listForAdmin(query, options), flags)
    return shownOf(meetingRecordings.list({ ...query, hostEmail }, options), flags)
  })
  if (flags.json) return printJson(items)
  const rows = items.map((item) => [
    item.createTime,
    lengthText(item.durationSeconds),
    item.siteUrl,
    item.format,
    item.status,
    item.topic,
    item.id,
  ])
  printTable(
    ['CREATED', 'LENGTH', 'SITE', 'FORMAT', 'STATUS', 'TOPIC', 'RECORDING'],
    rows,
    'No recordings of meetings.',
  )
}

async function show(
  id: string,
  { host: hostEmail, person: personId, json }: HostFlags & { readonly person?: string },
  command: Command,
): Promise<void> {
  const details = await withClient(command, ({ meetingRecordings }) =>
    personId === undefined
      ? meetingRecordings.get(id, { hostEmail })
      : meetingRecordings.getForGroup(id, { personId }),
  )
  if (json) return printJson(details)
  const links = details.temporaryDirectDownloadLinks
  printFacts({
    recording: details.id,
    topic: details.topic,
    meeting: details.meetingId,
    site: details.siteUrl,
    created: details.createTime,
    recorded: details.timeRecorded,
    length: lengthText(details.durationSeconds),
    format: `${details.format}, ${details.sizeBytes} bytes`,
    kind: details.serviceType,
    status: details.status,
    play: details.playbackUrl,
    password: details.password,
    video: links?.recordingDownloadLink,
    audio: links?.audioDownloadLink,
    transcript: links?.transcriptDownloadLink,
    'links work until': links?.expiration,
  })
}

interface DownloadFlags extends HostFlags {
  readonly file: 'recording' | 'audio' | 'transcript'
  readonly folder: string
  readonly force: boolean
}

async function download(ids: string[], flags: DownloadFlags, command: Command): Promise<void> {
  const { host: hostEmail, file, folder, force } = flags
  await withClient(command, async ({ meetingRecordings }) => {
    for (const id of ids) {
      const fetched = await meetingRecordings.download(id, file, { hostEmail })
      const path = join(folder, `${fileNameOf(id)}.${extensionOf(fetched)}`)
      await checkFree(path, force)
      await saveDownload(fetched, path, { force })
      console.log(path)
    }
  })
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
  await withClient(command, async ({ meetingRecordings }) => {
    for (const id of ids)
      if (ofSite) await meetingRecordings.adminDelete(id)
      else await meetingRecordings.delete(id, { reason, comment }, { hostEmail })
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
        client.meetingRecordings.softDelete({ recordingIds, siteUrl }, { hostEmail: host, chunk }),
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
          client.meetingRecordings[name](selectionOf(ids, flags, command), {
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
  await withClient(command, ({ meetingRecordings }) =>
    /^https?:/.test(id) ? meetingRecordings.shareByLink(id, change) : meetingRecordings.share(id, change),
  )
}
