/**
 * The directory on the wire: the read shapes of Webex with which integrations find ids, and the bodies and answers of our own
 * changes under `/tandem/v1`. What a value must look like is said once, by the rules of the directory file; these schemas say
 * the types, and bounds that are never narrower.
 */
import Type, { type Static, type TObject, type TProperties } from 'typebox'
import { ID_CHARS_MAX } from './vocabulary.ts'

/** Longest text of an entry: an email address, and more than any name may have. */
const TEXT_CHARS_MAX = 254
/** Most items of the longest list of an entry: the members of a group. */
const ITEMS_MAX = 1_000
/** Longest SIP password and mailbox PIN. */
const SECRET_CHARS_MAX = 128

const id = (type: string) => Type.String({ description: `Webex id of type ${type}` })
const list = <Item extends TObject>(item: Item, title: string) =>
  Type.Object({ items: Type.Array(item) }, { title })
const text = Type.String({ maxLength: TEXT_CHARS_MAX })
const texts = Type.Array(text, { maxItems: ITEMS_MAX })
const flag = Type.Boolean()

// ── The shapes of Webex ──

/** An organisation. */
export const Organization = Type.Object(
  { id: id('ORGANIZATION'), displayName: Type.String(), created: Type.String({ format: 'date-time' }) },
  { title: 'Organization' },
)
/** An organisation. */
export type Organization = Static<typeof Organization>
/** A list of one. */
export const OrganizationList = list(Organization, 'OrganizationList')

/** A calling location. */
export const Location = Type.Object(
  { id: id('LOCATION'), name: Type.String(), orgId: id('ORGANIZATION') },
  { title: 'Location' },
)
/** A calling location. */
export type Location = Static<typeof Location>
/** A page of locations. */
export const LocationList = list(Location, 'LocationList')

/** A workspace: a line that belongs to a place. */
export const Workspace = Type.Object(
  {
    id: id('PLACE'),
    orgId: id('ORGANIZATION'),
    locationId: id('LOCATION'),
    displayName: Type.String(),
    type: Type.Enum(['notSet']),
    sipAddress: Type.String(),
    calling: Type.Object({
      type: Type.Enum(['webexCalling']),
      webexCalling: Type.Object({
        phoneNumber: Type.Optional(Type.String()),
        extension: Type.String(),
        locationId: id('LOCATION'),
      }),
    }),
  },
  { title: 'Workspace' },
)
/** A workspace: a line that belongs to a place. */
export type Workspace = Static<typeof Workspace>
/** A page of workspaces. */
export const WorkspaceList = list(Workspace, 'WorkspaceList')

/** A virtual line. */
export const VirtualLine = Type.Object(
  {
    id: id('VIRTUAL_LINE'),
    firstName: Type.String(),
    lastName: Type.String(),
    displayName: Type.String(),
    extension: Type.String(),
    number: Type.Object({
      external: Type.Optional(Type.String()),
      extension: Type.String(),
      primary: Type.Boolean(),
    }),
    location: Type.Object({ id: id('LOCATION'), name: Type.String() }),
    numberOfDevicesAssigned: Type.Integer(),
  },
  { title: 'VirtualLine' },
)
/** A virtual line. */
export type VirtualLine = Static<typeof VirtualLine>
/** A page of virtual lines; Webex has another name for the list here. */
export const VirtualLineList = Type.Object(
  { virtualLines: Type.Array(VirtualLine) },
  { title: 'VirtualLineList' },
)

/** A phone. */
export const Device = Type.Object(
  {
    id: id('DEVICE'),
    displayName: Type.String(),
    personId: Type.Optional(id('PEOPLE')),
    workspaceId: Type.Optional(id('PLACE')),
    orgId: id('ORGANIZATION'),
    locationId: id('LOCATION'),
    product: Type.String(),
    type: Type.Enum(['phone']),
    connectionStatus: Type.Enum(['connected', 'disconnected'], {
      description: 'Connected: it has a registration that has not run out',
    }),
    sipUserName: Type.String(),
    tags: Type.Array(Type.String()),
  },
  { title: 'Device' },
)
/** A phone. */
export type Device = Static<typeof Device>
/** A page of phones. */
export const DeviceList = list(Device, 'DeviceList')

// ── Our own changes ──

