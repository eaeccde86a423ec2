import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WebexClient } from './client.ts'
import { FakeServer, type Reply } from './fake-server.test.ts'
import { proveRefused, proveWire } from './wire-table.test.ts'

const DONE = { status: 204 } as const
const ONE: Reply = { status: 200, json: { items: [{ id: 'm' }] } }
const emails = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}@x`)

describe('recordings (meeting-recordings §2 to §9)', () => {
  proveWire([
    {
      name: 'list',
      call: (c) =>
        c.recordings
          .list({ from: new Date(0), meetingId: 'i', hostEmail: 'h@x', integrationTag: 't', max: 2 })
          .toArray(),
      reply: ONE,
      want: [
        'GET',
        '/v1/recordings?from=1970-01-01T00%3A00%3A00.000Z&meetingId=i&hostEmail=h%40x&integrationTag=t&max=2',
      ],
      result: [{ id: 'm' }],
    },
    {
      name: 'listForAdmin',
      call: (c) => c.recordings.listForAdmin({ siteUrl: 's', status: 'purged' }).toArray(),
      reply: ONE,
      want: ['GET', '/v1/admin/recordings?siteUrl=s&status=purged'],
      result: [{ id: 'm' }],
    },
    {
      name: 'listForGroup by person',
      call: (c) => c.recordings.listForGroup({ personId: 'p', topic: 't' }).toArray(),
      reply: ONE,
      want: ['GET', '/v1/group/recordings?personId=p&topic=t'],
      result: [{ id: 'm' }],
    },
    {
      name: 'get',
      call: (c) => c.recordings.get('m/1', { hostEmail: 'h@x' }),
      reply: { status: 200, json: { id: 'm/1' } },
      want: ['GET', '/v1/recordings/m%2F1?hostEmail=h%40x'],
      result: { id: 'm/1' },
    },
    {
      name: 'getForGroup by person',
      call: (c) => c.recordings.getForGroup('m', { personId: 'p' }),
      reply: { status: 200, json: { id: 'm' } },
      want: ['GET', '/v1/group/recordings/m?personId=p'],
      result: { id: 'm' },
    },
    {
      name: 'delete',
      call: (c) => c.recordings.delete('m', { reason: 'audit' }, { hostEmail: 'h@x' }),
      reply: DONE,
      want: ['DELETE', '/v1/recordings/m?hostEmail=h%40x', { reason: 'audit' }],
    },
    {
      name: 'adminDelete, without a body',
      call: (c) => c.recordings.adminDelete('m'),
      reply: DONE,
      want: ['DELETE', '/v1/admin/recordings/m'],
    },
    {
      name: 'softDelete',
      call: (c) => c.recordings.softDelete({ recordingIds: ['m'], siteUrl: 's' }, { hostEmail: 'h@x' }),
      reply: DONE,
      want: ['POST', '/v1/recordings/softDelete?hostEmail=h%40x', { recordingIds: ['m'], siteUrl: 's' }],
    },
    {
      name: 'restore of everything',
      call: (c) => c.recordings.restore({ all: true }),
      reply: DONE,
      want: ['POST', '/v1/recordings/restore', { restoreAll: true }],
    },
    {
      name: 'restore',
      call: (c) => c.recordings.restore({ recordingIds: ['m'] }),
      reply: DONE,
      want: ['POST', '/v1/recordings/restore', { recordingIds: ['m'] }],
    },
    {
      name: 'purge of everything on a site',
      call: (c) => c.recordings.purge({ all: true, siteUrl: 's' }),
      reply: DONE,
      want: ['POST', '/v1/recordings/purge', { purgeAll: true, siteUrl: 's' }],
    },
    {
      name: 'share with 100 people',
      call: (c) => c.recordings.share('m', { addEmails: emails(100), sendEmail: false }),
      reply: DONE,
      want: ['POST', '/v1/recordings/m/accessList', { addEmails: emails(100), sendEmail: false }],
    },
    {
      name: 'shareByLink',
      call: (c) => c.recordings.shareByLink('https://l', { removeEmails: ['a@x'], hostEmail: 'h@x' }),
      reply: DONE,
      want: [
        'POST',
        '/v1/recordings/accessList',
        { webShareLink: 'https://l', removeEmails: ['a@x'], hostEmail: 'h@x' },
      ],
    },
  ])
  proveRefused({
    'all where there is none': (c) => c.recordings.softDelete({ all: true } as never),
    'ids and all': (c) => c.recordings.purge({ all: true, recordingIds: ['m'] } as never),
    'a move of nothing': (c) => c.recordings.softDelete({ recordingIds: [] }),
    'a share with nobody': (c) => c.recordings.share('m', {}),
    'a share with 101 people': (c) => c.recordings.share('m', { addEmails: emails(101) }),
    'a share with an empty email': (c) => c.recordings.share('m', { addEmails: [''] }),
    'a share link that is none': (c) => c.recordings.shareByLink('', { addEmails: ['a'] }),
    'a group without an identity': (c) => c.recordings.getForGroup('m', {} as never),
    'a group with two': (c) => c.recordings.getForGroup('m', { personId: 'p', hostEmail: 'h' } as never),
  })

  it('names site and host of a service app in headers, which win over nothing else', async () => {
    const server = new FakeServer([ONE, ONE, { status: 200, json: {} }])
    const client = new WebexClient(server.options())
    const headers = { 'x-more': '1' }
    await client.recordings.listForGroup({ hostEmail: 'h@x' }, { headers }).toArray()
    await client.recordings.getForGroup('m', { hostEmail: 'h@x' })
    await client.recordings.get('m', { siteUrl: 's.example.com', headers })
    assert.deepEqual(
      server.sent.map(({ url, headers: sent }) => [
        new URL(url).search,
        sent['hostemail'],
        sent['siteurl'],
        sent['x-more'],
      ]),
      [
        ['', 'h@x', undefined, '1'],
        ['', 'h@x', undefined, undefined],
        ['', undefined, 's.example.com', '1'],
      ],
    )
  })
})
