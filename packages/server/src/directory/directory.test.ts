/** Changes of one entry against the file: the same directory by both ways, and never one that a file would be refused for. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { DirectorySnapshot } from '@tandem/engine'
import type { Actor } from '@tandem/recordings'
import fc from 'fast-check'
import { Failure } from '../http/failure.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { applyDirectory } from './apply.ts'
import { Directory, type EntryKind } from './directory.ts'
import { type Document, DocumentView } from './document-of.ts'
import { alteration, creation, type NewEntry, removal } from './entry-change.ts'
import { kindOf } from './planning.ts'
import { type DirectoryRows, readRows } from './rows.ts'
import { loadSnapshot } from './snapshot.ts'

const ORG = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
const actor: Actor = { orgId: ORG, personId: ORG, as: 'admin' }

let data: TestData
let directory: Directory
let told = 0
before(async () => {
  data = await openTestData({ demo: false })
  directory = new Directory({
    data,
    audit: { statements: () => [] },
    changed: async () => {
      told++
    },
    sipAddresses: () => [],
    now: () => 1_000,
  })
})
after(() => data.remove())
beforeEach(async () => {
  for (const table of ['line_groups', 'devices', 'lines', 'locations', 'domains', 'organizations'] as const)
    await data.db.kysely.deleteFrom(table).execute()
  const start = `organizations: [{ id: ${ORG}, name: Radio, domains: [radio.test], locations: [{ name: Berlin }] }]`
  assert.deepEqual((await applyDirectory(data, start, { fileName: 'start.yaml', now: 1_000 })).errors, [])
  // As if nobody had a file: the API may change all of it.
  for (const table of ['organizations', 'locations'] as const)
    await data.db.kysely.updateTable(table).set({ managed_by: '' }).execute()
})

const add = async (kind: EntryKind, body: Document, more?: NewEntry): Promise<string> =>
  (await directory.change(actor, creation(kind, body, more))).id
const set = async (kind: EntryKind, id: string, body: Document): Promise<void> => {
  await directory.change(actor, alteration(kind, id, body))
}

/** The snapshot without the ids, which are drawn at random. */
function comparable(snapshot: DirectorySnapshot): unknown {
  const names = new Map<string, string>()
  for (const { id, name } of [...snapshot.organizations, ...snapshot.locations]) names.set(id, name)
  for (const { id, extension } of snapshot.lines) names.set(id, extension)
  for (const { id, sipUser } of snapshot.devices) names.set(id, sipUser)
  for (const { id, kind, name } of snapshot.groups ?? []) names.set(id, `${kind} ${name}`)
  const named = JSON.parse(JSON.stringify(snapshot), (_, value) =>
    typeof value === 'string' ? (names.get(value) ?? value) : value,
  )
  for (const list of Object.values<{ id: string }[]>(named)) list.sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const line of named.lines) delete line.voicemail?.pin // Salted.
  return named
}

/** The directory as a file. JSON is YAML. Passwords are kept, so none is in it. */
function exported(rows: DirectoryRows): string {
  const view = new DocumentView(rows)
  const lines = (kind: string): Document[] =>
    rows.lines
      .filter((row) => row.kind === kind)
      .map((row) => ({
        id: row.id,
        ...view.line(row),
        ...(view.recording(row) === undefined ? {} : { recording: view.recording(row) }),
        devices: rows.devices
          .filter((device) => device.line_id === row.id)
          .map((device) => ({ id: device.id, ...view.device(device) })),
      }))
  const groups = (kind: string): Document[] =>
    rows.groups.filter((row) => row.kind === kind).map((row) => ({ id: row.id, ...view.group(row) }))
  const organizations = rows.organizations.map((row) => ({
    id: row.id,
    ...view.organization(row),
    locations: rows.locations.map((location) => ({ id: location.id, ...view.location(location) })),
    people: lines('person'),
    places: lines('place'),
    virtualLines: lines('virtualLine'),
    pickupGroups: groups('pickup'),
    parkGroups: groups('park'),
  }))
  return JSON.stringify({ organizations })
}

