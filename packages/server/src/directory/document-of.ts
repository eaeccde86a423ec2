/**
 * Rows of the directory as the document that would make them: what the API shows of an entry, and what a change that names
 * some members is laid over. Read again (`document.ts`) and planned, it changes nothing.
 */
import type { Selectable } from '@tandem/store'
import type {
  DeviceTable,
  LineGroupTable,
  LineTable,
  LocationTable,
  OrganizationTable,
} from '../data/tables.ts'
import { ANNOUNCEMENT_EVENTS } from '../http/ports.ts'
import type { LineFeatures } from './line-document.ts'
import type { RecordingDocument } from './recording-document.ts'
import type { DirectoryRows } from './rows.ts'

/** An entry as JSON, by the names that a directory file has. */
export type Document = Readonly<Record<string, unknown>>

/** Shows the rows of one organisation. */
export class DocumentView {
  readonly #rows: DirectoryRows
  readonly #people: ReadonlyMap<string, DirectoryRows['people'][number]>
  readonly #lines: ReadonlyMap<string, Selectable<LineTable>>
  readonly #locations: ReadonlyMap<string, string>

  constructor(rows: DirectoryRows) {
    this.#rows = rows
    this.#people = new Map(rows.people.map((row) => [row.id, row]))
    this.#lines = new Map(rows.lines.map((row) => [row.id, row]))
    this.#locations = new Map(rows.locations.map((row) => [row.id, row.name]))
  }

  organization(row: Selectable<OrganizationTable>): Document {
    return {
      name: row.name,
      domains: this.#rows.domains
        .filter((domain) => domain.org_id === row.id)
        .toSorted((a, b) => a.position - b.position)
        .map((domain) => domain.domain),
      ...given('parkRecallSeconds', row.park_recall_seconds),
    }
  }

  location(row: Selectable<LocationTable>): Document {
    return {
      name: row.name,
      ...given('holdMusic', row.hold_music),
      ...given('recordingFailure', row.recording_failure),
      services: JSON.parse(row.services), // Written by the directory.
    }
  }

  /** A line of any kind, without its phones and without what has operations of its own: recording, preferred phone. */
  line(row: Selectable<LineTable>): Document {
    const person = this.#people.get(row.id)
    return {
      name: row.display_name,
      ...(person === undefined
        ? {}
        : {
            email: person.email,
            ...given('firstName', person.first_name || undefined),
            // Who has one name only has no empty one.
            ...given('lastName', person.last_name || undefined),
            roles: JSON.parse(person.roles), // Written by the directory.
            ...given('timezone', person.timezone),
          }),
      extension: row.extension,
      numbers: JSON.parse(row.numbers), // Written by the directory.
      ...given('location', this.#locations.get(row.location_id)),
      ...(JSON.parse(row.features) as LineFeatures), // Written by the directory.
      assistants: this.#rows.assistants
        .filter((link) => link.executive_id === row.id)
        .map((link) => this.#extension(link.assistant_id)),
    }
  }

  /** How a line is recorded, in the words of a file; nothing when nobody has said. */
  recording(row: Selectable<LineTable>): Document | undefined {
    const stored = JSON.parse(row.recording) as RecordingDocument // Written by the directory.
    return Object.keys(stored).length === 0 ? undefined : recordingEntry(stored)
  }

  device(row: Selectable<DeviceTable>): Document {
    return {
      name: row.name,
      sipUser: row.sip_user,
      secondaryLines: this.#rows.deviceLines
        .filter((link) => link.device_id === row.id)
        .map((link) => this.#extension(link.line_id)),
    }
  }

  group(row: Selectable<LineGroupTable>): Document {
    return {
      name: row.name,
      lines: this.#rows.members
        .filter((link) => link.group_id === row.id)
        .map((link) => this.#extension(link.line_id)),
    }
  }

  #extension(lineId: string): string {
    return this.#lines.get(lineId)?.extension ?? ''
  }
}

/** The long form of a file (`recording-document.ts`) for what is stored. */
function recordingEntry(stored: RecordingDocument): Document {
  const { startStopAnnouncement, notification, repeat, callRecordingAccessSettings: access } = stored
  const announced = stored.startStopAnnouncementEnabled === true
  const sounds = ANNOUNCEMENT_EVENTS.flatMap((event) => {
    const choice = stored.announcements?.[event]
    return choice?.type === 'CUSTOM' ? [[event, choice.soundId] as const] : []
  })
  return {
    mode: stored.enabled === false ? 'Never' : (stored.record ?? 'Never'),
    voicemail: stored.recordVoicemailEnabled ?? false,
    announce: {
      internal: announced && startStopAnnouncement?.internalCallsEnabled === true,
      external: announced && startStopAnnouncement?.pstnCallsEnabled === true,
    },
    notification: notification?.enabled === true ? notification.type : 'None',
    ...(repeat?.enabled === true ? { repeatSeconds: repeat.interval } : {}),
    ...(sounds.length === 0 ? {} : { announcements: Object.fromEntries(sounds) }),
    ...(access === undefined
      ? {}
      : {
          access: {
            view: access.viewAndPlayRecordingsEnabled,
            download: access.downloadRecordingsEnabled,
            delete: access.deleteRecordingsEnabled,
            share: access.shareRecordingsEnabled,
          },
        }),
  }
}

function given(name: string, value: unknown): Document {
  return value === null || value === undefined ? {} : { [name]: value }
}
