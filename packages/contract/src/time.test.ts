import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseTime, printMilliseconds, printSeconds, UTC, type Zone, zoneOf } from './time.ts'

const zone = (name: string): Zone => {
  const found = zoneOf(name)
  assert.ok(found, name)
  return found
}
const iso = (text: string, zoneName = 'UTC'): string | undefined => {
  const at = parseTime(text, zone(zoneName))
  return at === undefined ? undefined : new Date(at).toISOString()
}

describe('parseTime', () => {
  it('takes every ISO 8601 form (contract README §6)', () => {
    const same = [
      '2026-02-03T10:15:00Z',
      '2026-02-03T10:15Z',
      '2026-02-03T10:15:00.000Z',
      '2026-02-03T10:15:00,0Z',
      '20260203T101500Z',
      '20260203T1015Z',
      '2026-02-03T18:15:00+08:00',
      '2026-02-03T18:15:00+0800',
      '2026-02-03T18:15:00+08',
      '2026-02-03T18:15:00 08:00',
      '20260203T181500+0800',
      '2026-02-03T05:15:00-05:00',
      '2026-02-03T10:15:00',
      '2026-02-03 10:15:00',
    ]
    for (const text of same) assert.equal(iso(text), '2026-02-03T10:15:00.000Z', text)
    assert.equal(iso('2026-02-03'), '2026-02-03T00:00:00.000Z')
    assert.equal(iso('20260203'), '2026-02-03T00:00:00.000Z')
    assert.equal(iso('2026-02-03T10:15:00.1239Z'), '2026-02-03T10:15:00.123Z')
    assert.equal(iso('2026-02-03T24:00:00Z'), '2026-02-04T00:00:00.000Z')
    assert.equal(iso('2024-02-29'), '2024-02-29T00:00:00.000Z')
  })

  it('refuses what names no moment', () => {
    for (const text of [
      '',
      'yesterday',
      '2026',
      '2026-02',
      '2026-13-01',
      '2026-00-01',
      '2026-02-29',
      '2026-04-31',
      '2026-02-03T25:00:00Z',
      '2026-02-03T24:00:01Z',
      '2026-02-03T10:60:00Z',
      '2026-02-03T10:15:61Z',
      '2026-02-03T10:15:00+24:00',
      '2026-02-03T10:15:00Europe/Berlin',
      '2026-02-03TZ',
      '1770113700',
      '2026-02-0310:15',
      '+012026-02-03',
    ])
      assert.equal(iso(text), undefined, text)
  })

  it('reads a time without offset in the zone of the request', () => {
    assert.equal(iso('2026-02-03T10:15:00', 'Asia/Singapore'), '2026-02-03T02:15:00.000Z')
    assert.equal(iso('2026-07-01', 'Europe/Berlin'), '2026-06-30T22:00:00.000Z')
    assert.equal(iso('2026-01-01', 'Europe/Berlin'), '2025-12-31T23:00:00.000Z')
    assert.equal(iso('2026-07-01T00:00:00Z', 'Europe/Berlin'), '2026-07-01T00:00:00.000Z')
  })

  it('is definite in the hour that is skipped and in the one that comes twice', () => {
    assert.equal(iso('2026-03-29T02:30:00', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z')
    assert.equal(iso('2026-10-25T02:30:00', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z')
    assert.equal(iso('2026-03-08T02:30:00', 'America/New_York'), '2026-03-08T07:30:00.000Z')
  })

  it('never throws, and reads back what it printed', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTime(text, UTC)))
    const zones = ['UTC', 'Asia/Kolkata', 'Pacific/Chatham', 'America/St_Johns', 'Europe/London'].map(zone)
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    fc.assert(
      fc.property(seconds, fc.constantFrom(...zones), (second, there) => {
        assert.equal(parseTime(printSeconds(second * 1_000, there), UTC), second * 1_000)
      }),
    )
  })
})

describe('printSeconds', () => {
  const at = Date.UTC(2026, 1, 3, 10, 15, 0, 999)

  it('ends in Z for UTC and in an offset elsewhere, also at +00:00 (Ruling 34)', () => {
    assert.equal(printSeconds(at, UTC), '2026-02-03T10:15:00Z')
    assert.equal(printSeconds(at, zone('Etc/UTC')), '2026-02-03T10:15:00Z')
    assert.equal(printSeconds(at, zone('Asia/Singapore')), '2026-02-03T18:15:00+08:00')
    assert.equal(printSeconds(at, zone('Europe/London')), '2026-02-03T10:15:00+00:00')
    assert.equal(printSeconds(at, zone('America/St_Johns')), '2026-02-03T06:45:00-03:30')
  })

  it('applies daylight saving to each moment', () => {
    assert.equal(printSeconds(Date.UTC(2026, 6, 1), zone('Europe/London')), '2026-07-01T01:00:00+01:00')
  })
})

describe('zoneOf', () => {
  it('knows IANA names in any letter case and no others', () => {
    assert.ok(zoneOf('europe/berlin'))
    for (const name of [
      '',
      'Mars/Olympus',
      '+08:00',
      '-05',
      '../etc/passwd',
      'Europe/Berlin\u0000',
      'a'.repeat(200),
    ])
      assert.equal(zoneOf(name), undefined, name)
  })
})

describe('printMilliseconds', () => {
  it('shows milliseconds in UTC, as call controls do', () => {
    assert.equal(printMilliseconds(Date.UTC(2026, 1, 3, 10, 15)), '2026-02-03T10:15:00.000Z')
  })
})
