/**
 * The server's own tables: directory, tokens, registrations, calls, sounds, voicemail. Every row and every index is
 * keyed by organisation first; what a person types is unique inside one organisation only, except for SIP domains,
 * which name the organisation. Times are Unix milliseconds, lists and documents are JSON text. The migrations that make
 * them stand beside this file, a file for each issue; what has been released is never changed.
 */

import type { OAuthTables } from '../oauth/tables.ts'
import type { WebhookTables } from '../webhooks/tables.ts'

/** An organisation. `managed_by` names the directory file it came from. */
export interface OrganizationTable {
  id: string
  name: string
  managed_by: string
  created_at: number
  /** In seconds; null: the server's own setting. */
  park_recall_seconds: number | null
}

/** A SIP domain; position 0 is the realm of the organisation's digests. */
export interface DomainTable {
  domain: string
  org_id: string
  position: number
}

/** A calling location. */
export interface LocationTable {
  id: string
  org_id: string
  name: string
  managed_by: string
  /** Id or name of an uploaded sound; null: the built-in music. */
  hold_music: string | null
  /** 1 when the file says the hold music, so that the API may not. */
  hold_music_managed: number
  /** JSON: `ServiceNumber[]`. */
  services: string
  /** Null: the server's own setting. */
  recording_failure: string | null
}

/** Whatever can be called: every person, workspace and virtual line has exactly one row. */
export interface LineTable {
  id: string
  org_id: string
  /** `person`, `place`, `virtualLine`. */
  kind: string
  location_id: string
  display_name: string
  /** Unique in the organisation, whatever the kind. */
  extension: string
  numbers: string
  /** JSON: `LineFeatures`. */
  features: string
  /** JSON: `RecordingDocument`. */
  recording: string
  /** 1 when the file says it, so that the API may not. */
  recording_managed: number
  /** Salt and hash of the mailbox PIN, sealed; null: none. */
  voicemail_pin: Uint8Array | null
  preferred_device_id: string | null
  /** 1 when the file says it, so that the API may not. */
  preferred_managed: number
  /** Lit by a voicemail system outside. */
  external_waiting: number
  managed_by: string
}

/** What only a person has beside the line of the same id. `email_folded` is what emails are compared by. */
export interface PersonTable {
  id: string
  org_id: string
  email: string
  email_folded: string
  first_name: string
  last_name: string
  roles: string
  timezone: string | null
  managed_by: string
  created_at: number
  modified_at: number
}

/** A line that appears on a phone beside the phone's own. */
export interface DeviceLineTable {
  org_id: string
  device_id: string
  line_id: string
  position: number
}

/** Who answers for an executive. */
export interface AssistantTable {
  org_id: string
  executive_id: string
  assistant_id: string
  position: number
}

/** A pickup or park group. */
export interface LineGroupTable {
  id: string
  org_id: string
  kind: string
  name: string
  managed_by: string
}

/** A member of one. */
export interface LineGroupMemberTable {
  org_id: string
  group_id: string
  line_id: string
  position: number
}

/** A phone. `secret` holds its HA1s, sealed. */
export interface DeviceTable {
  id: string
  org_id: string
  line_id: string
  name: string
  sip_user: string
  realm: string
  secret: Uint8Array
  managed_by: string
}

/** Who may act as whom, by the hash of a bearer token. */
export interface TokenTable {
  id: string
  hash: string
  org_id: string
  /** Null for a service app. */
  person_id: string | null
  /** `operator`, `personal`, `integration`, `service`. */
  kind: string
  /** The OAuth client that it was given to. */
  client_id: string | null
  /** The consent that it came of. */
  grant_id: string | null
  scopes: string
  note: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
}

/** A one-time set-up link, by the hash of its secret. */
export interface SetupLinkTable {
  hash: string
  created_at: number
  expires_at: number
  used_at: number | null
}

/** The registered contacts of one device, as one document. */
export interface BindingTable {
  org_id: string
  device_id: string
  bindings: string
}

/** One conversation that has ended. */
export interface CallRecordTable {
  org_id: string
  call_session_id: string
  started_at: number
  answered_at: number | null
  ended_at: number
  cause: string
  record: string
}

/** One line of a call history; at most 20 of an owner and type. */
export interface CallHistoryTable {
  org_id: string
  line_id: string
  /** `placed`, `missed`, `received`. */
  type: string
  /** Raw call half id: the row is written once however often its event comes. */
  call_id: string
  name: string | null
  number: string | null
  privacy: number
  time: number
}

/** An uploaded announcement or hold music; its file is `clips/sounds/<id>.ulaw`. */
export interface SoundTable {
  id: string
  org_id: string
  /** Unique in the organisation. */
  name: string
  duration_ms: number
  size_bytes: number
  created_at: number
}

/** A message in a mailbox; its file is `clips/voicemail/<id>.ulaw`. */
export interface VoicemailTable {
  id: string
  org_id: string
  line_id: string
  call_session_id: string
  at: number
  duration_ms: number
  name: string | null
  number: string | null
  heard: number
  /** Set while its file is being removed (storage rule R3). */
  deleted: number
}

/** Facts about the data folder itself: `key` is the fingerprint of the master key, `directory` counts its changes. */
export interface ServerStateTable {
  name: string
  value: string
}

/** The tables of this package. */
export interface ServerTables extends OAuthTables, WebhookTables {
  organizations: OrganizationTable
  domains: DomainTable
  locations: LocationTable
  lines: LineTable
  people: PersonTable
  devices: DeviceTable
  device_lines: DeviceLineTable
  assistants: AssistantTable
  line_groups: LineGroupTable
  line_group_members: LineGroupMemberTable
  tokens: TokenTable
  setup_links: SetupLinkTable
  bindings: BindingTable
  call_records: CallRecordTable
  call_history: CallHistoryTable
  sounds: SoundTable
  voicemail: VoicemailTable
  server_state: ServerStateTable
}
