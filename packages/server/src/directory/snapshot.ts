/**
 * The directory as the call engine wants it: one plain value of everything, with the secrets opened. Made at start and
 * again whenever the directory's revision moves.
 */
import type { Logger } from '@tandem/base'
import type {
  DirectoryDevice,
  DirectoryGroup,
  DirectoryLine,
  DirectoryLocation,
  DirectorySnapshot,
  LineKind,
  RecordingFailurePolicy,
  ServiceNumber,
  VoicemailSettings,
} from '@tandem/engine'
import type { Selectable } from '@tandem/store'
import type { ServerData } from '../data/open-data.ts'
import type { SoundTable } from '../data/tables.ts'
import { assignedEmail } from './assigned-email.ts'
import type { LineFeatures } from './line-document.ts'
import { clipOfSound, engineSettings, type SoundFinder } from './recording-document.ts'
import { type DirectoryRows, readRows } from './rows.ts'
import { openHa1, openPin } from './secrets.ts'

/** Reads the whole directory. A device whose secret does not open is left out, and the log says how many. */
export async function loadSnapshot(
  data: Pick<ServerData, 'db' | 'keys'>,
  logger: Logger,
): Promise<DirectorySnapshot> {
  const rows = await readRows(data.db.kysely)
  const finderOf = soundFinders(await data.db.kysely.selectFrom('sounds').selectAll().execute())
  const domains = Map.groupBy(rows.domains, (row) => row.org_id)
  const devices = openDevices(rows, data.keys.kek)
  if (devices.length < rows.devices.length)
    logger.error('SIP secrets do not open with this key; set the passwords of these devices again', {
      devices: rows.devices.length - devices.length,
    })
  const lines = openLines(rows, data.keys.kek, finderOf)
  if (lines.unopened > 0)
    logger.error('Voicemail PINs do not open with this key; set the PINs of these lines again', {
      lines: lines.unopened,
    })
  return {
    organizations: rows.organizations.map((row) => ({
      id: row.id,
      name: row.name,
      domains: (domains.get(row.id) ?? []).map((domain) => domain.domain),
      ...(row.park_recall_seconds === null ? {} : { parkRecallSeconds: row.park_recall_seconds }),
    })),
    locations: rows.locations.map((row): DirectoryLocation => {
      const holdMusic = row.hold_music === null ? undefined : finderOf(row.org_id)(row.hold_music)
      const services = JSON.parse(row.services) as ServiceNumber[] // Written by `plan.ts`.
      return {
        id: row.id,
        orgId: row.org_id,
        name: row.name,
        ...(holdMusic === undefined ? {} : { holdMusic: clipOfSound(holdMusic) }),
        ...(services.length === 0 ? {} : { services }),
        ...(row.recording_failure === null
          ? {}
          : { recordingFailure: row.recording_failure as RecordingFailurePolicy }), // Written by `plan.ts`.
      }
    }),
    lines: lines.opened,
    devices,
    groups: groupsOf(rows),
  }
}

/** Finds sounds by id or name, for each organisation by itself. */
export function soundFinders(
  sounds: readonly Pick<Selectable<SoundTable>, 'id' | 'org_id' | 'name'>[],
): (orgId: string) => SoundFinder {
  const ids = new Map<string, string>()
  for (const { id, org_id, name } of sounds) ids.set(`${org_id} ${name}`, id)
  for (const { id, org_id } of sounds) ids.set(`${org_id} ${id}`, id)
  return (orgId) => (idOrName) => ids.get(`${orgId} ${idOrName}`)
}

function openDevices(rows: DirectoryRows, kek: Uint8Array): DirectoryDevice[] {
  const secondary = Map.groupBy(rows.deviceLines, (row) => row.device_id)
  return rows.devices.flatMap((row) => {
    const ha1 = openHa1(kek, { orgId: row.org_id, id: row.id }, row.secret)
    if (ha1 === undefined) return []
    const lines = secondary.get(row.id)?.map((link) => link.line_id)
    return [
      {
        id: row.id,
        orgId: row.org_id,
        lineId: row.line_id,
        ...(lines === undefined ? {} : { secondaryLineIds: lines }),
        name: row.name,
        sipUser: row.sip_user,
        ha1Md5: ha1.md5,
        ha1Sha256: ha1.sha256,
      },
    ]
  })
}

function openLines(
  rows: DirectoryRows,
  kek: Uint8Array,
  finderOf: (orgId: string) => SoundFinder,
): { readonly opened: DirectoryLine[]; readonly unopened: number } {
  const emails = new Map(rows.people.map((row) => [row.id, row.email]))
  const domains = new Map(
    rows.domains.filter((row) => row.position === 0).map((row) => [row.org_id, row.domain]),
  )
  const assistants = Map.groupBy(rows.assistants, (row) => row.executive_id)
  const devices = new Set(rows.devices.map((row) => row.id))
  let unopened = 0
  const opened = rows.lines.map((row): DirectoryLine => {
    const { voicemail, ...features } = JSON.parse(row.features) as LineFeatures // Written by `plan.ts`.
    const find = finderOf(row.org_id)
    const pin =
      row.voicemail_pin === null
        ? undefined
        : openPin(kek, { orgId: row.org_id, id: row.id }, row.voicemail_pin)
    // A mailbox whose PIN is lost opens to nobody from outside, as one without a PIN.
    if (row.voicemail_pin !== null && pin === undefined) unopened += 1
    const assistantIds = assistants.get(row.id)?.map((link) => link.assistant_id)
    const preferred = row.preferred_device_id
    return {
      id: row.id,
      kind: row.kind as LineKind, // Held by a check of the table.
      orgId: row.org_id,
      locationId: row.location_id,
      displayName: row.display_name,
      email: emails.get(row.id) ?? assignedEmail(row, domains.get(row.org_id)),
      extension: row.extension,
      numbers: JSON.parse(row.numbers) as string[], // Written by `plan.ts`.
      recording: engineSettings(row.recording, find),
      ...features,
      ...(voicemail === undefined ? {} : { voicemail: mailboxOf(voicemail, pin, find) }),
      ...(preferred !== null && devices.has(preferred) ? { preferredDeviceId: preferred } : {}),
      ...(assistantIds === undefined ? {} : { assistants: assistantIds }),
    }
  })
  return { opened, unopened }
}

function mailboxOf(
  stored: NonNullable<LineFeatures['voicemail']>,
  pin: VoicemailSettings['pin'],
  find: SoundFinder,
): VoicemailSettings {
  const { greeting, ...voicemail } = stored
  const clip = greeting === undefined ? undefined : find(greeting)
  return {
    ...voicemail,
    ...(pin === undefined ? {} : { pin }),
    ...(clip === undefined ? {} : { greeting: clipOfSound(clip) }),
  }
}

function groupsOf(rows: DirectoryRows): DirectoryGroup[] {
  const members = Map.groupBy(rows.members, (row) => row.group_id)
  return rows.groups.map((row) => ({
    id: row.id,
    orgId: row.org_id,
    kind: row.kind as 'pickup' | 'park', // Held by a check of the table.
    name: row.name,
    lineIds: (members.get(row.id) ?? []).map((link) => link.line_id),
  }))
}
