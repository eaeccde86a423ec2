import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EXIT } from './failure.ts'
import { FakeApi } from './fake-api.test.ts'
import { ladderLines } from './ladder.ts'
import { clean, tableLines } from './output.ts'

const api = FakeApi.forFile()

function message(ms: number, direction: 'in' | 'out', leg: string, title: string, lines: string[] = []) {
  return { time: new Date(Date.UTC(2026, 1, 3, 9, 14, 58, ms)).toISOString(), direction, leg, title, lines }
}

const CALL = [
  message(120, 'in', 'leg-1', 'INVITE', ['From: <sip:***>', 'm=audio 4000 RTP/AVP 0']),
  message(121, 'out', 'leg-1', '100 INVITE'),
  message(131, 'out', 'leg-2', 'INVITE'),
  message(190, 'in', 'leg-2', '180 INVITE'),
]

describe('the ladder of a conversation', () => {
  it('draws a line of life for Tandem and each leg, and an arrow for each message', () => {
    assert.equal(
      `\n${ladderLines(CALL, { details: false }).join('\n')}`,
      `
time            Tandem      leg-1      leg-2
09:14:58.120       |<---------|          |       INVITE
09:14:58.121       |--------->|          |       100 INVITE
09:14:58.131       |-------------------->|       INVITE
09:14:58.190       |<--------------------|       180 INVITE`,
    )
  })

  it('shows the lines of a message below it when they are wanted', () => {
    assert.equal(
      `\n${ladderLines(CALL.slice(0, 2), { details: true }).join('\n')}`,
      `
time            Tandem      leg-1
09:14:58.120       |<---------|       INVITE
                   |          |         From: <sip:***>
                   |          |         m=audio 4000 RTP/AVP 0
09:14:58.121       |--------->|       100 INVITE`,
    )
  })

  it('names the day when there is more than one, and widens for long names up to a limit', () => {
    const lines = ladderLines(
      [
        { ...message(0, 'out', 'a-name-of-18-chars', 'BYE'), time: '2026-02-03T23:59:59.999Z' },
        { ...message(0, 'in', 'a-name-of-19-chars!', '200 BYE'), time: '2026-02-04T00:00:00.000Z' },
      ],
      { details: false },
    )
    assert.equal(
      `\n${lines.join('\n')}`,
      `
time                             Tandem        a-name-of-18-chars  a-name-of-19-chars
2026-02-03T23:59:59.999Z           |------------------>|                   |            BYE
2026-02-04T00:00:00.000Z           |<--------------------------------------|            200 BYE`,
    )
  })

  it('lets nothing through that a terminal would obey', () => {
    const nasty = message(0, 'in', 'l\u001b[2J', 'INV\u009bITE\r', ['a\nb\u202ec'])
    const drawn = ladderLines([nasty], { details: true }).join('\n')
    assert.ok(drawn.includes('INV?ITE?') && drawn.includes('a?b?c') && drawn.includes('l?[2J'))
  })

  it('is printed by tandem trace, whole as JSON', async () => {
    const json = { callSessionId: 'S=', messages: CALL }
    const drawn = await api.run(['trace', 'S='], { status: 200, json })
    assert.deepEqual([drawn.code, drawn.stdout.split('\n').length], [EXIT.done, 6])
    assert.deepEqual(api.asked, ['GET /tandem/v1/calls/S%3D/trace'])
    const whole = await api.run(['trace', 'S=', '--json'], { status: 200, json })
    assert.deepEqual(JSON.parse(whole.stdout), json)
    const none = await api.run(['trace', 'S='], { status: 404, json: { message: 'No such conversation' } })
    assert.deepEqual([none.code, none.stdout], [EXIT.failed, ''])
    assert.match(none.stderr, /^No such conversation\. \(404 for GET/)
  })
})

describe('tables', () => {
  it('align their columns and end without blanks', () => {
    assert.deepEqual(
      tableLines([
        ['A', 'LONG', ''],
        ['xyz', '1', ''],
      ]),
      ['A    LONG', 'xyz  1'],
    )
    assert.deepEqual(tableLines([]), [])
  })

  it('keep letters of every script', () => {
    assert.equal(clean('Zoë Müller 山田 🙂\t\u2028'), 'Zoë Müller 山田 🙂??')
  })
})
