/**
 * The whole HTTP application in process, for table tests: a real database, directory and recordings catalogue in a
 * temporary folder, a call engine that is replaced at its port, and one token for each kind of caller.
 */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SILENT } from '@tandem/base'
import type { Scope } from '@tandem/contract'
import type { CallCommand, CallResult } from '@tandem/engine'
import {
  DownloadLinks,
  idKey,
  LIBRARY_MIGRATIONS,
  type LibraryTables,
  type NewRecordingRow,
  type OwnersPort,
  openRecordings,
  type Recordings,
} from '@tandem/recordings'
import type { Kysely } from '@tandem/store'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { CallRecords } from '../call-records/call-records.ts'
import { applyDirectory } from '../directory/apply.ts'
import { Directory } from '../directory/directory.ts'
import { Lines } from '../directory/lines.ts'
import { EventHub } from '../events/event-hub.ts'
import { History } from '../history/history.ts'
import { type AppOptions, buildApp } from '../http/app.ts'
import { CONTRACT_RULES, type RecordingRules } from '../http/recordings-port.ts'
import { type Access, openAccess } from '../oauth/access.ts'
import { Counters } from '../observe/counters.ts'
import { Owners } from '../owners/owners.ts'
import { authenticate } from '../tokens/authenticate.ts'
import { createToken, revokeToken } from '../tokens/tokens.ts'
import { openWebhooks } from '../webhooks/open-webhooks.ts'
import { FakePorts } from './fake-ports.ts'
import { openTestData, type TestData } from './open-test-data.ts'
import { AUDIO, TestLibrary } from './test-library.ts'

/** The moment at which every test of the API takes place. */
export const NOW: number = Date.UTC(2026, 1, 3, 12)
/** What the links of the test server begin with. */
export const PUBLIC_URL = 'https://pbx.example.com'

const DIRECTORY = `organizations:
  - name: Alpha
    id: 1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40
    domains: [alpha.test]
    locations: [{ name: Berlin, id: 7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913 }]
    people:
      - { id: 0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210, email: owner@alpha.test, name: Tomas Lind, extension: "101",
          numbers: ["+4930555101"], devices: [{ name: desk, id: 4d6c1686-0a5b-44e2-9144-a1f0b6e97d21, sipUser: owner, sipPassword: secret-owner, secondaryLines: ["106"] }] }
      - { id: a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05, email: colleague@alpha.test, name: Mira, extension: "102" }
      - { id: d81c5b2f-40a7-4d93-b0c6-2f7e9a3d1504, email: admin@alpha.test, name: Ines, extension: "103", roles: [admin], recording: Always }
      - { id: c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f, email: officer@alpha.test, name: Otto, extension: "104", roles: [complianceOfficer] }
    places: [{ id: 61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e02, name: Lobby, extension: "105" }]
    virtualLines: [{ id: 72c4b2ef-8c64-4e51-8e1b-9b4c9d208f13, name: Orders, extension: "106" }]
  - name: Beta
    id: 2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12
    domains: [beta.test]
    people:
      - { id: 3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77, email: everything@beta.test, name: Bo, extension: "101", roles: [admin, complianceOfficer] }
`

/** Everybody who may knock. */
export type CallerName =
  | 'none'
  | 'malformed'
  | 'unknown'
  | 'revoked'
  | 'expired'
  | 'scopeless'
  | 'owner'
  | 'reader'
  | 'colleague'
  | 'admin'
  | 'officer'
  | 'officerOwner'
  | 'adminOwner'
  | 'pretender'
  | 'foreign'

const READ_SCOPES = [
  'spark:calls_read',
  'spark:recordings_read',
  'spark:people_read',
  'spark:telephony_config_read',
  'tandem:tokens_read',
]
const USER_SCOPES = [
  ...READ_SCOPES,
  'spark:calls_write',
  'spark:recordings_write',
  'spark:telephony_config_write',
  'tandem:tokens_write',
]
const ADMIN_SCOPES = [
  'spark-admin:recordings_read',
  'spark-admin:recordings_write',
  'spark-admin:calls_read',
  'spark-admin:calls_write',
  'spark-admin:people_read',
  'spark-admin:people_write',
  'spark-admin:telephony_config_read',
  'spark-admin:telephony_config_write',
  'tandem-admin:access_read',
  'tandem-admin:access_write',
]
const OFFICER_SCOPES = ['spark-compliance:recordings_read', 'spark-compliance:recordings_write']
const WIDE_SCOPES = [...ADMIN_SCOPES, ...OFFICER_SCOPES]

