import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at } from '@tandem/testing'
import { Attempts, BAN_MS, FAILURE_WINDOW_MS, FAILURES_MAX, PAIRS_MAX } from './attempts.ts'

/** Fails `count` times at 0 ms. */
function failing(count: number): Attempts {
  const attempts = new Attempts()
  for (let i = 0; i < count; i++) attempts.failed(at(0), 'a')
  return attempts
}

describe('Attempts (promise P8)', () => {
  it('bans at the tenth failure, not at the ninth', () => {
    assert.equal(failing(FAILURES_MAX - 1).isBanned(at(1), 'a'), false)
    const attempts = failing(FAILURES_MAX)
    assert.equal(attempts.isBanned(at(1), 'a'), true)
    assert.equal(attempts.isBanned(at(1), 'b'), false)
  })

  it('lifts the ban after a quarter of an hour', () => {
    const attempts = failing(FAILURES_MAX)
    assert.equal(attempts.isBanned(at(BAN_MS - 1), 'a'), true)
    assert.equal(attempts.isBanned(at(BAN_MS), 'a'), false)
  })

  it('bans again one who starts over after the ban', () => {
    const attempts = failing(FAILURES_MAX)
    for (let i = 0; i < FAILURES_MAX; i++) attempts.failed(at(BAN_MS), 'a')
    assert.equal(attempts.isBanned(at(BAN_MS + 1), 'a'), true)
  })

  it('forgets failures that are older than the window, and all of them after a success', () => {
    const attempts = failing(FAILURES_MAX - 1)
    attempts.failed(at(FAILURE_WINDOW_MS), 'a')
    assert.equal(attempts.isBanned(at(FAILURE_WINDOW_MS + 1), 'a'), false)
    const forgiven = failing(FAILURES_MAX - 1)
    forgiven.succeeded('a')
    forgiven.failed(at(1), 'a')
    assert.equal(forgiven.isBanned(at(2), 'a'), false)
  })

  it('counts over any ten minutes, wherever they begin', () => {
    const attempts = new Attempts()
    const late = FAILURE_WINDOW_MS - 1
    attempts.failed(at(0), 'a')
    for (let i = 0; i < FAILURES_MAX - 2; i++) attempts.failed(at(late), 'a')
    assert.equal(attempts.failed(at(late + 1), 'a'), false)
    assert.equal(attempts.isBanned(at(late + 2), 'a'), false)
    assert.equal(attempts.failed(at(late + 2), 'a'), true)
    assert.equal(attempts.isBanned(at(late + 3), 'a'), true)
  })

  it('starts counting at none when a ban is over', () => {
    const attempts = failing(FAILURES_MAX)
    for (let i = 0; i < FAILURES_MAX - 1; i++) attempts.failed(at(BAN_MS), 'a')
    assert.equal(attempts.isBanned(at(BAN_MS + 1), 'a'), false)
  })

  it('remembers no more pairs than its limit', () => {
    const attempts = new Attempts()
    for (let i = 0; i < PAIRS_MAX + 1; i++) attempts.failed(at(0), `${i}`)
    assert.equal(attempts.size, PAIRS_MAX)
  })
})