describe('one truth: file and API', () => {
  const ada = {
    email: 'Ada@radio.test',
    name: 'Ada Lovelace',
    extension: '101',
    numbers: ['+4930555101'],
    location: 'Hamburg',
    roles: ['admin'],
    timezone: 'Europe/Berlin',
    forwarding: { busy: '102', noAnswer: 'x@y.test' },
    voicemail: { always: true, busy: false, pin: '4711' },
    doNotDisturb: true,
    callerIdBlocked: true,
    ringSeconds: 20,
    bargeIn: false,
    numberReach: ['+4930555999'],
    recording: {
      mode: 'Always with Pause/Resume',
      voicemail: true,
      announce: { external: true },
      notification: 'Beep',
      repeatSeconds: 60,
      access: { delete: false },
    },
  }
  const desk = { name: 'desk', sipUser: 'ada', sipPassword: 'long-enough' }
  const lobby = { name: 'Lobby', extension: '201', location: 'Berlin', recording: 'Always' }
  const orders = { name: 'Orders', extension: '301', location: 'Berlin' }
  const services = [{ number: '112', kind: 'emergency', destination: '+49112' }]

  it('make the same directory for the engine', async () => {
    const file = {
      organizations: [
        {
          id: ORG,
          name: 'Radio',
          domains: ['radio.test', 'more.test'],
          parkRecallSeconds: 60,
          locations: [{ name: 'Berlin' }, { name: 'Hamburg', services, recordingFailure: 'proceed' }],
          people: [
            {
              ...ada,
              assistants: ['201'],
              preferredDevice: 'ada',
              devices: [{ ...desk, secondaryLines: ['301'] }],
            },
          ],
          places: [lobby],
          virtualLines: [orders],
          pickupGroups: [{ name: 'All', lines: ['101', '201'] }],
        },
      ],
    }
    const { errors } = await applyDirectory(data, JSON.stringify(file), { fileName: 'dir.yaml', now: 1_000 })
    assert.deepEqual(errors, [])
    const byFile = comparable(await loadSnapshot(data, SILENT))
    for (const table of ['line_groups', 'devices', 'lines', 'locations'] as const)
      await data.db.kysely.deleteFrom(table).execute()
    await data.db.kysely.updateTable('organizations').set({ managed_by: '' }).execute()

    const before = told
    await add('location', { name: 'Berlin' })
    await set('organization', ORG, { domains: ['radio.test', 'more.test'], parkRecallSeconds: 60 })
    await add('location', { name: 'Hamburg', services, recordingFailure: 'proceed' })
    await add('place', lobby)
    const line = await add('virtualLine', orders)
    const person = await add('person', { ...ada, assistants: ['201'] })
    await add('device', { ...desk, secondaryLines: [line] }, { lineId: person })
    await set('person', person, { preferredDevice: 'ada' })
    await add('group', { name: 'All', lines: [person, '201'] })
    assert.deepEqual(comparable(await loadSnapshot(data, SILENT)), byFile)
    assert.equal(told, before + 8, 'calls are told of each change, and of no change that is none')
  })

  it('show an entry as what would make it again, and then change nothing', async () => {
    await add('location', { name: 'Hamburg', services })
    const person = await add('person', { ...ada, devices: [desk] })
    await add('group', { name: 'All', lines: [person] }, { groupKind: 'park' })
    const rows = await readRows(data.db.kysely)
    for (const row of rows.lines) await set(kindOf(row), row.id, {})
    for (const row of rows.devices) await set('device', row.id, {})
    for (const row of rows.groups) await set('group', row.id, {})
    for (const row of rows.locations) await set('location', row.id, {})
    assert.deepEqual(await readRows(data.db.kysely), rows)
    const snapshot = await loadSnapshot(data, SILENT)
    const taken = await applyDirectory(data, exported(rows), { fileName: 'taken.yaml', now: 1_000 })
    assert.deepEqual(taken.errors, [])
    assert.deepEqual(comparable(await loadSnapshot(data, SILENT)), comparable(snapshot))
    await assert.rejects(
      set('person', person, { name: 'Other' }),
      (error: Failure) => error.error === 'managed_by_file',
    )
  })

  it('keep phones from a change of the realm that their passwords are hashed with', async () => {
    const person = await add('person', { ...ada, location: 'Berlin', devices: [desk] })
    await assert.rejects(
      set('organization', ORG, { domains: ['new.test', 'radio.test'] }),
      (error: Failure) => error.error === 'directory_conflict' && /phone ada/.test(error.detail),
    )
    await set('organization', ORG, { domains: ['radio.test', 'new.test'] })
    await directory.change(actor, removal('person', person)).catch(() => {})
  })
})

