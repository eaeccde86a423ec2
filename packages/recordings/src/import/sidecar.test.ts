import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMoment } from './moment.ts'
import { parseSidecar, SIDECAR_BYTES_MAX } from './sidecar.ts'

const AT = Date.UTC(2026, 1, 3, 10, 15)

describe('parseSidecar', () => {
  it('reads everything that is known of a recording, null as absent', () => {
    const sidecar = {
      topic: 'Weekly planning',
      ownerEmail: 'tomas.lind@example.com',
      createTime: '2026-02-03T11:15:00+01:00',
      timeRecorded: '2026-02-03',
      serviceType: 'meeting',
      storageRegion: 'DE',
      callSessionId: null,
      meeting: {
        meetingId: '0d4be2a97c31460fb1e85a6f9d20c7b4_I_604418823157902211',
        siteUrl: 'lind.example.com',
        password: 'q7Rk-41z',
        serviceType: 'MeetingCenter',
        format: 'MP4',
        integrationTags: ['ticket-48213'],
      },
      serviceData: { callingParty: { name: 'Mira' } },
      sha256: 'AB'.repeat(32),
    }
    const { callSessionId: _, ...rest } = sidecar
    assert.deepEqual(parseSidecar(`\uFEFF${JSON.stringify(sidecar)}`), {
      ...rest,
      createTime: AT,
      timeRecorded: Date.UTC(2026, 1, 3),
      sha256: 'ab'.repeat(32),
    })
    assert.deepEqual(parseSidecar('{}'), {})
  })

  it('names what is wrong', () => {
    const wrong: readonly (readonly [json: string, words: RegExp])[] = [
      ['', /^It is no JSON: /],
      ['[]', /^must be an object\.$/],
      ['null', /^must be an object\.$/],
      ['{"topik":"a"}', /^"topik" is not known here; known are topic, ownerEmail/],
      ['{"constructor":1}', /^"constructor" is not known here/],
      ['{"__proto__":{"topic":"a"}}', /^"__proto__" is not known here/],
      ['{"topic":""}', /^topic must be a text of 1 to \d+ characters\.$/],
      ['{"topic":7}', /^topic must be a text/],
      ['{"createTime":"yesterday"}', /^createTime must be a date and time of ISO 8601/],
      ['{"createTime":1770113700000}', /^createTime must be/],
      ['{"serviceType":"all"}', /^serviceType must be one of calling, customerAssist, meeting\.$/],
      ['{"storageRegion":"XX"}', /^storageRegion must be one of/],
      ['{"sha256":"ab"}', /^sha256 must be 64 hex digits\.$/],
      ['{"serviceData":[]}', /^serviceData must be an object\.$/],
      ['{"meeting":{"siteUrl":"https://x"}}', /^meeting: siteUrl must be a host name/],
      ['{"meeting":{"host":"x"}}', /^meeting: "host" is not known here/],
      ['{"meeting":{"integrationTags":[""]}}', /^meeting: integrationTags must be a list/],
      ['{"meeting":{},"serviceType":"calling"}', /^meeting is there although serviceType is calling\.$/],
      ['{"ownerEmail":"a@b.c","ownerId":"x"}', /^ownerEmail and ownerId are both there/],
    ]
    for (const [json, words] of wrong) {
      const result = parseSidecar(json)
      assert.ok(typeof result === 'string', json)
      assert.match(result, words)
    }
  })

  it('takes as many bytes as the limit has, and not one more', () => {
    const sized = (bytes: number): string => `{}${' '.repeat(bytes - 2)}`
    assert.deepEqual(parseSidecar(sized(SIDECAR_BYTES_MAX)), {})
    assert.match(String(parseSidecar(sized(SIDECAR_BYTES_MAX + 1))), /more than/)
  })
})

describe('readMoment (contract README §6)', () => {
  it('reads every form, without an offset as UTC', () => {
    for (const text of [
      ...['2026-02-03T10:15', '2026-02-03T10:15:00', '2026-02-03T10:15:00.000Z', '20260203T101500Z'],
      ...['2026-02-03T18:15:00+08:00', '2026-02-03T05:45-0430', '2026-02-03 10:15', '20260203T1015'],
    ])
      assert.equal(readMoment(text), AT, text)
    assert.equal(readMoment('2026-02-03'), Date.UTC(2026, 1, 3))
    assert.equal(readMoment('2026-02-03T10:15:00.7509'), AT + 750)
    assert.equal(readMoment('2024-02-29'), Date.UTC(2024, 1, 29))
  })

  it('reads nothing else', () => {
    for (const text of [
      ...['', 'now', '2026', '2026-02', '2026-02-30', '2026-13-01', '2026-02-03T24:00', '2026-02-03T10:60'],
      ...['2026-02-03T10:15:60', '2026-02-03Z', '2026-02-03T10:15X', '2026-02-03T10:15+24:00', '0000-01-01'],
      ...['2026-02-03T10:15:00Z ', '1770113700000'],
    ])
      assert.equal(readMoment(text), undefined, text)
  })
})
