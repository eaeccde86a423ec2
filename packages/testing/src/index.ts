export { at } from './at.ts'
export { Random } from './random.ts'
