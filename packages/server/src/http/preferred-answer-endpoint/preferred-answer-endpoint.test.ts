/** The preferred answer endpoint on its three paths (call-controls §9). */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeWebexId } from '@tandem/contract'
import type { LightMyRequestResponse } from 'fastify'
import { type CallerName, IDS, openTestApi, type TestApi } from '../../testing/api.ts'
import type { FakeLine } from '../../testing/fake-ports.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(() => {
  for (const line of api.ports.allLines) delete line.preferred
})

const CONFIG = '/v1/telephony/config/people'
const PERSON = `${CONFIG}/${encodeWebexId('PEOPLE', IDS.owner)}/preferredAnswerEndpoint`
const MINE = `${CONFIG}/me/settings/preferredAnswerEndpoint`
const SECONDARY = `${CONFIG}/me/settings/secondaryLines/${encodeWebexId('VIRTUAL_LINE', IDS.virtualLine)}/preferredAnswerEndpoint`
const DEVICE = encodeWebexId('DEVICE', IDS.ownerDevice)
const desk = { id: DEVICE, type: 'DEVICE', name: 'desk' }

const get = async (url: string, caller: CallerName = 'owner'): Promise<unknown> =>
  (await api.send(caller, { url })).json()
const put = (url: string, payload: object, caller: CallerName = 'owner'): Promise<LightMyRequestResponse> =>
  api.send(caller, { method: 'PUT', url, payload })
const line = (id: string): FakeLine => {
  const found = api.ports.allLines.find((candidate) => candidate.id === id)
  assert.ok(found)
  return found
}

describe('the preferred answer endpoint (call-controls §9)', () => {
  it('is absent until it is chosen, and cleared by null', async () => {
    for (const caller of ['owner', 'admin'] as const) {
      assert.deepEqual(await get(PERSON, caller), { endpoints: [desk] })
      for (const id of [DEVICE, IDS.ownerDevice]) {
        assert.equal((await put(PERSON, { preferredAnswerEndpointId: id }, caller)).statusCode, 204)
        assert.deepEqual(await get(PERSON, caller), { preferredAnswerEndpointId: DEVICE, endpoints: [desk] })
      }
      assert.equal((await put(PERSON, { preferredAnswerEndpointId: null }, caller)).statusCode, 204)
      assert.deepEqual(await get(PERSON, caller), { endpoints: [desk] })
    }
  })

  it('of the caller is the endpoint itself, or an empty object', async () => {
    assert.deepEqual(await get(MINE), {})
    assert.equal((await put(MINE, { id: DEVICE })).statusCode, 204)
    assert.deepEqual(await get(MINE), desk)
    assert.equal((await put(MINE, { id: null })).statusCode, 204)
    assert.deepEqual(await get(MINE), {})
  })

  it('of a secondary line is that line’s own', async () => {
    assert.equal((await put(SECONDARY, { id: DEVICE })).statusCode, 204)
    assert.deepEqual(await get(SECONDARY), desk)
    assert.equal(line(IDS.virtualLine).preferred, IDS.ownerDevice)
    assert.equal(line(IDS.owner).preferred, undefined)
    const other = SECONDARY.replace(encodeWebexId('VIRTUAL_LINE', IDS.virtualLine), IDS.place)
    assert.equal((await put(other, { id: null })).statusCode, 403)
    assert.equal((await put(other.replace(IDS.place, 'x'), { id: null })).statusCode, 403)
  })

  it('forgets a phone that the line has no more', async () => {
    line(IDS.owner).preferred = IDS.place
    assert.deepEqual(await get(PERSON), { endpoints: [desk] })
    assert.deepEqual(await get(MINE), {})
  })

  it('refuses a phone of somebody else, and a body without the member', async () => {
    for (const [url, payload] of [
      [PERSON, {}],
      [PERSON, { preferredAnswerEndpointId: '' }],
      [PERSON, { preferredAnswerEndpointId: 7 }],
      [PERSON, { preferredAnswerEndpointId: IDS.place }],
      [MINE, {}],
      [MINE, { id: 'x' }],
    ] as const)
      assert.equal((await put(url, payload)).statusCode, 400, JSON.stringify(payload))
  })

  it('finds people only, and never another’s for a user', async () => {
    for (const id of [IDS.place, IDS.virtualLine, IDS.foreign, 'x']) {
      const url = `${CONFIG}/${id}/preferredAnswerEndpoint`
      assert.equal((await api.send('admin', { url })).statusCode, 404, id)
    }
    assert.equal((await api.send('colleague', { url: PERSON })).statusCode, 404)
  })

  it('is read-only where the directory file sets it', async () => {
    const answer = await put(
      `${CONFIG}/${IDS.admin}/preferredAnswerEndpoint`,
      { preferredAnswerEndpointId: null },
      'admin',
    )
    assert.equal(answer.statusCode, 409)
    assert.match(answer.json().message, /office\.yaml/)
  })
})
