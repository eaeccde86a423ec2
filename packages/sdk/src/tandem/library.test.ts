/** Tandem's own operations on recordings (contract README §11), a row for each. Uploads have a file of their own. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from '../client.ts'
import { FakeServer } from '../fake-server.test.ts'
import { proveRefused, proveWire } from '../wire-table.test.ts'

const DONE = { status: 204 } as const
const T = '/tandem/v1'

describe('tandem: the library of recordings', () => {
  proveWire([
    {
      name: 'search',
      call: (c) =>
        c.tandem.search('a b', { from: '2026-02-03', status: 'deleted', ownerId: 'o', max: 7 }).toArray(),
      reply: { status: 200, json: { items: [{ id: 'r', matches: [] }] } },
      want: ['GET', `${T}/recordings/search?q=a+b&from=2026-02-03&status=deleted&ownerId=o&max=7`],
      result: [{ id: 'r', matches: [] }],
    },
    {
      name: 'updateRecording',
      call: (c) => c.tandem.updateRecording('r/1', { topic: 't', downloadPrevented: false }),
      reply: DONE,
      want: ['PUT', `${T}/recordings/r%2F1`, { topic: 't', downloadPrevented: false }],
    },
    {
      name: 'retention.keeping',
      call: (c) => c.tandem.retention.keeping('r'),
      reply: { status: 200, json: { status: 'available' } },
      want: ['GET', `${T}/recordings/r/keeping`],
      result: { status: 'available' },
    },
    {
      name: 'retention.list',
      call: (c) => c.tandem.retention.list(),
      reply: { status: 200, json: { items: [{ scope: 'owner' }] } },
      want: ['GET', `${T}/retention`],
      result: [{ scope: 'owner' }],
    },
    {
      name: 'retention.set',
      call: (c) => c.tandem.retention.set('location', 'l/1', { keepDays: 9, eraseAtEnd: true }),
      reply: { status: 200, json: { extended: 4 } },
      want: ['PUT', `${T}/retention/location/l%2F1`, { keepDays: 9, eraseAtEnd: true }],
      result: { extended: 4 },
    },
    {
      name: 'retention.delete',
      call: (c) => c.tandem.retention.delete('owner', 'o'),
      reply: DONE,
      want: ['DELETE', `${T}/retention/owner/o`],
    },
    {
      name: 'evidence.manifest',
      call: (c) => c.tandem.evidence.manifest('r'),
      reply: { status: 200, json: { keyId: 'k' } },
      want: ['GET', `${T}/recordings/r/manifest`],
      result: { keyId: 'k' },
    },
    {
      name: 'evidence.export',
      call: async (c) => new Response((await c.tandem.evidence.export('r')).stream).text(),
      reply: { status: 200, text: 'tar' },
      want: ['GET', `${T}/recordings/r/export`],
      result: 'tar',
    },
    {
      name: 'evidence.signingKeys',
      call: (c) => c.tandem.evidence.signingKeys(),
      reply: { status: 200, json: { items: [{ keyId: 'k' }] } },
      want: ['GET', `${T}/signingKeys`],
      result: [{ keyId: 'k' }],
    },
    {
      name: 'transcripts.get',
      call: (c) => c.tandem.transcripts.get('r'),
      reply: { status: 200, json: { state: 'none' } },
      want: ['GET', `${T}/recordings/r/transcript?format=json`],
      result: { state: 'none' },
    },
    {
      name: 'transcripts.download',
      call: async (c) => new Response((await c.tandem.transcripts.download('r')).stream).text(),
      reply: { status: 200, text: 'WEBVTT' },
      want: ['GET', `${T}/recordings/r/transcript?format=vtt`],
      result: 'WEBVTT',
    },
    {
      name: 'transcripts.put as JSON',
      call: (c) => c.tandem.transcripts.put('r', { segments: [{ startMs: 0, endMs: 1, text: 'x' }] }),
      reply: DONE,
      want: ['PUT', `${T}/recordings/r/transcript`, { segments: [{ startMs: 0, endMs: 1, text: 'x' }] }],
    },
    {
      name: 'transcripts.request',
      call: (c) => c.tandem.transcripts.request('r', { language: 'de' }),
      reply: DONE,
      want: ['POST', `${T}/recordings/r/transcript`, { language: 'de' }],
    },
    {
      name: 'holds.list',
      call: (c) => c.tandem.holds.list({ active: true, recordingId: 'r', max: 5 }).toArray(),
      reply: { status: 200, json: { items: [{ id: 'h' }] } },
      want: ['GET', `${T}/holds?active=true&recordingId=r&max=5`],
      result: [{ id: 'h' }],
    },
    {
      name: 'holds.get',
      call: (c) => c.tandem.holds.get('h'),
      reply: { status: 200, json: { id: 'h' } },
      want: ['GET', `${T}/holds/h`],
      result: { id: 'h' },
    },
    {
      name: 'holds.place',
      call: (c) => c.tandem.holds.place({ recordingIds: ['r'], reason: 'Case 4711' }),
      reply: { status: 201, json: { id: 'h' } },
      want: ['POST', `${T}/holds`, { recordingIds: ['r'], reason: 'Case 4711' }],
      result: { id: 'h' },
    },
    {
      name: 'holds.release',
      call: (c) => c.tandem.holds.release('h', 'closed'),
      reply: DONE,
      want: ['DELETE', `${T}/holds/h`, { reason: 'closed' }],
    },
    {
      name: 'audit.list',
      call: (c) => c.tandem.audit.list({ actorId: 'a', action: 'refused', max: 1_000 }).toArray(),
      reply: { status: 200, json: { items: [{ seq: 1 }] } },
      want: ['GET', `${T}/audit?actorId=a&action=refused&max=1000`],
      result: [{ seq: 1 }],
    },
    {
      name: 'audit.export',
      call: async (c) =>
        new Response((await c.tandem.audit.export({ from: '2026', format: 'csv' })).stream).text(),
      reply: { status: 200, text: 'seq' },
      want: ['GET', `${T}/audit/export?from=2026&format=csv`],
      result: 'seq',
    },
    {
      name: 'storage.get',
      call: (c) => c.tandem.storage.get(),
      reply: { status: 200, json: { vault: 'folder' } },
      want: ['GET', `${T}/storage`],
      result: { vault: 'folder' },
    },
    {
      name: 'storage.acceptClock',
      call: (c) => c.tandem.storage.acceptClock(),
      reply: DONE,
      want: ['POST', `${T}/storage/acceptClock`],
    },
    {
      name: 'imports.list',
      call: (c) => c.tandem.imports.list({ max: 3 }).toArray(),
      reply: { status: 200, json: { items: [{ id: 'i' }] } },
      want: ['GET', `${T}/imports?max=3`],
      result: [{ id: 'i' }],
    },
    {
      name: 'imports.cancel',
      call: (c) => c.tandem.imports.cancel('i'),
      reply: DONE,
      want: ['DELETE', `${T}/imports/i`],
    },
  ])
  proveRefused({
    'a search for nothing': async (c) => c.tandem.search('').toArray(),
    'a page of 1,001 audit rows': async (c) => c.tandem.audit.list({ max: 1_001 }),
    'a change of nothing': (c) => c.tandem.updateRecording('r', {}),
    'a hold without a reason': (c) => c.tandem.holds.place({ recordingIds: ['r'], reason: '' }),
    'a hold on nothing': (c) => c.tandem.holds.place({ recordingIds: [], reason: 'x' }),
    'a release without a reason': (c) => c.tandem.holds.release('h', ''),
    'a transcript of another form': (c) =>
      c.tandem.transcripts.put('r', { format: 'srt', text: 'x' } as never),
  })

  it('sends a transcript as the file that it is', async () => {
    const server = new FakeServer([DONE])
    const client = new WebexClient(server.options())
    await client.tandem.transcripts.put('r', { format: 'vtt', text: 'WEBVTT\n\nÄ' })
    const [sent] = server.sent
    assert.equal(sent?.headers['content-type'], 'text/vtt;charset=utf-8')
    assert.equal(new TextDecoder().decode(sent.body as Uint8Array), 'WEBVTT\n\nÄ')
  })
})