const forwarding = Type.Object({
  always: Type.Optional(text),
  busy: Type.Optional(text),
  noAnswer: Type.Optional(text),
  unavailable: Type.Optional(text),
})
const mailbox = {
  enabled: Type.Optional(flag),
  always: Type.Optional(flag),
  busy: Type.Optional(flag),
  noAnswer: Type.Optional(flag),
  greeting: Type.Optional(text),
}
const sounds = Type.Object({
  start: Type.Optional(text),
  stop: Type.Optional(text),
  pause: Type.Optional(text),
  resume: Type.Optional(text),
  failureEndWithCall: Type.Optional(text),
  failureProceedWithCall: Type.Optional(text),
})
const recordingMembers = {
  mode: Type.Optional(text),
  voicemail: Type.Optional(flag),
  announce: Type.Optional(Type.Object({ internal: Type.Optional(flag), external: Type.Optional(flag) })),
  notification: Type.Optional(text),
  repeatSeconds: Type.Optional(Type.Integer()),
  announcements: Type.Optional(sounds),
  access: Type.Optional(
    Type.Object({
      view: Type.Optional(flag),
      download: Type.Optional(flag),
      delete: Type.Optional(flag),
      share: Type.Optional(flag),
    }),
  ),
}
const service = Type.Object({
  number: text,
  kind: Type.Optional(Type.Enum(['emergency', 'repair'])),
  destination: text,
})
const services = Type.Array(service, { maxItems: ITEMS_MAX })
const location = Type.String({ maxLength: ID_CHARS_MAX, description: 'Name or id' })
const lines = Type.Array(
  Type.String({ maxLength: ID_CHARS_MAX, description: 'Extension, email address or id of a line' }),
  { maxItems: ITEMS_MAX },
)
const password = Type.String({
  maxLength: SECRET_CHARS_MAX,
  description: 'Made by the server when absent and needed, and then shown once',
})
const deviceMembers = {
  name: Type.Optional(text),
  sipUser: Type.Optional(text),
  sipPassword: Type.Optional(password),
  secondaryLines: Type.Optional(lines),
}
const unset = Type.Optional(
  Type.Array(text, { maxItems: 20, description: 'Members to take away, such as timezone or forwarding' }),
)

/** What every line takes. */
const lineMembers = {
  name: Type.Optional(text),
  extension: Type.Optional(text),
  numbers: Type.Optional(texts),
  location: Type.Optional(location),
  locationId: Type.Optional(location),
  forwarding: Type.Optional(forwarding),
  voicemail: Type.Optional(
    Type.Union([
      flag,
      Type.Object({ ...mailbox, pin: Type.Optional(Type.String({ maxLength: SECRET_CHARS_MAX })) }),
    ]),
  ),
  doNotDisturb: Type.Optional(flag),
  callerIdBlocked: Type.Optional(flag),
  ringSeconds: Type.Optional(Type.Integer()),
  bargeIn: Type.Optional(flag),
  numberReach: Type.Optional(texts),
  recording: Type.Optional(Type.Union([text, Type.Object(recordingMembers)])),
  preferredDevice: Type.Optional(text),
  assistants: Type.Optional(lines),
}
const devices = Type.Optional(Type.Array(Type.Object(deviceMembers), { maxItems: ITEMS_MAX }))
const personMembers = {
  email: Type.Optional(text),
  firstName: Type.Optional(text),
  lastName: Type.Optional(text),
  roles: Type.Optional(texts),
  timezone: Type.Optional(text),
  ...lineMembers,
  devices,
}

const request = <Members extends TProperties>(title: string, members: Members) =>
  Type.Object(members, { title })

/** Body of `PUT /tandem/v1/organization`. */
export const UpdateOrganizationRequest = request('UpdateOrganizationRequest', {
  name: Type.Optional(text),
  domains: Type.Optional(texts),
  parkRecallSeconds: Type.Optional(Type.Integer()),
  unset,
})
/** Body of `POST /tandem/v1/people`. */
export const CreatePersonRequest = request('CreatePersonRequest', {
  ...personMembers,
  email: text,
  name: text,
  extension: text,
})
/** Body of `PUT /tandem/v1/people/{personId}`. */
export const UpdatePersonRequest = request('UpdatePersonRequest', { ...personMembers, unset })
/** Body of `POST /tandem/v1/workspaces`. */
export const CreateWorkspaceRequest = request('CreateWorkspaceRequest', {
  ...lineMembers,
  devices,
  name: text,
  extension: text,
})
/** Body of `PUT /tandem/v1/workspaces/{workspaceId}`. */
export const UpdateWorkspaceRequest = request('UpdateWorkspaceRequest', { ...lineMembers, devices, unset })
/** Body of `POST /tandem/v1/virtualLines`. */
export const CreateVirtualLineRequest = request('CreateVirtualLineRequest', {
  ...lineMembers,
  name: text,
  extension: text,
})
/** Body of `PUT /tandem/v1/virtualLines/{virtualLineId}`. */
export const UpdateVirtualLineRequest = request('UpdateVirtualLineRequest', { ...lineMembers, unset })

const locationMembers = {
  name: Type.Optional(text),
  holdMusic: Type.Optional(text),
  recordingFailure: Type.Optional(text),
  services: Type.Optional(services),
}
/** Body of `POST /tandem/v1/locations`. */
export const CreateLocationRequest = request('CreateLocationRequest', { ...locationMembers, name: text })
/** Body of `PUT /tandem/v1/locations/{locationId}`. */
export const UpdateLocationRequest = request('UpdateLocationRequest', { ...locationMembers, unset })

const ownerId = Type.String({ minLength: 1, maxLength: ID_CHARS_MAX })
/** Body of `POST /tandem/v1/devices`: of a person or of a workspace. */
export const CreateDeviceRequest = request('CreateDeviceRequest', {
  ...deviceMembers,
  name: text,
  sipUser: text,
  personId: Type.Optional(ownerId),
  workspaceId: Type.Optional(ownerId),
})
/** Body of `PUT /tandem/v1/devices/{deviceId}`. */
export const UpdateDeviceRequest = request('UpdateDeviceRequest', deviceMembers)

