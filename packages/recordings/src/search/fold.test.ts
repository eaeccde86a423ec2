import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fold, likePattern, wordsOf } from './fold.ts'
import { SNIPPET_CHARS, snippetOf } from './snippet.ts'

it('folds a part of a text to a part of the folded text, a sigma at its end too', () => {
  assert.ok(fold('ΟΔΟΣΑ').includes(fold('ΟΔΟΣ')))
  assert.ok(fold('οδοσα').includes(fold('οδος')))
  assert.equal(fold('e\u0301É'), 'éé')
  assert.equal(fold('a\0b\ud800'), 'ab\ufffd')
})

it('takes the signs of a pattern for what they are', () => {
  assert.equal(likePattern('a%b_c\\'), '%a\\%b\\_c\\\\%')
})

it('takes each word once, and none that is part of another', () => {
  assert.deepEqual(wordsOf('  Ana BANANA\n banana x '), ['banana', 'x'])
  assert.deepEqual(wordsOf(' \t'), [])
})

it(`cuts about ${SNIPPET_CHARS} characters around a match, from the text as it was written`, () => {
  const text = `${'İ'.repeat(50)} the WORD ${'🎧'.repeat(50)}`
  const snippet = snippetOf(text, 'word') ?? ''
  assert.match(snippet, /^…İ+ the WORD 🎧+…$/u)
  assert.equal([...snippet].length, SNIPPET_CHARS + 2)
  assert.equal(snippetOf('short', 'hor'), 'short')
  assert.equal(snippetOf('short', 'x'), undefined)
  assert.equal(snippetOf('short', ''), undefined)
})
