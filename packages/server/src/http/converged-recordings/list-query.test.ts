import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Caller, encodeWebexId } from '@tandem/contract'
import { IDS } from '../../testing/api.ts'
import type { ApiRequest, Services } from '../operation.ts'
import { Query } from '../query.ts'
import { pageAnswer, rawOwnerId, readListQuery } from './list-query.ts'

const NOW = Date.UTC(2026, 1, 3, 12)

const services = { now: () => NOW } as Services // All that is looked at.

function asked(search: string): ApiRequest {
  const caller = { orgId: IDS.org } as Caller // Likewise.
  return { caller, query: new Query(search), timezone: undefined } as unknown as ApiRequest // Likewise.
}

function read(search: string): ReturnType<typeof readListQuery> {
  return readListQuery(asked(search), services)
}

describe('the query of a list of recordings (converged-recordings §3)', () => {
  it('asks for ten available recordings of the last week without any parameter', () => {
    assert.deepEqual(read(''), {
      orgId: IDS.org,
      from: NOW - 7 * 86_400_000,
      to: NOW,
      max: 10,
      status: 'available',
    })
  })

  it('knows an owner of any kind by id, and nobody by what is no id', () => {
    for (const kind of ['PEOPLE', 'PLACE', 'VIRTUAL_LINE'] as const)
      assert.equal(rawOwnerId(encodeWebexId(kind, IDS.owner)), IDS.owner, kind)
    assert.equal(rawOwnerId(encodeWebexId('LOCATION', IDS.owner)), undefined)
    assert.equal(read(`ownerId=${encodeWebexId('VIRTUAL_LINE', IDS.owner)}`).ownerId, IDS.owner)
    assert.deepEqual([read('ownerId=x').ownerId, read('locationId=x').locationId], ['', ''])
  })
})

describe('the answer of a list of recordings', () => {
  it('has no next page where it is empty, whatever the catalogue expects (contract README §5)', async () => {
    const page = { items: [], next: { createTime: NOW, id: IDS.owner } }
    const list = { operation: 'listConvergedRecordings', query: read(''), page } as const
    assert.deepEqual(await pageAnswer(asked(''), services, list), { body: { items: [] } })
  })
})
