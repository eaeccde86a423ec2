import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers } from '@tandem/sip'
import { autoAnswerMs } from './auto-answer.ts'

describe('autoAnswerMs', () => {
  const cases: readonly (readonly [string, string, number | undefined])[] = [
    ['Call-Info', '<sip:pbx.example.test>;answer-after=0', 0],
    ['Call-Info', '<sip:pbx.example.test>; Answer-After = 2', 2_000],
    ['Call-Info', '<sip:pbx.example.test>;answer-after="3"', 3_000],
    ['Call-Info', '<sip:pbx.example.test>;answer-after=61', 60_000],
    ['Call-Info', '<sip:a;answer-after=1@b>;purpose=icon', undefined],
    ['Alert-Info', '<http://127.0.0.1>;info=alert-autoanswer;delay=0', 0],
    ['Alert-Info', '<http://127.0.0.1>;info=alert-autoanswer;delay=5', 5_000],
    ['Alert-Info', '<http://127.0.0.1>;info=alert-internal', undefined],
    ['Alert-Info', 'Auto Answer', 0],
    ['Alert-Info', '<http://127.0.0.1/auto-answer.wav>', undefined],
    ['Subject', 'answer-after=0', undefined],
  ]
  for (const [name, value, want] of cases)
    it(`reads ${name}: ${value}`, () => assert.equal(autoAnswerMs(new Headers([[name, value]])), want))
})
