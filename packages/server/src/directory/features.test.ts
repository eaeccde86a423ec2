import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import type { DirectoryLine, DirectorySnapshot } from '@tandem/engine'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { type ApplyOptions, applyDirectory } from './apply.ts'
import { directoryRevision } from './revision.ts'
import { readRows } from './rows.ts'
import { hashPin } from './secrets.ts'
import { loadSnapshot } from './snapshot.ts'

let data: TestData
before(async () => {
  data = await openTestData({ demo: false })
})
after(() => data.remove())
beforeEach(async () => {
  for (const table of ['devices', 'lines', 'locations', 'domains', 'organizations', 'server_state'] as const)
    await data.db.kysely.deleteFrom(table).execute()
})

const apply = (text: string, options: Partial<ApplyOptions> = {}): ReturnType<typeof applyDirectory> =>
  applyDirectory(data, text, { fileName: 'dir.yaml', now: 1_000, ...options })

async function changes(text: string, options: Partial<ApplyOptions> = {}): Promise<string[]> {
  const result = await apply(text, options)
  assert.deepEqual(result.errors, [])
  return result.changes.map((change) => `${change.action} ${change.kind} ${change.name}`)
}

const snapshot = (): Promise<DirectorySnapshot> => loadSnapshot(data, SILENT)
const lineOf = (from: DirectorySnapshot, extension: string): DirectoryLine => {
  const line = from.lines.find((one) => one.extension === extension)
  assert.ok(line !== undefined, `there is a line ${extension}`)
  return line
}

/** Every key that a directory file knows. */
const FULL = `organizations:
  - name: Radio
    domains: [radio.test]
    parkRecallSeconds: 30
    locations:
      - name: Berlin
        recordingFailure: endCallWithAnnouncement
        services:
          - { number: "112", kind: emergency, destination: "103" }
          - { number: "0800", kind: repair, destination: desk@radio.test }
      - name: Bonn
    people:
      - email: ada@radio.test
        name: Ada Lovelace
        extension: "101"
        numbers: ["+4930555101"]
        recording:
          mode: Always with Pause/Resume
          voicemail: true
          announce: { internal: false, external: true }
          notification: Play Announcement
          repeatSeconds: 30
        forwarding: { always: "102", busy: "+4930555199", noAnswer: ben@radio.test, unavailable: "103" }
        voicemail: { busy: false, noAnswer: true, always: true, pin: "4711" }
        doNotDisturb: true
        callerIdBlocked: true
        ringSeconds: 20
        bargeIn: false
        numberReach: ["+491701234567"]
        preferredDevice: ada-soft
        assistants: [BEN@radio.test]
        devices:
          - { name: desk, sipUser: ada, sipPassword: long-enough, secondaryLines: ["102", "201", "301"] }
          - { name: soft, sipUser: ada-soft, sipPassword: long-enough }
      - { email: ben@radio.test, name: Ben, extension: "102", voicemail: true, location: Bonn }
    places:
      - { name: Lobby, extension: "201", devices: [{ name: wall, sipUser: lobby, sipPassword: long-enough }] }
    virtualLines:
      - { name: Support, extension: "301", numbers: ["+4930555300"], recording: On Demand }
    pickupGroups:
      - { name: Front, lines: ["101", "ben@radio.test", "201"] }
    parkGroups:
      - { name: Front, lines: ["102", "201"] }
`

