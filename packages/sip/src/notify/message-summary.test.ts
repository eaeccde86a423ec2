import assert from 'node:assert/strict'
import { it } from 'node:test'
import { decodeUtf8 } from '../message/utf8.ts'
import { messageSummary } from './message-summary.ts'

it('messageSummary says how many messages wait (RFC 3842 §5.2)', () => {
  const summary = { waiting: true, account: 'sip:*98@example.test', newMessages: 2, oldMessages: 8 }
  assert.equal(
    decodeUtf8(messageSummary(summary)),
    'Messages-Waiting: yes\r\nMessage-Account: sip:*98@example.test\r\nVoice-Message: 2/8 (0/0)\r\n',
  )
  const none = messageSummary({ waiting: false, account: 'sip:a@b\r\nX: y', newMessages: 0, oldMessages: 0 })
  assert.equal(
    decodeUtf8(none),
    'Messages-Waiting: no\r\nMessage-Account: sip:a@b X: y\r\nVoice-Message: 0/0 (0/0)\r\n',
  )
})
