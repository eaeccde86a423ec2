export { EXIT } from './failure.ts'
export { main, run } from './main.ts'
