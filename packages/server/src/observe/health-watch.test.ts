import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SILENT } from '@tandem/base'
import { readConfig } from '../config/read-config.ts'
import { readiness } from '../http/health/health.ts'
import { openTestData } from '../testing/open-test-data.ts'
import { Alarms } from './alarms.ts'
import { Counters } from './counters.ts'
import { checksOf, DISK_FULL_BYTES, DISK_LOW_BYTES } from './health-checks.ts'
import { type HealthCheck, HealthWatch } from './health-watch.ts'

function openAlarms(): Alarms {
  return new Alarms({ counters: new Counters(), logger: () => SILENT })
}

describe('HealthWatch', () => {
  it('keeps what a hanging check means from the others, and forgets it when it answers again', async () => {
    const alarms = openAlarms()
    let hangs = true
    const slow: HealthCheck = {
      kinds: ['database-unreachable'],
      broken: { alarms: ['database-unreachable'], notReady: { part: 'database', why: 'it does not answer' } },
      run: () => (hangs ? new Promise(() => {}) : Promise.resolve({ alarms: [] })),
    }
    let looked = 0
    const quick: HealthCheck = {
      kinds: ['disk-low'],
      async run() {
        looked += 1
        return { alarms: ['disk-low'] }
      },
    }
    const watch = new HealthWatch({ checks: [slow, quick], alarms, answerMsMax: 20 })
    await watch.look()
    assert.equal(looked, 1)
    assert.deepEqual(watch.notReady, [{ part: 'database', why: 'it does not answer' }])
    assert.deepEqual(alarms.raised.toSorted(), ['database-unreachable', 'disk-low'])
    hangs = false
    await watch.look()
    assert.deepEqual(watch.notReady, [])
    assert.deepEqual(alarms.raised, ['disk-low'])
  })

  it('runs a slow check at every so many looks, and leaves what it found when it fails', async () => {
    const alarms = openAlarms()
    let runs = 0
    const clock: HealthCheck = {
      kinds: ['clock-doubted'],
      every: 3,
      async run() {
        runs += 1
        if (runs > 1) throw new Error('it does not answer')
        return { alarms: ['clock-doubted'] }
      },
    }
    const watch = new HealthWatch({ checks: [clock], alarms })
    for (let look = 0; look < 4; look++) await watch.look()
    assert.equal(runs, 2)
    assert.deepEqual(alarms.raised, ['clock-doubted'])
  })
})

describe('what a server looks at', () => {
  it('is database, calls, disk, store and clock, each told apart', async () => {
    const data = await openTestData()
    const alarms = openAlarms()
    const broken = { free: DISK_LOW_BYTES, calls: false, doubted: false }
    const watch = new HealthWatch({
      alarms,
      answerMsMax: 200,
      checks: checksOf({
        config: readConfig({ flags: { dataFolder: data.folder, vaultUrl: `file:${data.folder}` } }),
        db: data.db,
        calls: {
          stats: () => (broken.calls ? Promise.reject(new Error('ended')) : Promise.resolve({} as never)),
        },
        recordings: { storage: async () => ({ clockDoubted: broken.doubted }) as never },
        freeBytes: async () => broken.free,
      }),
    })
    const health = { state: () => 'ready' as const, notReady: () => watch.notReady, gauges: async () => [] }
    await watch.look()
    assert.deepEqual([alarms.raised, readiness(health)], [[], { code: 200, body: '{"status":"ready"}' }])
    broken.free = DISK_LOW_BYTES - 1
    await watch.look()
    assert.deepEqual([alarms.raised, readiness(health).code], [['disk-low'], 200])
    broken.free = DISK_FULL_BYTES - 1
    broken.calls = true
    await watch.look()
    assert.deepEqual(readiness(health), {
      code: 503,
      body: '{"status":"failing","notReady":[{"part":"calls","why":"they do not answer"},{"part":"disk","why":"it is full"}]}',
    })
    broken.free = Number.MAX_SAFE_INTEGER
    broken.calls = false
    await watch.look()
    assert.equal(readiness(health).code, 200)
    assert.deepEqual(alarms.raised, [])
    await data.db.close()
    broken.doubted = true
    for (let look = 0; look < 12; look++) await watch.look()
    assert.equal(readiness(health).code, 503)
    assert.deepEqual(alarms.raised.toSorted(), ['clock-doubted', 'database-unreachable'])
    await data.remove()
  })

  it('finds a store of recordings whose folder has gone', async () => {
    const data = await openTestData()
    const watch = new HealthWatch({
      alarms: openAlarms(),
      checks: checksOf({
        config: readConfig({ flags: { dataFolder: data.folder, vaultUrl: `file:${data.folder}/gone` } }),
        db: data.db,
        calls: { stats: async () => ({}) as never },
        recordings: { storage: async () => ({ clockDoubted: false }) as never },
      }),
    })
    await watch.look()
    assert.deepEqual(watch.notReady, [{ part: 'vault', why: 'it cannot be reached or written' }])
    await data.remove()
  })
})
