import { recordingsSuite } from './suite.ts'

recordingsSuite('SQLite and a folder', {
  skip: false,
  ground: async () => ({ settings: {}, pagedRecordings: 2_000, close: async () => {} }),
})
