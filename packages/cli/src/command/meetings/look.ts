/**
 * `tandem meetings list`, `show`: what there is. `--all` is the list of a site, for administrators and compliance
 * officers; `--person` that of one person, for service apps.
 */
import type { MeetingRecording } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { addApiCommand, withClient } from '../../api-command.ts'
import { printFacts, printJson, printTable } from '../../output.ts'
import { type LimitFlags, lengthText, pageSize, shownOf, withLimit } from '../recordings/rows.ts'
import { type HostFlags, withHost } from './host.ts'

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
export function addLook(meetings: Command): void {
  addList(meetings)
  withHost(addApiCommand(meetings, 'show', 'one recording, with its links'))
    .argument('<RECORDING>', 'its id')
    .option('--person <ID>', 'as a service app: of this person')
    .action(show)
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
  const items = await withClient<readonly Listed[]>(command, ({ recordings }) => {
    if (personId !== undefined)
      return shownOf(recordings.listForGroup({ ...common, personId, max: query.max }, options), flags)
    if (flags.all === true) return shownOf(recordings.listForAdmin(query, options), flags)
    return shownOf(recordings.list({ ...query, hostEmail }, options), flags)
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
  const details = await withClient(command, ({ recordings }) =>
    personId === undefined ? recordings.get(id, { hostEmail }) : recordings.getForGroup(id, { personId }),
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
