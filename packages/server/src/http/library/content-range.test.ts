import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IMPORT_BYTES_MAX } from '@tandem/contract'
import { Failure } from '../failure.ts'
import { sentRange } from './content-range.ts'

function refusal(header: string | undefined, bodyBytes?: number): string {
  try {
    sentRange(header, bodyBytes)
  } catch (error) {
    assert.ok(error instanceof Failure)
    return `${error.status} ${error.detail}`
  }
  return 'taken'
}

describe('Content-Range of an upload (RFC 9110 §14.4)', () => {
  it('names a stretch, and the last one by its end', () => {
    assert.deepEqual(sentRange(undefined, 9), { offset: 0, isLast: true })
    assert.deepEqual(sentRange('bytes 0-3/9', 4), { offset: 0, lengthBytes: 4, totalBytes: 9, isLast: false })
    assert.deepEqual(sentRange('bytes 4-8/9', 5), { offset: 4, lengthBytes: 5, totalBytes: 9, isLast: true })
    assert.deepEqual(sentRange('bytes 4-8/*', undefined), { offset: 4, lengthBytes: 5, isLast: false })
    assert.deepEqual(sentRange('bytes */9', 0), { offset: 9, lengthBytes: 0, totalBytes: 9, isLast: true })
  })

  it('is refused where it cannot be read or contradicts the body', () => {
    for (const header of [
      '',
      'bytes',
      'bytes 0-3',
      'bytes=0-3/9',
      'bytes 3-0/9',
      'bytes 0-9/9',
      'bytes -3/9',
      'bytes */*',
      'items 0-3/9',
      'bytes 0-3/9, bytes 4-5/9',
      `bytes 0-${'9'.repeat(16)}/*`,
    ])
      assert.match(refusal(header, undefined), /^400 Content-Range must be such as/, header)
    assert.match(refusal('bytes 0-3/9', 5), /^400 Content-Range names 4 bytes where the body has 5$/)
  })

  it('reaches to the largest file and not one byte past it', () => {
    const most = IMPORT_BYTES_MAX
    assert.equal(refusal(`bytes 0-3/${most}`, 4), 'taken')
    assert.match(refusal(`bytes 0-3/${most + 1}`, 4), /^413 /)
    assert.equal(refusal(undefined, most), 'taken')
    assert.match(refusal(undefined, most + 1), /^413 /)
    assert.match(refusal(`bytes ${most}-${most}/*`, 1), /^413 /)
  })
})
