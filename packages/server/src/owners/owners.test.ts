import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { applyDirectory } from '../directory/apply.ts'
import { loadSnapshot } from '../directory/snapshot.ts'
import { openTestData, type TestData } from '../testing/open-test-data.ts'
import { Owners } from './owners.ts'

const DIRECTORY = `organizations:
  - name: Radio
    id: 1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40
    domains: [radio.test, later.test]
    locations: [{ name: Berlin, id: 7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913 }]
    people:
      - { id: 0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210, email: Ada@Radio.test, name: Ada Lovelace, extension: "101" }
      - { id: a4f0c9d2-52d1-4e8e-8f3b-6b7d3c1e9f05, email: 202.place@radio.test, name: Odd, extension: "102" }
    places:
      - { id: 61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e02, name: Lobby, extension: "201" }
      - { id: 61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e03, name: Hall, extension: "202" }
    virtualLines: [{ id: 72c4b2ef-8c64-4e51-8e1b-9b4c9d208f13, name: Support, extension: "301" }]
  - name: Other
    id: 2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12
    domains: [other.test]
    places: [{ id: 83d5c3f0-9d75-4f62-9f2c-ac5dae319024, name: Lobby, extension: "201" }]
`
const RADIO = '1f7a4b9e-0d52-4b6b-9d35-5f2c8e17aa40'
const OTHER = '2b7e91d4-1c3a-45d8-9e60-6f8d0a7c5b12'

let data: TestData
let owners: Owners
before(async () => {
  data = await openTestData({ demo: false })
  const applied = await applyDirectory(data, DIRECTORY, { fileName: 'test', now: 0 })
  assert.deepEqual(applied.errors, [])
  owners = new Owners(data.db)
})
after(() => data.remove())

const nameOf = async (orgId: string, email: string): Promise<string | undefined> =>
  (await owners.byEmail(orgId, email))?.name

describe('Owners', () => {
  it('finds people by their email in any case, and shows it as it was given', async () => {
    assert.deepEqual(await owners.byEmail(RADIO, 'ADA@radio.TEST'), {
      id: '0e2b7a64-3a0f-4f0e-8a64-7d1a5c9be210',
      type: 'user',
      name: 'Ada Lovelace',
      email: 'Ada@Radio.test',
      locationId: '7d5f0a9c-1f67-4a2e-bb1e-42f3a8e0c913',
    })
    assert.equal(await nameOf(OTHER, 'ada@radio.test'), undefined)
    assert.equal(await nameOf(RADIO, 'nobody@radio.test'), undefined)
    assert.equal(await nameOf(RADIO, ''), undefined)
  })

  it('finds workspaces and virtual lines by the address that is assigned to them (converged-recordings §2)', async () => {
    const lobby = await owners.byEmail(RADIO, '201.Place@radio.test')
    assert.deepEqual([lobby?.name, lobby?.type, lobby?.email], ['Lobby', 'place', '201.place@radio.test'])
    const support = await owners.byEmail(RADIO, '301.virtualline@radio.test')
    assert.deepEqual([support?.name, support?.type], ['Support', 'virtualLine'])
    for (const wrong of [
      '201.virtualline@radio.test',
      '201.place@other.test',
      '201.place@later.test',
      '.place@radio.test',
    ])
      assert.equal(await nameOf(RADIO, wrong), undefined, wrong)
    assert.equal(await nameOf(OTHER, '201.place@other.test'), 'Lobby')
  })

  it('gives an address to the person who really has it', async () => {
    assert.equal(await nameOf(RADIO, '202.place@radio.test'), 'Odd')
  })

  it('finds whoever has an id, in the own organisation alone', async () => {
    const id = '61b3a1de-7b53-4d40-9d0a-8a3b8c1f7e02'
    assert.equal((await owners.byId(RADIO, id))?.email, '201.place@radio.test')
    assert.equal(await owners.byId(OTHER, id), undefined)
    assert.equal(await owners.byId(RADIO, ''), undefined)
  })

  it('gives recordings of calls the very same addresses', async () => {
    for (const line of (await loadSnapshot(data, SILENT)).lines)
      assert.equal((await owners.byId(line.orgId, line.id))?.email, line.email)
  })
})
