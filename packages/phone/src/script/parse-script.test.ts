import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PhoneError } from '../phone-error.ts'
import { parseMs, parseScript, SCRIPT_STEPS_MAX, WAIT_MS } from './parse-script.ts'

describe('parseScript', () => {
  it('reads steps separated by semicolons and lines', () => {
    assert.deepEqual(parseScript('wait ringing; answer;\n wait 1.5s ; dtmf 12#*aD; hangup;'), [
      { kind: 'wait', events: ['ringing', 'incoming'], timeoutMs: WAIT_MS },
      { kind: 'answer' },
      { kind: 'pause', ms: 1_500 },
      { kind: 'dtmf', digits: '12#*aD' },
      { kind: 'hangup' },
    ])
    assert.deepEqual(
      parseScript('DIAL sip:102@example.test; wait established within 10s; hold; resume; reject 603; reject'),
      [
        { kind: 'dial', destination: 'sip:102@example.test' },
        { kind: 'wait', events: ['established'], timeoutMs: 10_000 },
        { kind: 'hold' },
        { kind: 'resume' },
        { kind: 'reject', status: 603 },
        { kind: 'reject', status: 486 },
      ],
    )
    assert.deepEqual(parseScript('play tone 440; play silence; play a file.wav; register; unregister'), [
      { kind: 'play', source: { kind: 'tone', frequencyHz: 440 } },
      { kind: 'play', source: { kind: 'silence' } },
      { kind: 'play', source: { kind: 'file', path: 'a file.wav', repeats: false } },
      { kind: 'register' },
      { kind: 'unregister' },
    ])
  })

  for (const step of [
    'jump',
    'wait',
    'wait 5',
    'wait nothing',
    'wait established within',
    'wait established within soon',
    'dtmf',
    'dtmf 1x',
    `dtmf ${'1'.repeat(65)}`,
    'reject 200',
    'reject 700',
    'reject no',
    'dial',
    'play',
    'answer now',
  ])
    it(`refuses "${step.slice(0, 30)}" and says what there is`, () => {
      assert.throws(
        () => parseScript(`answer; ${step}`),
        (error) => error instanceof PhoneError && error.message.startsWith(`"${step}" is no step: use`),
      )
    })

  it('takes a thousand steps and no more', () => {
    assert.equal(parseScript('hold;'.repeat(SCRIPT_STEPS_MAX)).length, SCRIPT_STEPS_MAX)
    assert.throws(() => parseScript('hold;'.repeat(SCRIPT_STEPS_MAX + 1)), PhoneError)
  })
})

describe('parseMs', () => {
  for (const [text, want] of [
    ['5s', 5_000],
    ['200ms', 200],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['24.001h', undefined],
    ['5', undefined],
    ['-5s', undefined],
    ['1e3s', undefined],
    ['', undefined],
  ] as const)
    it(`reads "${text}"`, () => assert.equal(parseMs(text), want))
})
