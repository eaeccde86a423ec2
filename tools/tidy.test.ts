import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { describeOffence, offencesIn, packageOffences, readSources } from './tidy.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What tidy says of one file with this path and text. */
function verdictOn(path: string, text: string): string[] {
  return offencesIn([
    { path, text },
    { path: 'packages/sip/src/index.ts', text: `export * from './a.ts'\n` },
    { path: 'packages/io/src/index.ts', text: `export * from './a.ts'\n` },
  ]).map((found) => found.offence)
}

describe('tidy', () => {
  it('finds nothing wrong with this repository', () => {
    const offences = [...offencesIn(readSources(root)), ...packageOffences(root)]
    assert.deepEqual(offences.map(describeOffence), [])
  })

  it('refuses an import that points up the layer table', () => {
    assert.deepEqual(verdictOn('packages/sip/src/a.ts', `import { Engine } from '@tandem/engine'\n`), [
      'sip may not import @tandem/engine',
    ])
    assert.deepEqual(verdictOn('packages/sip/src/a.ts', `import { assert } from '@tandem/base'\n`), [])
  })

  it('refuses the inside of another package, by name and by path', () => {
    assert.deepEqual(verdictOn('packages/io/src/a.ts', `import { x } from '@tandem/sip/src/x.ts'\n`), [
      'imports the inside of a package: @tandem/sip/src/x.ts',
    ])
    assert.deepEqual(verdictOn('packages/io/src/a.ts', `import { x } from '../../sip/src/x.ts'\n`), [
      'reaches out of its package: ../../sip/src/x.ts',
    ])
  })

  it('refuses clocks, dice and Node in packages without I/O, and only there', () => {
    assert.deepEqual(verdictOn('packages/sip/src/a.ts', 'const t = Date.now()\n'), [
      'Date.now in a package without I/O',
    ])
    assert.deepEqual(verdictOn('packages/sip/src/a.ts', `import { createHash } from 'node:crypto'\n`), [
      'node:crypto in a package without I/O',
    ])
    assert.deepEqual(verdictOn('packages/io/src/a.ts', 'const t = Date.now()\n'), [])
  })

  it('refuses marks, lone tests and skips without a reason', () => {
    assert.deepEqual(verdictOn('packages/io/src/a.ts', `// ${'TO'}${'DO'}: later\n`), [
      `${'TO'}${'DO'} left in the code`,
    ])
    assert.deepEqual(verdictOn('packages/io/src/x.test.ts', `it${'.only('}'x', f)\n`), [
      '.only( left in the code',
    ])
    assert.deepEqual(verdictOn('packages/io/src/x.test.ts', `it${'.skip('}'x', f)\n`), [
      'a test is skipped without a reason',
    ])
  })

  it('refuses a file that nothing imports', () => {
    assert.deepEqual(verdictOn('packages/io/src/lonely.ts', 'export const x = 1\n'), [
      'nothing imports this file',
    ])
  })
})