describe('a directory file with every key', () => {
  it('becomes what the engine looks things up in', async () => {
    assert.deepEqual(await changes(FULL), [
      'create organization Radio',
      'create location Berlin',
      'create location Bonn',
      'create person ada@radio.test',
      'create device ada',
      'create device ada-soft',
      'create person ben@radio.test',
      'create place Lobby',
      'create device lobby',
      'create virtualLine Support',
      'create group Front',
      'create group Front',
    ])
    const all = await snapshot()
    const [ada, ben, lobby, support] = ['101', '102', '201', '301'].map((one) => lineOf(all, one))
    assert.ok(ada && ben && lobby && support)
    const { id, orgId, locationId, preferredDeviceId, voicemail, ...rest } = ada
    assert.deepEqual(rest, {
      kind: 'person',
      displayName: 'Ada Lovelace',
      email: 'ada@radio.test',
      extension: '101',
      numbers: ['+4930555101'],
      recording: {
        mode: 'Always with Pause/Resume',
        voicemail: true,
        announceExternal: true,
        notification: 'Play Announcement',
        repeatSeconds: 30,
      },
      forwarding: { always: '102', busy: '+4930555199', noAnswer: 'ben@radio.test', unavailable: '103' },
      doNotDisturb: true,
      callerIdBlocked: true,
      ringSeconds: 20,
      bargeIn: false,
      numberReach: ['+491701234567'],
      assistants: [ben.id],
    })
    const salt = voicemail?.pin?.salt ?? ''
    assert.deepEqual(voicemail, { busy: false, noAnswer: true, always: true, pin: hashPin('4711', salt) })
    assert.equal(salt.length, 32)
    assert.deepEqual(ben.voicemail, { busy: true, noAnswer: true })
    assert.deepEqual([lobby.email, support.email], ['201.place@radio.test', '301.virtualline@radio.test'])
    assert.deepEqual(
      [lobby.kind, support.kind, support.recording.mode],
      ['place', 'virtualLine', 'On Demand with User Initiated Start'],
    )
    assert.deepEqual(
      all.devices.map((device) => [device.sipUser, device.lineId, device.secondaryLineIds]).toSorted(),
      [
        ['ada', ada.id, [ben.id, lobby.id, support.id]],
        ['ada-soft', ada.id, undefined],
        ['lobby', lobby.id, undefined],
      ],
    )
    assert.equal(preferredDeviceId, all.devices.find((device) => device.sipUser === 'ada-soft')?.id)
    assert.equal(all.organizations[0]?.parkRecallSeconds, 30)
    assert.deepEqual(
      all.locations.find((location) => location.id === locationId),
      {
        id: locationId,
        orgId,
        name: 'Berlin',
        services: [
          { number: '112', kind: 'emergency', destination: '103' },
          { number: '0800', kind: 'repair', destination: 'desk@radio.test' },
        ],
        recordingFailure: 'endCallWithAnnouncement',
      },
    )
    assert.deepEqual(all.groups?.map((group) => [group.kind, group.name, group.lineIds]).toSorted(), [
      ['park', 'Front', [ben.id, lobby.id]],
      ['pickup', 'Front', [id, ben.id, lobby.id]],
    ])
  })

  it('changes nothing when applied again, also no PIN', async () => {
    await changes(FULL)
    const [rows, revision] = [await readRows(data.db.kysely), await directoryRevision(data.db)]
    assert.deepEqual(await changes(FULL, { now: 2_000 }), [])
    assert.deepEqual(await readRows(data.db.kysely), rows)
    assert.equal(await directoryRevision(data.db), revision)
  })

  const edits: [what: string, from: string, to: string, expected: string][] = [
    ['a secondary line', '"102", "201", "301"', '"102", "201"', 'update device ada'],
    ['the order of a group', '["102", "201"]', '["201", "102"]', 'update group Front'],
    ['an assistant', '[BEN@radio.test]', '["201"]', 'update person ada@radio.test'],
    ['the PIN', '"4711"', '"4712"', 'update person ada@radio.test'],
    ['the recall time', 'parkRecallSeconds: 30', 'parkRecallSeconds: 40', 'update organization Radio'],
    ['a service', '"0800"', '"0801"', 'update location Berlin'],
    ['a place', 'name: Lobby, extension: "201"', 'name: Lobby, extension: "202"', 'update place Lobby'],
  ]
  for (const [what, from, to, expected] of edits)
    it(`changes one thing when ${what} changes`, async () => {
      await changes(FULL)
      const before = await snapshot()
      const text = FULL.replace(from, to)
      const names = /"20[12]"/g
      const named = what === 'a place' ? text.replace(names, '"202"') : text
      assert.deepEqual(await changes(named), [expected])
      const ids = (from_: DirectorySnapshot): string[] => from_.lines.map((line) => line.id)
      assert.deepEqual(ids(await snapshot()), ids(before), 'ids stay')
    })

  it('keeps a PIN that is not given, takes it away with none, and never stores it (promise P12)', async () => {
    await changes(FULL)
    const pin = async (): Promise<unknown> => lineOf(await snapshot(), '101').voicemail?.pin
    const had = await pin()
    assert.deepEqual(await changes(FULL.replace(', pin: "4711"', '')), [])
    assert.deepEqual(await pin(), had)
    await data.db.commit([data.db.kysely.insertInto('server_state').values({ name: 'sync', value: '1' })])
    const bytes = ['tandem.db', 'tandem.db-wal']
      .map((name) => readFileSync(join(data.folder, name), 'latin1'))
      .join('')
    assert.ok(
      !bytes.includes(hashPin('4711', (had as { salt: string }).salt).hash),
      'a PIN is few digits to guess',
    )
    assert.ok(!bytes.includes('4711"'))
    await changes(FULL.replace('pin: "4711"', 'pin: none'))
    assert.equal(await pin(), undefined)
  })

  it('prunes lines with their phones and memberships, and keeps what another file needs', async () => {
    await changes(FULL)
    const without = FULL.split('\n')
      .filter((row) => !row.includes('Lobby'))
      .join('\n')
      .replaceAll(', "201"', '')
    assert.deepEqual((await changes(without, { prune: true })).toSorted(), [
      'remove device lobby',
      'remove place Lobby',
      'update device ada',
      'update group Front',
      'update group Front',
    ])
    assert.equal((await snapshot()).lines.length, 3)
  })

  it('drops a link to a line that another file pruned', async () => {
    const base = 'organizations:\n  - name: Radio\n    domains: [radio.test]\n'
    const places = `${base}    places: [{ name: Lobby, extension: "201" }]\n`
    await changes(places, { fileName: 'places.yaml' })
    const groups = `${base}    people: [{ email: a@radio.test, name: A, extension: "1" }]\n    parkGroups: [{ name: P, lines: ["201", "1"] }]\n`
    await changes(groups)
    await changes(`${base}    virtualLines: []\n`, { fileName: 'places.yaml', prune: true })
    const all = await snapshot()
    assert.deepEqual(all.groups?.[0]?.lineIds, [lineOf(all, '1').id])
  })

  it('lets a person and a place exchange their extensions, and refuses to share one', async () => {
    await changes(FULL)
    const swapped = FULL.replace('extension: "102"', 'extension: "999"')
      .replace('extension: "201"', 'extension: "102"')
      .replace('extension: "999"', 'extension: "201"')
      .replace('lines: ["102", "201"]', 'lines: ["201", "102"]')
      .replace('"102", "201", "301"', '"201", "102", "301"')
      .replace('"101", "ben@radio.test", "201"', '"101", "ben@radio.test", "102"')
    assert.deepEqual(await changes(swapped), ['update person ben@radio.test', 'update place Lobby'])
    const shared = await apply(FULL.replace('extension: "301"', 'extension: "101"'))
    assert.match(shared.errors[0] ?? '', /virtualLines\[0\].extension is used twice/)
  })
})

