import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { attachment } from './content-disposition.ts'

describe('attachment (RFC 6266, RFC 8187; case A08)', () => {
  const cases: [topic: string, fallback: string, extended: string][] = [
    ['Call with Mira', 'Call with Mira.mp3', 'Call%20with%20Mira.mp3'],
    ['../../etc/passwd', '-..-etc-passwd.mp3', '-..-etc-passwd.mp3'],
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie- x=1.mp3', 'aSet-Cookie-%20x%3D1.mp3'],
    ['a"; filename="b', 'a-_ filename=-b.mp3', 'a-%3B%20filename%3D-b.mp3'],
    ['Zoë 100%', 'Zo_ 100_.mp3', 'Zo%C3%AB%20100%25.mp3'],
    ['\u202Egpj.exe\u0000', 'gpj.exe.mp3', 'gpj.exe.mp3'],
    ['. .', 'recording.mp3', 'recording.mp3'],
    ['', 'recording.mp3', 'recording.mp3'],
    ["it's (1)*", "it's (1)-.mp3", 'it%27s%20%281%29-.mp3'],
  ]
  for (const [topic, fallback, extended] of cases)
    it(`makes ${JSON.stringify(topic)} safe`, () => {
      assert.equal(
        attachment(topic, 'mp3'),
        `attachment; filename="${fallback}"; filename*=UTF-8''${extended}`,
      )
    })

  it('keeps 100 characters of a topic and not one more', () => {
    assert.equal(/filename="(.*?)"/.exec(attachment('x'.repeat(100), 'mp3'))?.[1]?.length, 104)
    assert.equal(attachment('x'.repeat(101), 'mp3'), attachment('x'.repeat(100), 'mp3'))
  })

  it('is one header value of plain ASCII for any topic', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (topic) => {
        assert.match(
          attachment(topic, 'mp3'),
          /^attachment; filename="[^"\\\r\n]+\.mp3"; filename\*=UTF-8''[\w.!#$&+^`|~%-]+$/,
        )
      }),
    )
  })
})
