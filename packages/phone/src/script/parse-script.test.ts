import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PhoneError } from '../phone-error.ts'
import { parseMs, parseScript, SCRIPT_KEYS_MAX, SCRIPT_STEPS_MAX, WAIT_MS } from './parse-script.ts'

/** What the steps of a script do, without their places. */
function actions(text: string): unknown[] {
  return parseScript(text).map(({ action }) => action)
}

describe('parseScript', () => {
  it('reads steps separated by semicolons and lines, and says where each stands', () => {
    assert.deepEqual(parseScript('wait ringing; answer;\n wait 1.5s ; #2 dtmf 12#*aD; \n\n#13 hangup;'), [
      { action: { kind: 'wait', events: ['ringing', 'incoming'], timeoutMs: WAIT_MS }, line: 1, column: 1 },
      { action: { kind: 'answer' }, line: 1, column: 15 },
      { action: { kind: 'pause', ms: 1_500 }, line: 2, column: 2 },
      { action: { kind: 'digits', digits: '12#*aD', by: 'rtp' }, call: 2, line: 2, column: 14 },
      { action: { kind: 'hangup' }, call: 13, line: 4, column: 1 },
    ])
  })

  const read: readonly (readonly [string, unknown])[] = [
    ['DIAL sip:102@example.test', { kind: 'dial', destination: 'sip:102@example.test', anonymous: false }],
    ['dial *68102', { kind: 'dial', destination: '*68102', anonymous: false }],
    ['dial 102 as 205', { kind: 'dial', destination: '102', from: '205', anonymous: false }],
    ['dial 102 anonymously', { kind: 'dial', destination: '102', anonymous: true }],
    ['dial 102  as 205 anonymously', { kind: 'dial', destination: '102', from: '205', anonymous: true }],
    ['wait established within 10s', { kind: 'wait', events: ['established'], timeoutMs: 10_000 }],
    ['wait messageWaiting', { kind: 'wait', events: ['messageWaiting'], timeoutMs: WAIT_MS }],
    ['early', { kind: 'early' }],
    ['hold', { kind: 'hold' }],
    ['resume', { kind: 'resume' }],
    ['mute', { kind: 'mute' }],
    ['unmute', { kind: 'unmute' }],
    ['reject', { kind: 'reject', status: 486 }],
    ['reject 603', { kind: 'reject', status: 603 }],
    ['decline', { kind: 'reject', status: 603 }],
    ['decline 480', { kind: 'reject', status: 480 }],
    ['redirect 103', { kind: 'redirect', destination: '103' }],
    ['transfer 103', { kind: 'transfer', destination: '103' }],
    ['attended #2', { kind: 'attended', other: 2 }],
    ['digits #9', { kind: 'digits', digits: '#9', by: 'rtp' }],
    ['info-digits 5', { kind: 'digits', digits: '5', by: 'info' }],
    ['dnd on', { kind: 'switch', what: 'dnd', on: true }],
    ['silent off', { kind: 'switch', what: 'silent', on: false }],
    ['expect talking', { kind: 'expect', what: 'talking' }],
    ['expect digits 1a', { kind: 'expectDigits', digits: '1A' }],
    ['play tone 440', { kind: 'play', source: { kind: 'tone', frequencyHz: 440 } }],
    ['play silence', { kind: 'play', source: { kind: 'silence' } }],
    ['play a file.wav', { kind: 'play', source: { kind: 'file', path: 'a file.wav', repeats: false } }],
    ['register', { kind: 'register' }],
    ['unregister', { kind: 'unregister' }],
  ]
  for (const [text, want] of read) it(`reads "${text}"`, () => assert.deepEqual(actions(text), [want]))

  for (const step of [
    'jump',
    'constructor',
    '#1',
    '# hangup',
    'wait',
    'wait 5',
    'wait nothing',
    'wait established within',
    'wait established within soon',
    'dtmf',
    'dtmf 1x',
    `dtmf ${'1'.repeat(SCRIPT_KEYS_MAX + 1)}`,
    'reject 200',
    'reject 700',
    'reject no',
    'dial',
    'dial 102 as',
    'dial 102 anonymous',
    'transfer',
    'redirect 1 2',
    'attended 2',
    'dnd',
    'silent maybe',
    'expect',
    'expect joy',
    'expect digits x',
    'play',
    'answer now',
  ])
    it(`refuses "${step.slice(0, 30)}", says where it stands and what there is`, () => {
      assert.throws(
        () => parseScript(`answer;\n  hold; ${step}`),
        (error) =>
          error instanceof PhoneError &&
          error.message.startsWith(`"${step}" is no step (line 2, column 9): use`),
      )
    })

  it('takes a thousand steps and no more, and 64 keys in one', () => {
    assert.equal(parseScript('hold;'.repeat(SCRIPT_STEPS_MAX)).length, SCRIPT_STEPS_MAX)
    assert.throws(() => parseScript('hold;'.repeat(SCRIPT_STEPS_MAX + 1)), PhoneError)
    assert.equal(actions(`digits ${'1'.repeat(SCRIPT_KEYS_MAX)}`).length, 1)
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
