/** What the document says in prose. */
import type { Tag } from '../routes/route.ts'

/** What holds for every operation (contract README §1, §4, §6). */
export const DESCRIPTION = `Control of real phone calls and their recordings, behind the Webex Calling REST API.

- A bearer token opens everything but links, pages and sign-in. Each operation names the scopes that open it.
- Bodies are JSON. A member that is \`null\` counts as absent, and one that is not known is ignored; an absent body counts as \`{}\`.
- A query parameter that is given twice is refused, and one that is not known is ignored.
- Ids are accepted as Webex ids, padded or not, and as the raw UUID behind them.
- Dates are accepted in any ISO 8601 form; those without an offset are read in the zone of the \`timezone\` header.
- HEAD is offered wherever GET is, and one slash at the end of a path is tolerated.
- Every error has the same body, whose \`errorCode\` keeps its meaning.`

/** Headings, in the order in which a page shows them. */
export const TAGS: Readonly<Record<Tag, string>> = {
  'Converged Recordings': 'Recordings of calls',
  'Meeting Recordings': 'Recordings of meetings',
  'Call Controls': 'Calls of the person that the token belongs to',
  'Call Controls by Member': 'Calls of a person, workspace or virtual line, for administrators',
  'Conference Controls': 'Conferences of a person or of a member',
  'Call Settings': 'How calls are answered and recorded',
  'People and Places': 'People, locations, workspaces, virtual lines and devices, to find their ids',
  Webhooks: 'Who is told of what happens',
  OAuth: 'Tokens for integrations, devices and service apps',
  Directory: 'Changes to the directory (our own)',
  'Tokens and Clients': 'Personal access tokens, integrations and service apps (our own)',
  'Live Events': 'Events as they happen (our own)',
  'Recording Library': 'Search, import, transcripts, legal hold, retention and audit of recordings (our own)',
  Telephony: 'Announcements, voicemail, call records and traces (our own)',
  'Links and Pages': 'Files behind signed links, and pages for people',
  Operation: 'Whether the server is well, and what it offers',
}

/** Parameters of paths, by name. */
export const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  announcementId: 'UUID of an announcement',
  callId: 'Id of a call, as lists show it',
  callSessionId: 'Id of a conversation, as call controls or as recordings show it',
  clientId: 'Id of an OAuth client',
  deliveryId: 'Id of a delivery, as the log shows it',
  deviceId: 'Id of a phone',
  file: 'Which file: audio, video, transcript or one of the notes',
  groupId: 'Id of a pickup or park group',
  holdId: 'Id of a legal hold',
  importId: 'Id of an import',
  lineOwnerId: 'A user, workspace or virtual line whose line is a secondary one of the caller’s phones',
  locationId: 'Id of a location',
  memberId: 'Id of a person, workspace or virtual line',
  messageId: 'Id of a voicemail message',
  organizationId: 'Id of an organisation',
  page: 'What the page does',
  personId: 'Id of a person',
  recordingId: 'Unique identifier for the recording',
  scope: 'Whose recordings a policy is about',
  scopeId: 'Id of the organisation, location or owner',
  secret: 'The secret of the link',
  tokenId: 'Id of a token, which is not its text',
  virtualLineId: 'Id of a virtual line',
  webhookId: 'Id of a webhook',
  workspaceId: 'Id of a workspace',
}
