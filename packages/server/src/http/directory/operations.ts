/** The operations of this folder and of people: the directory over HTTP. */
import type { Operation } from '../operation.ts'
import { PEOPLE_OPERATIONS } from '../people/people.ts'
import { applyDirectoryOperation } from './apply.ts'
import { CHANGE_OPERATIONS } from './changes.ts'
import { DEVICE_OPERATIONS } from './devices.ts'
import { PLACE_OPERATIONS } from './places.ts'

/** All of them. */
export const DIRECTORY_OPERATIONS: readonly Operation[] = [
  ...PLACE_OPERATIONS,
  ...PEOPLE_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...CHANGE_OPERATIONS,
  applyDirectoryOperation,
]