const one = (more: string): string =>
  `organizations:\n  - name: R\n    domains: [r.test]\n    people:\n      - { email: a@r.test, name: A, extension: "1", ${more} }\n`

it('applies the examples of the guide as they stand there', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/directory.md'), 'utf8')
  const examples = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1] ?? '')
  assert.equal(examples.length, 2)
  for (const example of examples) {
    for (const table of ['devices', 'lines', 'locations', 'organizations'] as const)
      await data.db.kysely.deleteFrom(table).execute()
    assert.deepEqual((await apply(example)).errors, [])
  }
  const keys = readFileSync(new URL('./line-document.ts', import.meta.url), 'utf8').matchAll(
    /entry\.\w+\('(\w+)'/g,
  )
  for (const [, key = ''] of keys)
    assert.match(examples[1] ?? '', new RegExp(`\\b${key}:`), `the guide shows ${key}`)
})

describe('a directory file that is wrong', () => {
  const bad: [text: string, expected: RegExp][] = [
    [one('voicemail: { pin: "123" }'), /dir.yaml:5: .*people\[0\].voicemail.pin must be 4 to 12 digits/],
    [one('voicemail: { pin: "1234567890123" }'), /voicemail.pin must be 4 to 12 digits/],
    [one('voicemail: yes please'), /voicemail must be true or false/],
    [one('voicemail: { loud: true }'), /voicemail.loud is not a member/],
    [one('forwarding: { always: "call me" }'), /forwarding.always must be an extension, a number/],
    [one('forwarding: "102"'), /forwarding must be a mapping/],
    [one('ringSeconds: 4'), /ringSeconds must be a whole number from 5 to 600/],
    [one('ringSeconds: 601'), /ringSeconds must be a whole number from 5 to 600/],
    [one('doNotDisturb: 1'), /doNotDisturb must be true or false/],
    [one('numberReach: ["110"]'), /numberReach\[0\] must be a number such as/],
    [one('preferredDevice: none-such'), /preferredDevice must be the sipUser of one of the devices/],
    [one('assistants: ["2"]'), /assistants\[0\] names no line of this organisation/],
    [one('assistants: ["1"]'), /assistants must not name the line itself/],
    [one('recording: { mode: Often }'), /recording.mode must be one of Always/],
    [one('recording: { repeatSeconds: 9 }'), /repeatSeconds must be a whole number from 10 to 1800/],
    [one('recording: { repeatSeconds: 1801 }'), /repeatSeconds must be a whole number from 10 to 1800/],
    [one('recording: { notification: Horn }'), /notification must be one of None, Beep/],
    [one('recording: { announcements: { hello: X } }'), /announcements.hello is not a member/],
    [
      one('devices: [{ name: d, sipUser: d, sipPassword: long-enough, secondaryLines: ["1"] }]'),
      /secondaryLines must not name the line of the device/,
    ],
    [`${one('')}    parkGroups: [{ name: P, lines: ["7"] }]\n`, /parkGroups\[0\].lines\[0\] names no line/],
    [
      `${one('')}    parkGroups: [{ name: P, lines: [] }, { name: P, lines: [] }]\n`,
      /parkGroups\[1\].name is used twice/,
    ],
    [
      `${one('')}    virtualLines: [{ name: V, extension: "2", devices: [{ name: d, sipUser: d, sipPassword: long-enough }] }]\n`,
      /virtualLines\[0\].devices must not be there/,
    ],
    [`${one('')}    places: [{ name: V, extension: "1" }]\n`, /places\[0\].extension is used twice/],
    [
      `${one('')}    places: [{ name: V, extension: "2" }, { name: V, extension: "3" }]\n`,
      /places\[1\].name is used twice/,
    ],
    [`${one('')}    parkRecallSeconds: 9\n`, /parkRecallSeconds must be a whole number from 10 to 3600/],
    [
      `${one('')}    locations: [{ name: L, services: [{ number: abc, destination: "1" }] }]\n`,
      /services\[0\].number must be a number such as 112/,
    ],
    [
      `${one('')}    locations: [{ name: L, recordingFailure: shrug }]\n`,
      /recordingFailure must be one of proceed/,
    ],
  ]
  for (const [text, expected] of bad)
    it(`says so with line and field: ${expected.source}`, async () => {
      const { errors } = await apply(text)
      assert.match(errors[0] ?? 'accepted', expected)
      assert.deepEqual((await snapshot()).lines, [])
    })

  const lists: [name: string, max: number, item: (i: number) => string][] = [
    ['numberReach', 10, (i) => `"+4917${1_000 + i}"`],
    ['assistants', 5, (i) => `"2${i}"`],
    ['numbers', 16, (i) => `"+4930${1_000 + i}"`],
    ['devices', 16, (i) => `{ name: d, sipUser: u${i}, sipPassword: long-enough }`],
  ]
  for (const [name, max, item] of lists)
    it(`takes ${max} ${name} and not one more`, async () => {
      const others = Array.from({ length: 6 }, (_, i) => `{ name: L${i}, extension: "2${i}" }`).join()
      const text = (count: number): string =>
        `${one(`${name}: [${Array.from({ length: count }, (_, i) => item(i)).join()}]`)}    virtualLines: [${others}]\n`
      assert.deepEqual((await apply(text(max), { dryRun: true })).errors, [])
      assert.match(
        (await apply(text(max + 1))).errors[0] ?? '',
        new RegExp(`${name} must hold at most ${max} items`),
      )
    })

  it('takes 32 secondary lines of a phone and not one more', async () => {
    const lines = Array.from({ length: 33 }, (_, i) => `{ name: L${i}, extension: "2${100 + i}" }`).join()
    const text = (count: number): string => {
      const secondary = Array.from({ length: count }, (_, i) => `"2${100 + i}"`).join()
      const device = `{ name: d, sipUser: u, sipPassword: long-enough, secondaryLines: [${secondary}] }`
      return `${one(`devices: [${device}]`)}    virtualLines: [${lines}]\n`
    }
    assert.deepEqual((await apply(text(32), { dryRun: true })).errors, [])
    assert.match((await apply(text(33))).errors[0] ?? '', /secondaryLines must hold at most 32 items/)
  })

  it('never repeats a PIN in an error', async () => {
    const { errors } = await apply(one('voicemail: { pin: "12345x" }'))
    assert.ok(errors.length > 0 && !errors.join().includes('12345'))
  })

  it('refuses an id of a line of another kind', async () => {
    await changes(one('id: 0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210'))
    const moved = one('')
      .replace('people:', 'places:')
      .replace('email: a@r.test, ', 'id: 0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210, ')
    assert.match((await apply(moved)).errors[0] ?? '', /belongs to a line of another kind \(person\)/)
  })
})
