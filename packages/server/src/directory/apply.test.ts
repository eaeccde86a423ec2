import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type LogFields, SILENT } from '@tandem/base'
import type { DirectorySnapshot } from '@tandem/engine'
import { demoDirectory, openTestData, type TestData } from '../testing/open-test-data.ts'
import { type ApplyOptions, applyDirectory } from './apply.ts'
import { directoryRevision } from './revision.ts'
import { readRows } from './rows.ts'
import { ha1Of } from './secrets.ts'
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
const snapshot = (): Promise<DirectorySnapshot> => loadSnapshot(data, SILENT)

async function changes(text: string, options: Partial<ApplyOptions> = {}): Promise<string[]> {
  const result = await apply(text, options)
  assert.deepEqual(result.errors, [])
  return result.changes.map((change) => `${change.action} ${change.kind} ${change.name}`)
}

const radio = (people: string): string => `organizations:
  - name: Radio
    domains: [radio.test]
    people:
${people}`
const ada = (more = ''): string =>
  `      - { email: ada@radio.test, name: Ada, extension: "101"${more},\n          devices: [{ name: desk, sipUser: ada, sipPassword: long-enough }] }\n`
const ben = (extension = '102'): string =>
  `      - { email: ben@radio.test, name: Ben, extension: "${extension}" }\n`

