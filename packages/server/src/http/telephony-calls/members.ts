/**
 * Call controls by member (call-controls §8): the same five actions for a line that an administrator names, and for the
 * caller under a path of its own.
 */
import type { Operation } from '../operation.ts'
import { forCaller, forMember } from './actor.ts'
import { answer } from './answer.ts'
import { hangup } from './call-command.ts'
import { details } from './details.ts'
import { dial } from './dial.ts'
import { list } from './list.ts'

/** All ten of them. */
export const MEMBER_OPERATIONS: readonly Operation[] = [
  forMember('listMemberCalls', list),
  forMember('getMemberCallDetails', details),
  forMember('dialMemberCall', dial),
  forMember('answerMemberCall', answer),
  forMember('hangupMemberCall', hangup),
  forCaller('listMyCalls', list),
  forCaller('getMyCallDetails', details),
  forCaller('dialMyCall', dial),
  forCaller('answerMyCall', answer),
  forCaller('hangupMyCall', hangup),
]
