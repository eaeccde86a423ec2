/** Scenes with baresip, whose stack, codecs and idea of hold are not ours. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePorts } from '../../../tools/free-ports.ts'
import { Baresip } from '../peers/baresip.ts'
import { DOMAIN, passwordOf, type Role, toneOf, userOf } from '../theatre/company.ts'
import type { Scene } from '../theatre/scene.ts'
import type { Theatre } from '../theatre/theatre.ts'

/** Registers the scenes; they need baresip. */
export function baresip(theatre: () => Theatre, skip: string | false): void {
  const scene = (name: string, act: (scene: Scene, ben: Baresip) => Promise<void>): void => {
    it(name, { skip }, () =>
      theatre().play(async (scene) => {
        const ben = await openBaresip(theatre(), scene, 'ben')
        try {
          await act(scene, ben)
        } finally {
          await ben.command('hangup').catch(() => {}) // Its call may be over.
          await ben.stop()
        }
      }),
    )
  }
  const peer = 'baresip'

  describe('baresip', { concurrency: true }, () => {
    scene('holds and takes back by re-INVITE, and hears and is heard', async (scene, ben) => {
      const ada = scene.person('ada')
      await ada.open()
      const call = await ada.phone.dial(scene.person('ben').number)
      await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
      const connected = { ada: 'originator connected ben', ben: 'terminator connected ada' }
      await scene.act({}, async () => {}, { states: connected, hears: { ada: 'ben' } })
      await scene.act({ operation: 'phone: hold', peer }, () => ben.command('hold'), {
        states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' },
        events: { ada: 'updated:remoteHeld', ben: 'updated:held' },
        hears: { ada: 'sound' },
      })
      await scene.act({ operation: 'phone: resume', peer }, () => ben.command('resume'), {
        states: connected,
        events: { ada: 'updated:remoteResumed', ben: 'updated:resumed' },
        hears: { ada: 'ben' },
      })
      await call.hangup()
    })

    scene('is held at the anchor by the API, since it takes no NOTIFY hold', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      const call = await ada.phone.dial(ben.number)
      await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
      const id = await scene.until('it is connected', async () => (await ben.calls())[0]?.id)
      await scene.act(
        { operation: 'hold (anchor)', peer },
        async () => assert.equal((await ben.post('hold', { callId: id })).status, 204),
        { states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' }, hears: { ada: 'sound' } },
      )
      await scene.act(
        { operation: 'resume (anchor)', peer },
        async () => assert.equal((await ben.post('resume', { callId: id })).status, 204),
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
          hears: { ada: 'ben' },
        },
      )
      await call.hangup()
    })

    scene('hands its peer over by REFER', async (scene, ben) => {
      const [ada, cyd] = [scene.person('ada'), scene.person('cyd')]
      await ada.open()
      await cyd.open()
      const call = await ada.phone.dial(scene.person('ben').number)
      await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
      await scene.act(
        { operation: 'phone: blind transfer', peer },
        async () => {
          await ben.command('transfer', `sip:${cyd.number}@${DOMAIN}`)
          await (await cyd.rings()).answer()
        },
        {
          states: { ada: 'originator connected cyd', ben: '-', cyd: 'terminator connected ada' },
          events: { ben: 'deleted:forwarded' },
          hears: { ada: 'cyd', cyd: 'ada' },
        },
      )
    })
  })
}

/** A baresip that answers by itself, logged in as somebody of the scene's table. */
async function openBaresip(theatre: Theatre, scene: Scene, role: Role): Promise<Baresip> {
  const seat = { role, table: scene.table }
  const user = userOf(seat)
  const port = await freePorts(4)
  const rtp = await freePorts(20)
  const baresip = new Baresip({
    folder: mkdtempSync(join(theatre.stage.folder, `baresip-${user}-`)),
    sipPort: port,
    controlPort: port + 2,
    rtpPortMin: rtp,
    rtpPortMax: rtp + 19,
    user,
    password: passwordOf(user),
    domain: DOMAIN,
    proxyPort: theatre.stage.sipPort,
    toneHz: toneOf(seat),
    autoAnswer: true,
  })
  await baresip.child.waitFor(/200 OK/, 10_000)
  return baresip
}