const groupMembers = { name: Type.Optional(text), lines: Type.Optional(lines) }
/** Body of `POST /tandem/v1/groups`. */
export const CreateGroupRequest = request('CreateGroupRequest', {
  ...groupMembers,
  name: text,
  kind: Type.Enum(['pickup', 'park']),
})
/** Body of `PUT /tandem/v1/groups/{groupId}`. */
export const UpdateGroupRequest = request('UpdateGroupRequest', groupMembers)

// ── What they answer ──

const managedBy = Type.Optional(
  Type.String({ description: 'The directory file that has it; absent: the API may change it' }),
)
const account = {
  sipPassword: Type.Optional(Type.String({ description: 'Only in the answer to the request that made it' })),
  realm: Type.String({ description: 'What the password is hashed with' }),
  servers: Type.Array(Type.String(), { description: 'Where the phone registers, as transport:host:port' }),
}

/** A phone as the directory has it, with what its user has to key in. */
export const DirectoryDevice = Type.Object(
  {
    id: id('DEVICE'),
    managedBy,
    personId: Type.Optional(id('PEOPLE')),
    workspaceId: Type.Optional(id('PLACE')),
    name: Type.String(),
    sipUser: Type.String(),
    ...account,
    secondaryLines: Type.Array(Type.String()),
  },
  { title: 'DirectoryDevice' },
)
/** A phone as the directory has it. */
export type DirectoryDevice = Static<typeof DirectoryDevice>

const lineAnswer = {
  managedBy,
  name: Type.String(),
  extension: Type.String(),
  numbers: Type.Array(Type.String()),
  location: Type.String(),
  locationId: id('LOCATION'),
  forwarding: Type.Optional(forwarding),
  voicemail: Type.Optional(Type.Object(mailbox)),
  doNotDisturb: Type.Optional(flag),
  callerIdBlocked: Type.Optional(flag),
  ringSeconds: Type.Optional(Type.Integer()),
  bargeIn: Type.Optional(flag),
  numberReach: Type.Optional(Type.Array(Type.String())),
  recording: Type.Optional(Type.Object(recordingMembers)),
  preferredDevice: Type.Optional(Type.String()),
  assistants: Type.Array(Type.String()),
}
/** A person as the directory has it. */
export const DirectoryPerson = Type.Object(
  {
    id: id('PEOPLE'),
    email: Type.String(),
    firstName: Type.String(),
    lastName: Type.Optional(Type.String()),
    roles: Type.Array(Type.String()),
    timezone: Type.Optional(Type.String()),
    ...lineAnswer,
    devices: Type.Array(DirectoryDevice),
  },
  { title: 'DirectoryPerson' },
)
/** A workspace as the directory has it. */
export const DirectoryWorkspace = Type.Object(
  { id: id('PLACE'), ...lineAnswer, devices: Type.Array(DirectoryDevice) },
  { title: 'DirectoryWorkspace' },
)
/** A virtual line as the directory has it. */
export const DirectoryVirtualLine = Type.Object(
  { id: id('VIRTUAL_LINE'), ...lineAnswer },
  { title: 'DirectoryVirtualLine' },
)
/** A location as the directory has it. */
export const DirectoryLocation = Type.Object(
  {
    id: id('LOCATION'),
    managedBy,
    name: Type.String(),
    holdMusic: Type.Optional(Type.String()),
    recordingFailure: Type.Optional(Type.String()),
    services: Type.Array(service),
  },
  { title: 'DirectoryLocation' },
)
/** An organisation as the directory has it. */
export const DirectoryOrganization = Type.Object(
  {
    id: id('ORGANIZATION'),
    managedBy,
    name: Type.String(),
    domains: Type.Array(Type.String()),
    parkRecallSeconds: Type.Optional(Type.Integer()),
  },
  { title: 'DirectoryOrganization' },
)
/** A pickup or park group. */
export const DirectoryGroup = Type.Object(
  {
    id: Type.String({ description: 'Raw UUID' }),
    managedBy,
    kind: Type.Enum(['pickup', 'park']),
    name: Type.String(),
    lines: Type.Array(Type.String({ description: 'Extension' })),
  },
  { title: 'DirectoryGroup' },
)
/** All groups. */
export const DirectoryGroupList = list(DirectoryGroup, 'DirectoryGroupList')

const change = Type.Object({
  action: Type.Enum(['create', 'update', 'remove']),
  kind: Type.String(),
  id: Type.String({ description: 'Raw UUID' }),
  name: Type.String(),
})
/** What applying a directory file came to. */
export const DirectoryApplied = Type.Object(
  {
    dryRun: Type.Boolean(),
    changes: Type.Array(change),
    left: Type.Array(change, {
      description: 'What is in the directory and not in the file, kept for want of prune',
    }),
  },
  { title: 'DirectoryApplied' },
)