// ── Whatever is asked for, the directory stays one that a file could have made ──

const name = fc.constantFrom('Ada', 'Ben', 'Cem', 'Dora Eck', 'Eva', 'Finn', 'Gil', '')
const extension = fc.constantFrom('101', '102', '103', '104', '105', '106', '107', 'x')
const reference = fc.constantFrom('101', '102', '103', 'a@r.test', '999')
const references = fc.array(reference, { maxLength: 1 })
const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const phone = fc.record({
  name,
  sipUser: fc.constantFrom('u1', 'u2', 'u3'),
  sipPassword: some(fc.constant('long-enough')),
  secondaryLines: references,
})
const line = fc.record({
  name,
  extension,
  email: fc.constantFrom('a@r.test', 'A@r.test', 'b@r.test', 'c@r.test'),
  numbers: fc.array(fc.constantFrom('+49301', '+49302', '+493055'), { maxLength: 2 }),
  location: some(fc.constantFrom('Berlin', 'Hamburg')),
  roles: fc.array(fc.constantFrom('admin', 'admin', 'user', 'user', 'complianceOfficer', 'root'), {
    maxLength: 2,
  }),
  assistants: references,
  recording: some(
    fc.constantFrom<unknown>('Always', 'Always', 'Never', 'Never', 'Sometimes', {
      mode: 'Always',
      repeatSeconds: 5,
    }),
  ),
  voicemail: some(fc.constantFrom<unknown>(true, false, { pin: '1234' }, { greeting: 'None' })),
  devices: some(fc.array(phone, { maxLength: 2 })),
})
const body = fc.record(
  {
    ...{ name, lines: references, secondaryLines: references, sipUser: fc.constantFrom('u1', 'u2') },
    domains: fc.array(fc.constantFrom('radio.test', 'other.test'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
)
const kinds = ['organization', 'location', 'person', 'place', 'virtualLine', 'device', 'group'] as const
const step = fc.record({
  verb: fc.constantFrom('add', 'add', 'set', 'set', 'remove'),
  kind: fc.constantFrom<EntryKind>(...kinds),
  pick: fc.nat(20),
  body: fc.oneof(line, body),
})

describe('any changes', () => {
  it('leave a directory that the planner takes as it is, and of which the engine sees everything', async () => {
    let [done, refused] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), async (steps) => {
        for (const { verb, kind, pick, body } of steps) {
          const rows = await readRows(data.db.kysely)
          const present = idsOf(rows, kind)
          const id = present[pick % Math.max(present.length, 1)] ?? ORG
          const lineId = idsOf(rows, 'person')[0]
          const more: NewEntry = lineId === undefined ? {} : { lineId }
          if (kind === 'organization' && verb !== 'set') continue
          try {
            if (verb === 'add') await add(kind, body, more)
            else if (verb === 'set') await set(kind, id, body)
            else await directory.change(actor, removal(kind, id))
            done++
          } catch (error) {
            assert.ok(error instanceof Failure && error.status < 500, String(error))
            refused++
          }
        }
        const rows = await readRows(data.db.kysely)
        const snapshot = await loadSnapshot(data, SILENT)
        assert.deepEqual(
          [snapshot.lines.length, snapshot.devices.length, snapshot.groups?.length],
          [rows.lines.length, rows.devices.length, rows.groups.length],
        )
        const lines = new Set(rows.lines.map((row) => row.id))
        for (const { line_id } of [...rows.deviceLines, ...rows.members]) assert.ok(lines.has(line_id))
        const again = await applyDirectory(data, exported(rows), {
          fileName: 'again',
          dryRun: true,
          now: 1_000,
        })
        assert.deepEqual(again.errors, [])
      }),
      { numRuns: 25, seed: 20_261_122 },
    )
    assert.ok(done > 30 && refused > 30, `${done} done, ${refused} refused: both are common`)
  })
})

function idsOf(rows: DirectoryRows, kind: EntryKind): readonly string[] {
  switch (kind) {
    case 'organization':
      return rows.organizations.map((row) => row.id)
    case 'location':
      return rows.locations.map((row) => row.id)
    case 'device':
      return rows.devices.map((row) => row.id)
    case 'group':
      return rows.groups.map((row) => row.id)
    case 'person':
    case 'place':
    case 'virtualLine':
      return rows.lines.filter((row) => row.kind === kind).map((row) => row.id)
  }
}
