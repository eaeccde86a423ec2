/**
 * `tandem recordings list`, `search`, `show`, `metadata`, `keeping`: what there is. `--all` is the organisation's list, for
 * administrators and compliance officers.
 */
import type { FoundRecording } from '@tandem/sdk'
import { type Command, Option } from 'commander'
import { type ApiFlags, addApiCommand, withClient } from '../../api-command.ts'
import { CommandFailure } from '../../failure.ts'
import { printFacts, printJson, printTable } from '../../output.ts'
import { HEADINGS, type LimitFlags, lengthText, pageSize, rowOf, shownOf, withLimit } from './rows.ts'

interface ListFlags extends ApiFlags, LimitFlags {
  readonly all?: true
  readonly from?: string
  readonly to?: string
  readonly status?: string
  readonly serviceType?: string
  readonly format?: string
  readonly owner?: string
  readonly ownerId?: string
  readonly ownerType?: string
  readonly region?: string
  readonly location?: string
  readonly topic?: string
  readonly timezone?: string
}

/** Adds the commands. */
export function addLook(recordings: Command): void {
  addList(recordings)
  withLimit(addApiCommand(recordings, 'search', 'recordings in which all words occur, newest first'))
    .argument('<WORDS...>', 'in topics, parties and, for who may hear them, transcripts')
    .option('--from <TIME>', 'made from then on')
    .option('--to <TIME>', 'made before then')
    .addOption(statusOption())
    .option('--owner-id <ID>', 'only recordings of this owner')
    .action(search)
  addApiCommand(recordings, 'show', 'one recording')
    .argument('<RECORDING>', 'its id')
    .option('--timezone <ZONE>', 'zone of its times, such as Europe/Berlin')
    .action(show)
  addApiCommand(recordings, 'metadata', 'who spoke with whom, and what happened, as JSON')
    .argument('<RECORDING>', 'its id')
    .option('--all-types', 'streams, participants and redirections too', false)
    .action(metadata)
  addApiCommand(recordings, 'keeping', 'until when a recording is kept, and why')
    .argument('<RECORDING>', 'its id')
    .action(keeping)
}

function addList(recordings: Command): void {
  const list = addApiCommand(recordings, 'list', 'recordings, newest first: your own, or --all')
    .option('--all', 'those of the organisation')
    .option('--from <TIME>', 'made from then on, such as 2026-02-01 or 2026-02-01T09:00:00Z')
    .option('--to <TIME>', 'made before then; the last seven days when neither is given')
    .addOption(statusOption())
    .addOption(
      new Option('--service-type <TYPE>', 'only these').choices([
        'calling',
        'customerAssist',
        'meeting',
        'all',
      ]),
    )
    .addOption(new Option('--format <FORMAT>', 'only these').choices(['MP3', 'MP4']))
    .option('--owner <EMAIL>', 'with --all: only of this owner')
    .option('--owner-id <ID>', 'with --all: only of this owner')
    .addOption(
      new Option('--owner-type <TYPE>', 'only of these').choices([
        'user',
        'place',
        'virtualLine',
        'callQueue',
      ]),
    )
    .option('--region <CODE>', 'only kept there, such as DE')
    .option('--location <ID>', 'only of this location')
    .option('--topic <TEXT>', 'only with this in their topic')
    .option('--timezone <ZONE>', 'zone of times, such as Europe/Berlin')
  withLimit(list).action(listAll)
}

function statusOption(): Option {
  return new Option('--status <STATUS>', 'only these; purged is for compliance officers').choices([
    'available',
    'deleted',
    'purged',
  ])
}