describe('applyDirectory', () => {
  it('makes two organisations with the same extensions, each its own world', async () => {
    assert.equal((await changes(await demoDirectory())).length, 2 + 2 + 4 + 4 + 2)
    const { lines, organizations, devices } = await snapshot()
    assert.deepEqual(lines.map((line) => line.extension).toSorted(), ['101', '101', '102', '102'])
    assert.equal(new Set(lines.map((line) => `${line.orgId} ${line.extension}`)).size, 4)
    assert.deepEqual(organizations.flatMap((org) => org.domains).toSorted(), ['radio.test', 'workshop.test'])
    assert.ok(
      devices.every((device) =>
        lines.some((line) => line.id === device.lineId && line.orgId === device.orgId),
      ),
    )
  })

  it('keeps HA1s of the first domain and never the password (RFC 7616 §3.4.2, promise P12)', async () => {
    await changes(radio(ada()))
    const [device] = (await snapshot()).devices
    const ha1 = ha1Of({ user: 'ada', realm: 'radio.test', password: 'long-enough' })
    assert.deepEqual([device?.ha1Md5, device?.ha1Sha256], [ha1.md5, ha1.sha256])
    await data.db.commit([data.db.kysely.insertInto('server_state').values({ name: 'sync', value: '1' })])
    const bytes = ['tandem.db', 'tandem.db-wal']
      .map((name) => readFileSync(join(data.folder, name), 'latin1'))
      .join('')
    for (const secret of ['long-enough', ha1.md5, ha1.sha256]) assert.ok(!bytes.includes(secret))
    assert.ok(bytes.includes('radio.test'), 'the search looks at the right bytes')
  })

  it('changes nothing when applied again, and keeps every id', async () => {
    const text = await demoDirectory()
    await changes(text)
    const [rows, revision] = [await readRows(data.db.kysely), await directoryRevision(data.db)]
    assert.deepEqual(await changes(text, { now: 2_000 }), [])
    assert.deepEqual(await readRows(data.db.kysely), rows)
    assert.equal(await directoryRevision(data.db), revision)
  })

  it('updates by the natural key, keeps a password that is not given, and counts the revision', async () => {
    await changes(radio(ada()))
    const [before] = (await snapshot()).devices
    const revision = await directoryRevision(data.db)
    const renamed = radio(
      ada(', recording: Always').replace(', sipPassword: long-enough', '').replace('desk', 'sofa'),
    )
    assert.deepEqual(await changes(renamed), ['update person ada@radio.test', 'update device ada'])
    const after = await snapshot()
    assert.deepEqual(after.devices, [{ ...before, name: 'sofa' }])
    assert.deepEqual(after.lines[0]?.recording, { mode: 'Always' })
    assert.equal(await directoryRevision(data.db), revision + 1)
  })

  it('lets two people exchange their extensions', async () => {
    await changes(radio(ada() + ben()))
    const swapped = radio(ada().replace('101', '102') + ben('101'))
    assert.deepEqual(await changes(swapped), ['update person ada@radio.test', 'update person ben@radio.test'])
    const people = (await snapshot()).lines.map((line) => `${line.displayName} ${line.extension}`)
    assert.deepEqual(people.toSorted(), ['Ada 102', 'Ben 101'])
  })

  it('only says what it would do on a dry run', async () => {
    assert.deepEqual(await changes(radio(ada()), { dryRun: true }), [
      'create organization Radio',
      'create location Main',
      'create person ada@radio.test',
      'create device ada',
    ])
    assert.deepEqual((await snapshot()).lines, [])
    assert.equal(await directoryRevision(data.db), 0)
  })

  it('keeps what the file names no longer, unless it is pruned', async () => {
    await changes(radio(ada() + ben()))
    const kept = await apply(radio(ben()))
    assert.deepEqual([kept.changes, kept.left.map((change) => change.name)], [[], ['ada', 'ada@radio.test']])
    assert.deepEqual(await changes(radio(ben()), { prune: true }), [
      'remove device ada',
      'remove person ada@radio.test',
    ])
    assert.deepEqual(
      (await snapshot()).lines.map((line) => line.displayName),
      ['Ben'],
    )
  })

  it('prunes only what the same file made', async () => {
    await changes(radio(ada()))
    const other = 'organizations: [{ name: Other, domains: [other.test] }]'
    assert.deepEqual(await changes(other, { fileName: 'other.yaml', prune: true }), [
      'create organization Other',
      'create location Main',
    ])
    assert.equal((await snapshot()).lines.length, 1)
  })

  it('is all or nothing: an error anywhere changes nothing', async () => {
    await changes(radio(ada()))
    const rows = await readRows(data.db.kysely)
    const result = await apply(
      radio(`${ada(', timezone: Europe/Berlin')}      - { email: x, name: X, extension: "1" }\n`),
    )
    assert.deepEqual(result.errors, ['dir.yaml:7: organizations[0].people[1].email must be an email address'])
    assert.deepEqual(await readRows(data.db.kysely), rows)
  })

  it('finds conflicts with what is not in the file', async () => {
    await changes(radio(ada()))
    const result = await apply('organizations: [{ name: Other, domains: [radio.test] }]', {
      fileName: 'b.yaml',
    })
    assert.deepEqual(result.errors, [
      'b.yaml:1: the file would give the domain radio.test to two entries; one of them is not in this file',
    ])
  })

  it('wants a password when the digest would no longer fit, and for a new device', async () => {
    await changes(radio(ada()))
    const without = radio(ada().replace(', sipPassword: long-enough', ''))
    const moved = await apply(without.replace('[radio.test]', '[new.test, radio.test]'))
    assert.match(
      moved.errors[0] ?? '',
      /dir.yaml:6: .*devices\[0\].sipPassword is missing; it is needed when/,
    )
    const fresh = await apply(without.replaceAll('ada', 'eve').replace('101', '103'))
    assert.match(fresh.errors[0] ?? '', /sipPassword is missing; it is needed for a new device/)
  })

  it('keeps ids that the file gives, and refuses to move them', async () => {
    const id = '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210'
    await changes(radio(ada(`, id: ${id}`)))
    assert.equal((await snapshot()).lines[0]?.id, id)
    const other = id.replace('0e', '1e')
    const result = await apply(radio(ada(`, id: ${other}`)))
    assert.match(result.errors[0] ?? '', /people\[0\].id must be 0e2b7a64/)
    const stolen = `organizations: [{ name: Other, domains: [o.test], people: [{ id: ${id}, email: a@o, name: A, extension: 1 }] }]`
    assert.match((await apply(stolen)).errors[0] ?? '', /belongs to another organisation/)
  })

  const bad: [text: string, expected: RegExp][] = [
    ['', /dir.yaml:1: the file must be a mapping/],
    ['[]', /must be a mapping/],
    ['a: 1', /dir.yaml:1: .*organizations/],
    ['organizations: 5', /dir.yaml:1: organizations must be a list/],
    ['organizations:\n  - name: A\n  - b: [', /dir.yaml:\d: /],
    [
      'organizations:\n  - name: A\n    domains: [a.test]\n    nam: B',
      /dir.yaml:4: organizations\[0\].nam is not a member/,
    ],
    ['organizations:\n  - name: A\n    domains: []', /dir.yaml:3: .*domains must name at least one/],
    ['organizations:\n  - name: A\n    domains: [a b]', /dir.yaml:3: .*domains\[0\] must be a domain name/],
    ['organizations:\n  - name: A\n    domains: [10.0.0.1]', /must be a domain name/],
    ['organizations:\n  - name: A\n    name: B\n    domains: [a.test]', /dir.yaml:3: .*unique/i],
    [radio(ada() + ada()), /dir.yaml:7: .*people\[1\].email is used twice/],
    [radio(ada() + ben('101')), /dir.yaml:7: .*people\[1\].extension is used twice/],
    [radio(ada(', recording: Sometimes')), /dir.yaml:5: .*recording must be one of Always/],
    [radio(ada(', roles: [root]')), /roles\[0\] must be one of user/],
    [radio(ada(', location: Mars')), /location names no location/],
    [radio(ada(', timezone: Mars/Olympus')), /timezone must be an IANA zone/],
    [radio(ada(', numbers: ["030"]')), /numbers\[0\] must be a number such as/],
    [radio(ada().replace('long-enough', 'short')), /sipPassword must be 8 to 128/],
    [radio(ada(', extension: 1e3')), /unique|extension/],
    [radio(ada(', __proto__: { a: 1 }')), /__proto__ is not a member/],
  ]
  for (const [text, expected] of bad)
    it(`refuses with line and field: ${expected.source}`, async () => {
      const { errors } = await apply(text)
      assert.match(errors[0] ?? 'accepted', expected)
    })

  it('never repeats a password in an error', async () => {
    const { errors } = await apply(radio(ada().replace('long-enough', '"sécret wîth späce"')))
    assert.ok(errors.length > 0 && !errors.join().includes('cret'))
  })

  it('survives a file that multiplies its anchors', async () => {
    const bomb = [
      'a: &a [x]',
      ...[...'bcdefghij'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]`),
    ]
    const { errors } = await apply(bomb.join('\n'))
    assert.match(errors[0] ?? '', /repeats its anchors/)
  })
})

describe('loadSnapshot', () => {
  it('leaves out a device whose secret was moved from another row, and says so', async () => {
    await changes(await demoDirectory())
    const rows = await data.db.kysely.selectFrom('devices').selectAll().orderBy('id').execute()
    const [a, b] = rows
    await data.db.kysely
      .updateTable('devices')
      .set({ secret: a?.secret })
      .where('id', '=', b?.id ?? '')
      .execute()
    const lines: [string, LogFields | undefined][] = []
    const logger = {
      ...SILENT,
      error: (message: string, fields?: LogFields) => void lines.push([message, fields]),
    }
    assert.equal((await loadSnapshot(data, logger)).devices.length, rows.length - 1)
    assert.deepEqual(
      lines.map(([, fields]) => fields),
      [{ devices: 1 }],
    )
  })
})