/** The ids of the test directory. */
export const IDS = {
  org: '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40',
  location: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
  owner: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
  ownerDevice: '4d6c1686-0a5b-44e2-9144-a1f0b6e97d21',
  colleague: 'a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05',
  admin: 'd81c5b2f-40a7-4d93-b0c6-2f7e9a3d1504',
  officer: 'c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f',
  place: '61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e02',
  virtualLine: '72c4b2ef-8c64-4e51-8e1b-9b4c9d208f13',
  sound: '83d5c3f0-9d75-4f62-9f2c-ac5dae319024',
  message: '94e6d401-ae86-4073-8a3d-bd6ebf42a135',
  foreignOrg: '2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12',
  foreign: '3b9f6c1e-7d20-4a58-9c44-1e8a5f0d2b77',
} as const

/** A recording to put into the catalogue; the rest has sensible values. */
export type TestRecording = Partial<NewRecordingRow> & { readonly id: string; readonly facts?: string }

/** The application under test. */
export interface TestApi {
  readonly app: FastifyInstance
  readonly data: TestData
  readonly recordings: Recordings
  /** Listens to the library and makes it suffer. */
  readonly library: TestLibrary
  readonly links: DownloadLinks
  readonly owners: OwnersPort
  readonly tokens: Readonly<Record<CallerName, string | undefined>>
  readonly counters: Counters
  /** Sign-in; its callers are never remembered. */
  readonly access: Access
  /** Everything behind HTTP that is neither calls nor recordings. */
  readonly ports: FakePorts
  /** Commands that reached the call engine, in order. */
  readonly commands: CallCommand[]
  /** What the call engine answers next. */
  answer: (command: CallCommand) => CallResult | Promise<CallResult>
  /** What the clock shows. */
  now: number
  state: 'ready' | 'draining'
  /** What the operator has set; undefined: the contract's own rules. */
  rules: RecordingRules | undefined
  /** Sends a request as somebody. */
  send(caller: CallerName, request: InjectOptions): Promise<LightMyRequestResponse>
  addRecording(recording: TestRecording): Promise<NewRecordingRow>
  /** Empties the catalogue. */
  removeRecordings(): Promise<void>
  close(): Promise<void>
}

/** What stands behind HTTP. */
export interface TestApiOptions {
  /** Lines, history and call records come from the database, as in the server; else from memory. */
  readonly kept?: boolean
  /** Limits and simulated trouble; none unless given. */
  readonly limits?: Pick<AppOptions, 'gate' | 'chaos'>
  /** Takes everybody for the owner and looks nothing up, to measure what looking up costs. */
  readonly unchecked?: boolean
  /** Callers are remembered for half a second, as in the server. */
  readonly remembers?: boolean
}