async function listAll(flags: ListFlags, command: Command): Promise<void> {
  const { all, from, to, status, serviceType, format, owner, ownerId, ownerType } = flags
  if (all === undefined && (owner ?? ownerId) !== undefined)
    command.error('error: --owner and --owner-id go with --all')
  const query = {
    ...{ from, to, status, serviceType, format, ownerType, topic: flags.topic },
    ...{ storageRegion: flags.region, locationId: flags.location, max: pageSize(flags) },
  }
  const options = { timezone: flags.timezone }
  const items = await withClient(command, ({ convergedRecordings }) =>
    shownOf(
      all === undefined
        ? convergedRecordings.list(query, options)
        : convergedRecordings.listForAdmin({ ...query, ownerEmail: owner, ownerId }, options),
      flags,
    ),
  )
  if (flags.json) return printJson(items)
  printTable(HEADINGS, items.map(rowOf), 'No recordings.')
}

interface SearchFlags extends ApiFlags, LimitFlags {
  readonly from?: string
  readonly to?: string
  readonly status?: string
  readonly ownerId?: string
}

async function search(words: string[], flags: SearchFlags, command: Command): Promise<void> {
  const { from, to, status, ownerId } = flags
  const filters = { from, to, status, ownerId, max: pageSize(flags) }
  const items = await withClient(command, (client) =>
    shownOf(client.tandem.search(words.join(' '), filters), flags),
  )
  if (flags.json) return printJson(items)
  const rows = items.map((item) => [item.createTime, item.ownerEmail, item.topic, matchText(item), item.id])
  printTable(['CREATED', 'OWNER', 'TOPIC', 'MATCH', 'RECORDING'], rows, 'Nothing was found.')
}

/** The first match, and when it is heard. */
function matchText({ matches }: FoundRecording): string {
  const match = matches.find((each) => each.in !== 'topic') ?? matches[0]
  if (match === undefined) return ''
  return match.atMs === undefined ? match.text : `${lengthText(Math.floor(match.atMs / 1_000))} ${match.text}`
}

async function show(
  id: string,
  flags: ApiFlags & { readonly timezone?: string },
  command: Command,
): Promise<void> {
  const details = await withClient(command, (client) =>
    client.convergedRecordings.get(id, { timezone: flags.timezone }),
  )
  if (flags.json) return printJson(details)
  const links = details.temporaryDirectDownloadLinks
  printFacts({
    recording: details.id,
    topic: details.topic,
    owner: `${details.ownerEmail} (${details.ownerType})`,
    created: details.createTime,
    recorded: details.timeRecorded,
    length: lengthText(details.durationSeconds),
    format: `${details.format}, ${details.sizeBytes} bytes`,
    kind: details.serviceType,
    status: details.status,
    region: details.storageRegion,
    location: details.serviceData?.locationId,
    session: details.serviceData?.callSessionId,
    meeting: details.meetingId,
    host: details.hostEmail,
    audio: links?.audioDownloadLink,
    video:
      links?.recordingDownloadLink === links?.audioDownloadLink ? undefined : links?.recordingDownloadLink,
    transcript: links?.transcriptDownloadLink,
    'links work until': links?.expiration,
  })
}

async function metadata(
  id: string,
  flags: ApiFlags & { readonly allTypes: boolean },
  command: Command,
): Promise<void> {
  const options = flags.allTypes ? { showAllTypes: true } : {}
  const document = await withClient(command, (client) => client.convergedRecordings.getMetadata(id, options))
  if (document === undefined) throw new CommandFailure('The server has no metadata of this recording.')
  printJson(document)
}

async function keeping(id: string, flags: ApiFlags, command: Command): Promise<void> {
  const kept = await withClient(command, (client) => client.tandem.retention.keeping(id))
  if (flags.json) return printJson(kept)
  printFacts({
    status: kept.status,
    'kept until': kept.retainUntil ?? 'no policy keeps it',
    'erased then': kept.retainUntil === undefined ? undefined : kept.eraseAtEnd ? 'yes' : 'no',
    'in the bin until': kept.binUntil,
    holds: kept.holds.length === 0 ? undefined : kept.holds.join(', '),
  })
}
