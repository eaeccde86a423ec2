/** Scenes in which the phone does what the API can command too, and the API shows it as if it had been commanded there (issue: phones do it too). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Theatre } from '../theatre/theatre.ts'

/** Registers the scenes. */
export function phoneKeys(theatre: () => Theatre): void {
  const scene = (name: string, act: Parameters<Theatre['play']>[0]): void => {
    it(name, () => theatre().play(act))
  }

  describe('what a person does at the phone', { concurrency: true }, () => {
    scene('hold and resume by re-INVITE, of one side and of both', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      const { calleeId } = await scene.connect('ada', 'ben')
      const [ours, theirs] = [ada.phone.calls[0], ben.phone.calls[0]]
      await scene.act({ operation: 'phone: hold' }, async () => ours?.hold(), {
        states: { ada: 'originator held ben', ben: 'terminator remoteHeld ada' },
        events: { ada: 'updated:held', ben: 'updated:remoteHeld' },
        wire: { ada: ['<- INVITE sendonly 200'] },
        hears: { ada: '', ben: 'sound' },
      })
      const refused = await ada.quietly('POST', '/telephony/calls/resume', { callId: (await ada.call()).id })
      assert.equal(refused.status, 409, 'a phone that takes no talk cannot be made to take the call back')
      await scene.act({ operation: 'phone: hold of both' }, async () => theirs?.hold(), {
        states: { ada: 'originator held ben', ben: 'terminator held ada' },
        events: { ben: 'updated:held' },
      })
      await scene.act({ operation: 'phone: resume' }, async () => ours?.resume(), {
        states: { ada: 'originator remoteHeld ben', ben: 'terminator held ada' },
        wire: { ada: ['<- INVITE 200'] },
      })
      await scene.act({}, async () => theirs?.resume(), {
        states: { ada: 'originator connected ben', ben: 'terminator connected ada' },
        hears: { ada: 'ben', ben: 'ada' },
      })
      assert.equal((await ben.call()).id, calleeId)
    })

    scene('a blind transfer by REFER', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'phone: blind transfer' },
        async () => {
          const done = ben.phone.calls[0]?.transfer(cyd.number)
          await (await cyd.rings()).answer()
          await done
        },
        {
          states: { ada: 'originator connected cyd', ben: '-', cyd: 'terminator connected ada' },
          events: { ben: 'deleted:forwarded' },
          wire: { ben: ['<- REFER 202'], cyd: ['-> INVITE 200'] },
          hears: { ada: 'cyd', cyd: 'ada' },
        },
      )
    })

    scene('a blind transfer to somebody who declines leaves the call with the transferor', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'phone: blind transfer declined' },
        async () => {
          const done = assert.rejects(async () => ben.phone.calls[0]?.transfer(cyd.number))
          await (await cyd.rings()).decline(486)
          await done
        },
        {
          states: { ada: 'originator connected ben', ben: 'terminator connected ada', cyd: '-' },
          wire: { ben: ['<- REFER 202'] },
          hears: { ada: 'ben', ben: 'ada' },
        },
      )
    })

    scene('an attended transfer by REFER with Replaces', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await scene.connect('ada', 'ben')
      await scene.connect('ada', 'cyd')
      await scene.act(
        { operation: 'phone: attended transfer' },
        async () => {
          const [first, second] = ada.phone.calls
          assert.ok(first !== undefined && second !== undefined)
          await first.transfer(second)
        },
        {
          states: { ada: '-', ben: 'terminator connected cyd', cyd: 'terminator connected ben' },
          events: { ada: 'deleted:forwarded deleted:forwarded' },
          wire: { ada: ['<- REFER Replaces 202'] },
          hears: { ben: 'cyd', cyd: 'ben' },
        },
      )
    })

    scene('keys by RFC 4733 and by INFO reach the other side once each', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      await ada.open()
      await ben.open()
      await scene.connect('ada', 'ben')
      const keys: string[] = []
      ben.phone.on((event) => {
        if (event.kind === 'digit') keys.push(event.digit)
      })
      const call = ada.phone.calls[0]
      for (const by of ['rtp', 'info'] as const) {
        keys.length = 0
        await scene.act(
          { operation: `phone: keys by ${by === 'rtp' ? 'RFC 4733' : 'INFO'}` },
          async () => {
            await call?.sendDigits('159*0#', { by })
            await scene.until('all keys came', () => (keys.length >= 6 ? true : undefined))
          },
          { states: { ada: 'originator connected ben', ben: 'terminator connected ada' }, events: {} },
        )
        assert.equal(keys.join(''), '159*0#', by)
      }
    })

    for (const [status, caller] of [
      [603, 603],
      [486, 486],
    ] as const)
      scene(`a decline with ${status} ends the call for both`, async (scene) => {
        const [ada, ben] = [scene.person('ada'), scene.person('ben')]
        await ada.open()
        await ben.open()
        await ada.phone.dial(ben.number)
        const ringing = await ben.rings()
        await scene.act({ operation: `phone: decline ${status}` }, () => ringing.decline(status), {
          states: { ada: '-', ben: '-' },
          events: { ada: 'deleted:disconnected', ben: 'deleted:disconnected' },
          wire: { ben: [`-> INVITE ${status}`], ada: [`<- INVITE ${caller}`] },
        })
      })

    scene('do not disturb is busy, and a mailbox where there is one', async (scene) => {
      const [ada, ben, dee] = [scene.person('ada'), scene.person('ben'), scene.person('dee')]
      await ada.open()
      await ben.open({ doNotDisturb: true })
      await dee.open({ doNotDisturb: true })
      await scene.act(
        { operation: 'phone: do not disturb' },
        async () => void (await ada.phone.dial(ben.number)),
        {
          states: { ada: '-', ben: '-' },
          events: {
            ada: 'created:originated deleted:disconnected',
            ben: 'created:received deleted:disconnected',
          },
          wire: { ben: ['-> INVITE 486'], ada: ['<- INVITE 486'] },
        },
      )
      await scene.act(
        { operation: 'phone: do not disturb, with voicemail' },
        async () => void (await ada.phone.dial(dee.number)),
        { states: { ada: 'originator connected dee', dee: '-' }, hears: { ada: 'sound' } },
      )
    })

    scene('all phones of a person ring, and stop when one answers', async (scene) => {
      const [ada, ben] = [scene.person('ada'), scene.person('ben')]
      const desk = await ada.open()
      const soft = await ada.open({}, 'soft')
      await ben.open()
      await ben.phone.dial(ada.number)
      await scene.act(
        { operation: 'several phones ring' },
        async () => {
          await scene.until('both ring', () =>
            desk.calls.length === 1 && soft.calls.length === 1 ? true : undefined,
          )
          await soft.calls[0]?.answer()
        },
        {
          states: { ada: 'terminator connected ben', ben: 'originator connected ada' },
          events: { ada: 'updated:answered', ben: 'updated:connected' },
          wire: { ada: ['-> CANCEL Call completed elsewhere 200', '-> INVITE 487', '-> INVITE 200'] },
        },
      )
      assert.deepEqual(desk.calls, [])
    })

    scene(
      'voicemail is deposited, lights the lamp, and is heard by star code with the PIN',
      async (scene) => {
        const [ada, dee] = [scene.person('ada'), scene.person('dee')]
        await ada.open()
        const phone = await dee.open({ doNotDisturb: true })
        let lamp = 0
        phone.on((event) => {
          if (event.kind === 'messageWaiting') lamp = event.newCount
        })
        await scene.act(
          { operation: 'voicemail: deposit' },
          async () => {
            const call = await ada.phone.dial(dee.number)
            await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
            await scene.until(
              'the greeting is over',
              async () => {
                const heard = await ada.listen(500, new Map())
                return heard.length === 0 ? true : undefined
              },
              15_000,
            )
            await new Promise((resolve) => setTimeout(resolve, 2_500))
            await call.hangup()
            await scene.until('the lamp is lit', () => (lamp === 1 ? true : undefined), 15_000)
          },
          { states: { ada: '-', dee: '-' }, wire: { dee: ['-> NOTIFY message-summary 200'] } },
        )
        await scene.act(
          { operation: 'voicemail: listen and delete (*86)' },
          async () => {
            const call = await phone.dial('*86')
            await call.waitFor('established', { since: 0, timeoutMs: 5_000 })
            await call.sendDigits('471100#')
            await scene.hears({ dee: 'ada' })
            await call.sendDigits('3')
            await scene.until('the lamp is out', () => (lamp === 0 ? true : undefined), 15_000)
            await call.hangup()
          },
          { states: { dee: '-' } },
        )
      },
    )

    scene('star codes park, retrieve, record, pick up and join', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      await scene.connect('ada', 'ben')
      await scene.act(
        { operation: 'star code *44 (start recording)' },
        async () => ada.phone.calls[0]?.sendDigits('*44'),
        { states: { ada: 'originator connected ben recording:started', ben: 'terminator connected ada' } },
      )
      await scene.act(
        { operation: 'star code *45 (stop recording)' },
        async () => ada.phone.calls[0]?.sendDigits('*45'),
        { states: { ada: 'originator connected ben recording:stopped', ben: 'terminator connected ada' } },
      )
      await scene.act(
        { operation: 'star code *68 (park)' },
        async () => {
          const code = await ada.phone.dial(`*68${cyd.number}`)
          await code.over(15_000)
        },
        {
          states: { ada: '-', ben: 'terminator remoteHeld cyd' },
          events: { ben: 'updated:remoteHeld updated:updated' },
          hears: { ben: 'sound' },
        },
      )
      await scene.act(
        { operation: 'star code *88 (retrieve)' },
        async () => void (await cyd.phone.dial('*88')),
        {
          states: { ben: 'terminator connected cyd', cyd: 'originator connected ben' },
          hears: { ben: 'cyd', cyd: 'ben' },
        },
      )
      await scene.act(
        { operation: 'star code *33 (join)' },
        async () => void (await ada.phone.dial(`*33${cyd.number}`)),
        {
          states: {
            ada: 'originator connected cyd',
            ben: 'terminator connected cyd',
            cyd: 'originator connected ben',
          },
          hears: { ada: 'ben cyd', ben: 'ada cyd', cyd: 'ada ben' },
        },
      )
    })

    scene('star codes pick up in the group and of a colleague', async (scene) => {
      const [ada, ben, cyd] = [scene.person('ada'), scene.person('ben'), scene.person('cyd')]
      for (const each of [ada, ben, cyd]) await each.open()
      for (const [code, name] of [
        ['*98', 'group pickup'],
        [`*97${ben.number}`, 'pickup of a colleague'],
      ] as const) {
        const call = await ada.phone.dial(ben.number)
        await ben.rings()
        await scene.act(
          { operation: `star code ${code.slice(0, 3)} (${name})` },
          async () => void (await cyd.phone.dial(code)),
          {
            states: { ada: 'originator connected cyd', ben: '-', cyd: 'originator connected ada' },
            wire: { ben: ['-> CANCEL Call completed elsewhere 200'] },
            hears: { ada: 'cyd', cyd: 'ada' },
          },
        )
        await call.hangup()
        await scene.until('it is over', async () =>
          (await cyd.calls()).length === 0 && (await ben.calls()).length === 0 ? true : undefined,
        )
      }
    })
  })
}