/** Opens an application of its own. */
export async function openTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const data = await openTestData({ demo: false, migrations: LIBRARY_MIGRATIONS })
  const applied = await applyDirectory(data, DIRECTORY, { fileName: 'test', now: NOW })
  if (applied.errors.length > 0) throw new Error(applied.errors.join('\n'))
  const links = new DownloadLinks(data.keys.linkKey)
  const clock: { now: number } = { now: NOW } // The library asks before there is an application.
  const recordings = await openRecordings({
    db: data.db as never, // The migrations above gave it the tables of recordings.
    dataFolder: data.folder,
    kek: data.keys.kek,
    linkKey: data.keys.linkKey,
    logger: SILENT,
    onAlarm() {},
    storageRegion: 'DE',
    now: () => clock.now,
  })
  const library = new TestLibrary(recordings)
  const owners = new Owners(data.db)
  const events = new EventHub({ db: data.db, listenersMax: 100 })
  const counters = new Counters()
  const access =
    options.unchecked === true ? uncheckedAccess(data, counters) : testAccess(data, counters, options)
  const ports = makePorts()
  // Names are public and nothing is sent: what is delivered has tests of its own.
  const hooks = await openWebhooks({
    ...{ db: data.db, kek: data.keys.kek, counters, logger: SILENT },
    audit: (entries) => recordings.audit.statements(entries),
    clock: { now: () => clock.now, after: () => () => {} },
    resolve: async (host) => (host.endsWith('.internal') ? ['10.0.0.7'] : ['93.184.215.14']),
    post: async () => ({ kind: 'failed', error: 'unreachable' }),
  })
  const api: TestApi = {
    data,
    recordings,
    library,
    links,
    owners,
    rules: undefined,
    counters,
    access,
    ports,
    tokens: await makeTokens(data),
    commands: [],
    answer: () => ({ kind: 'refused', error: 'call_not_found' }),
    get now() {
      return clock.now
    },
    set now(now) {
      clock.now = now
    },
    state: 'ready',
    app: buildApp({
      ...options.limits,
      services: {
        db: data.db,
        access,
        events,
        recordings: library.library,
        owners,
        get rules() {
          return api.rules ?? CONTRACT_RULES
        },
        directory: new Directory({
          data,
          audit: library.library.audit,
          changed: async () => {},
          sipAddresses: () => ['udp:pbx.example.com:5060'],
          now: () => api.now,
        }),
        lines: options.kept === true ? new Lines(data.db) : ports.lines,
        history: options.kept === true ? new History(data.db) : ports.history,
        callRecords: options.kept === true ? new CallRecords(data.db) : ports.callRecords,
        sounds: ports.sounds,
        voicemail: ports.voicemail,
        mwi: ports.mwi,
        webhooks: hooks.webhooks,
        publicUrl: PUBLIC_URL,
        now: () => api.now,
        calls: {
          async run(command) {
            api.commands.push(command)
            return api.answer(command)
          },
        },
      },
      health: { state: () => api.state, gauges: async () => [] },
      counters,
      logger: SILENT,
    }),
    send(caller, request) {
      const token = api.tokens[caller]
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
      return api.app.inject({ ...request, headers: { ...authorization, ...request.headers } })
    },
    addRecording: (recording) => addRecording(data, recording),
    async removeRecordings() {
      const db = tablesOf(data)
      await db.deleteFrom('recording').execute()
      await db.deleteFrom('recording_facts').execute()
    },
    async close() {
      events.close()
      await api.app.close()
      await hooks.close()
      await recordings.close()
      await data.remove()
    },
  }
  return api
}

/** Every request asks the database anew unless told otherwise, so that a test may change a row beneath the server. */
function testAccess(data: TestData, counters: Counters, { remembers }: TestApiOptions = {}): Access {
  const noProvider = {
    oidcIssuer: '',
    oidcClientId: '',
    oidcClientSecret: undefined,
    oidcName: '',
    oidcDomains: [],
  }
  const callers = { authenticate: (token: string, now: number) => authenticate(data.db, token, now) }
  const access = openAccess(data.db, noProvider, counters)
  return remembers === true ? access : { ...access, callers }
}

function uncheckedAccess(data: TestData, counters: Counters): Access {
  const scopes: ReadonlySet<Scope> = new Set(USER_SCOPES as Scope[]) // Every one of them is a scope.
  const owner = { tokenId: 'owner', orgId: IDS.org, personId: IDS.owner, scopes }
  return { ...testAccess(data, counters), callers: { authenticate: async () => owner } }
}

function makePorts(): FakePorts {
  const ports = new FakePorts()
  const desk = { id: IDS.ownerDevice, name: 'desk', kind: 'DEVICE' } as const
  const orgId = IDS.org
  ports.allLines.push(
    {
      orgId,
      id: IDS.owner,
      kind: 'person',
      displayName: 'Tomas Lind',
      devices: [desk],
      secondaryLines: [IDS.virtualLine],
    },
    { orgId, id: IDS.colleague, kind: 'person', displayName: 'Mira' },
    { orgId, id: IDS.admin, kind: 'person', displayName: 'Ines', managed: true },
    { orgId, id: IDS.officer, kind: 'person', displayName: 'Otto' },
    { orgId, id: IDS.place, kind: 'place', displayName: 'Lobby' },
    { orgId, id: IDS.virtualLine, kind: 'virtualLine', displayName: 'Orders', devices: [desk] },
    { orgId: IDS.foreignOrg, id: IDS.foreign, kind: 'person', displayName: 'Bo' },
  )
  ports.locations.set(IDS.location, { orgId, holdMusic: null })
  return ports
}

