export { ERRORS, type ErrorName } from './error.ts'