async function makeTokens(data: TestData): Promise<Record<CallerName, string | undefined>> {
  const make = async (email: string, scopes: string[], lifetimeMs = 86_400_000): Promise<string> => {
    const made = await createToken(data.db, { email, scopes, lifetimeMs, now: NOW })
    return made.token
  }
  const revoked = await createToken(data.db, { email: 'owner@alpha.test', scopes: USER_SCOPES, now: NOW })
  await revokeToken(data.db, revoked.id, NOW)
  const owner = await make('owner@alpha.test', USER_SCOPES)
  const foreignDatabase = await openTestData()
  const stranger = await createToken(foreignDatabase.db, { email: 'ada@radio.test', scopes: ['spark:all'] })
  await foreignDatabase.remove()
  return {
    none: undefined,
    malformed: `${owner.slice(0, -1)}${owner.endsWith('A') ? 'B' : 'A'}`,
    unknown: stranger.token,
    revoked: revoked.token,
    expired: await make('owner@alpha.test', USER_SCOPES, 0),
    scopeless: await make('owner@alpha.test', ['spark:kms']),
    owner,
    reader: await make('owner@alpha.test', READ_SCOPES),
    colleague: await make('colleague@alpha.test', USER_SCOPES),
    admin: await make('admin@alpha.test', ADMIN_SCOPES),
    officer: await make('officer@alpha.test', OFFICER_SCOPES),
    officerOwner: await make('officer@alpha.test', [...OFFICER_SCOPES, ...USER_SCOPES]),
    adminOwner: await make('admin@alpha.test', [...ADMIN_SCOPES, ...USER_SCOPES]),
    pretender: await make('colleague@alpha.test', WIDE_SCOPES),
    foreign: await make('everything@beta.test', [...USER_SCOPES, ...WIDE_SCOPES]),
  }
}

async function addRecording(data: TestData, { facts, ...given }: TestRecording): Promise<NewRecordingRow> {
  const createTime = given.create_time ?? NOW - 3_600_000
  const topic = given.topic ?? 'Call with Mira Okafor-20260203 1100'
  const email = given.owner_email ?? 'owner@alpha.test'
  const org = given.org_id ?? '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
  const opening = {
    version: 1,
    recordingId: given.id,
    orgId: org,
    personality: 'originator',
    callingParty: { actor: { type: 'USER' }, number: 'sip:101@alpha.test;user=phone' },
    calledParty: { actor: { type: 'USER' }, number: 'sip:102@alpha.test;user=phone' },
    recordingType: 'alwaysON',
    callSessionId: 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644',
    callId: 'callhalf-70421:0',
    locationId: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
    startedAt: createTime - 60_000,
  }
  const row: NewRecordingRow = {
    id_key: idKey(given.id),
    org_id: org,
    owner_id: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
    owner_type: 'user',
    owner_name: 'Tomas Lind',
    owner_email: email,
    owner_email_key: email.toLowerCase(),
    location_id: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
    call_session_id: 'c0a4d1b2-9f7e-4b60-8f0a-5ad2f1e3b644',
    call_id: 'callhalf-70421:0',
    topic,
    topic_key: topic.toLowerCase(),
    create_time: createTime,
    time_recorded: createTime - 60_000,
    duration_ms: 59_600,
    size_bytes: AUDIO.length,
    format: 'MP3',
    service_type: 'calling',
    storage_region: 'DE',
    status: 'available',
    sha256: createHash('sha256').update(AUDIO).digest('hex'),
    vault_key: `${org}/2026/02/${given.id}.mp3`,
    recovered: 0,
    gaps: '[]',
    storage: 'bare',
    origin: 'call',
    parties: '',
    status_at: createTime,
    kept_from: createTime,
    retain_until: null,
    erase_at_end: 0,
    bin_until: null,
    held: 0,
    download_prevented: 0,
    ...given,
  }
  const file = join(data.folder, 'vault', row.vault_key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, AUDIO)
  const db = tablesOf(data)
  await db.insertInto('recording').values(row).execute()
  const written = facts ?? JSON.stringify({ opening, notes: [], closing: { stoppedAt: createTime } })
  await db.insertInto('recording_facts').values({ id_key: row.id_key, facts: written }).execute()
  return row
}

function tablesOf(data: TestData): Kysely<LibraryTables> {
  return data.db.kysely as unknown as Kysely<LibraryTables> // See the migrations above.
}
