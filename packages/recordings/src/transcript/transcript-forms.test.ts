import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  SEGMENT_CHARACTERS_MAX,
  SPEAKER_CHARACTERS_MAX,
  TRANSCRIPT_BYTES_MAX,
  TRANSCRIPT_MS_MAX,
  TRANSCRIPT_SEGMENTS_MAX,
  tidyTranscript,
} from './tidy-transcript.ts'
import { parseTranscript, renderTranscript } from './transcript-forms.ts'
import type { Transcript } from './transcripts.ts'

const CALL: Transcript = {
  language: 'en',
  engine: 'whisper-1',
  segments: [
    { startMs: 1_250, endMs: 3_000, speaker: 'Tomas Lind', text: 'Good morning, R&D <here>.' },
    { startMs: 3_100, endMs: 4_000, speaker: '+49 30 1234', text: 'Note: the arrow --> is ours' },
    { startMs: 3_725_004, endMs: 3_726_000, text: 'Bye: and thanks' },
  ],
}

/** Any transcript that can be kept. */
const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary' }),
  hostile(),
)
const transcripts = fc
  .record({
    language: fc.option(fc.constantFrom('en', 'de-AT', 'zh-Hans-CN'), { nil: undefined }),
    engine: fc.oneof(fc.constantFrom('import', 'whisper-1', 'a --> b & <c>')),
    segments: fc.array(
      fc.record({
        startMs: fc.nat(TRANSCRIPT_MS_MAX / 2),
        lengthMs: fc.nat(600_000),
        speaker: fc.option(words, { nil: undefined }),
        text: words,
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ language, engine, segments }) => {
    const tidied = tidyTranscript({
      ...(language === undefined ? {} : { language }),
      engine,
      segments: segments.map(({ startMs, lengthMs, speaker, text }) => ({
        startMs,
        endMs: startMs + lengthMs,
        ...(speaker === undefined ? {} : { speaker }),
        text,
      })),
    })
    assert.ok(typeof tidied !== 'string')
    return tidied
  })

function hostile(): fc.Arbitrary<string> {
  const parts = [
    '<v A>',
    '</v>',
    '-->',
    '\n\n',
    'NOTE ',
    '&amp;',
    '&',
    '<',
    '>',
    ': ',
    '[00:01]',
    'WEBVTT',
    '\0',
    '\ud800',
    '\u2028',
  ]
  return fc.array(fc.constantFrom(...parts, 'word'), { maxLength: 6 }).map((each) => each.join(''))
}

describe('the forms of a transcript', () => {
  it('are what people and players expect (W3C WebVTT §4)', () => {
    assert.equal(
      renderTranscript(CALL, 'vtt').text,
      [
        'WEBVTT',
        '',
        'NOTE Language: en',
        '',
        'NOTE Engine: whisper-1',
        '',
        '00:00:01.250 --> 00:00:03.000',
        '<v Tomas Lind>Good morning, R&amp;D &lt;here&gt;.',
        '',
        '00:00:03.100 --> 00:00:04.000',
        '<v +49 30 1234>Note: the arrow --&gt; is ours',
        '',
        '01:02:05.004 --> 01:02:06.000',
        'Bye: and thanks',
        '',
      ].join('\n'),
    )
    assert.equal(
      renderTranscript(CALL, 'txt').text,
      [
        '[00:01] Tomas Lind: Good morning, R&D <here>.',
        '[00:03] +49 30 1234: Note: the arrow --> is ours',
        '[1:02:05] : Bye: and thanks',
        '',
      ].join('\n'),
    )
    assert.deepEqual(JSON.parse(renderTranscript(CALL, 'json').text), CALL)
  })

  it('name their media types', () => {
    assert.deepEqual(
      (['vtt', 'txt', 'json'] as const).map((format) => renderTranscript(CALL, format).contentType),
      ['text/vtt; charset=utf-8', 'text/plain; charset=utf-8', 'application/json; charset=utf-8'],
    )
  })

  it('come back as they went out: WebVTT and JSON whole, text as far as it goes', () => {
    fc.assert(
      fc.property(transcripts, (transcript) => {
        for (const format of ['vtt', 'json'] as const)
          assert.deepEqual(parseTranscript(renderTranscript(transcript, format).text, format), transcript)
        const text = renderTranscript(transcript, 'txt').text
        const read = parseTranscript(text, 'txt')
        assert.ok(typeof read !== 'string', String(read))
        assert.equal(read.segments.length, transcript.segments.length)
        assert.deepEqual(
          read.segments.map((segment) => segment.text),
          transcript.segments.map((segment) => segment.text),
        )
        assert.equal(renderTranscript(read, 'txt').text, text)
      }),
      { numRuns: 500 },
    )
  })

  it('never throw, whatever is read', () => {
    fc.assert(
      fc.property(
        fc.oneof(words, hostile(), fc.json()),
        fc.constantFrom('WEBVTT\n\n', '[00:01] ', ''),
        (text, head) => {
          for (const format of ['vtt', 'txt', 'json'] as const) {
            const read = parseTranscript(head + text, format)
            assert.ok(typeof read === 'string' ? read !== '' : read.segments.length >= 0)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('reading WebVTT', () => {
  it('copes with all that other programs write (W3C WebVTT §4, §6)', () => {
    const text = [
      '\ufeffWEBVTT - made elsewhere\r',
      'Kind: captions\r',
      'Language: de\r',
      '\r',
      'STYLE\r',
      '::cue(v[voice="A"]) { color: lime }\r',
      '\r',
      'REGION\r',
      'id:fred\r',
      '\r',
      'NOTE a remark\r',
      'over two lines\r',
      '\r',
      'intro\r',
      '00:01.000 --> 00:02.500 position:10% align:start\r',
      '<v.loud Mira Okafor>Guten <i>Tag</i>,\r',
      'Herr&nbsp;Lind<00:02.000>!</v>\r',
      '\r',
      '100:00:00.000\t-->\t100:00:01.000\r',
      '<v A>eins</v> zwei <v B &amp; C>drei &#228; &#x1F600; &unknown; < \r',
      '100:00:02.000 --> 100:00:03.000\r',
      '- no blank line before me',
    ].join('\n')
    const read = parseTranscript(text, 'vtt')
    assert.deepEqual(read, {
      language: 'de',
      engine: 'import',
      segments: [
        { startMs: 1_000, endMs: 2_500, speaker: 'Mira Okafor', text: 'Guten Tag, Herr Lind!' },
        { startMs: 360_000_000, endMs: 360_001_000, speaker: 'A', text: 'eins' },
        { startMs: 360_000_000, endMs: 360_001_000, text: 'zwei' },
        { startMs: 360_000_000, endMs: 360_001_000, speaker: 'B & C', text: 'drei ä 😀 &unknown;' },
        { startMs: 360_002_000, endMs: 360_003_000, text: '- no blank line before me' },
      ],
    })
  })

  for (const [text, fault] of [
    ['', /^Line 1: a WebVTT file begins with WEBVTT$/],
    ['WEBVTTS\n', /^Line 1:/],
    ['WEBVTT\n\nfirst\n00:00 --> 00:01.000\nx', /^Line 4: .*00:00 --> 00:01\.000.* holds no times/],
    ['WEBVTT\n\n00:01.000 --> 00:02.0000\nx', /^Line 3:/],
    ['WEBVTT\n\n00:61.000 --> 00:62.000\nx', /^Line 3:/],
    ['WEBVTT\n\n00:02.000 --> 00:01.000\nx', /^Line 3: the cue ends before it begins$/],
    ['WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\nlost words\nand more\n', /^Line 6: a cue needs its times/],
    ['WEBVTT\n\n999:00:00.000 --> 999:00:01.000\nx', /^Segment 1: the time 3596400000 is not/],
  ] as const) {
    it(`names line and fault of ${JSON.stringify(text)}`, () => {
      assert.match(String(parseTranscript(text, 'vtt')), fault)
    })
  }
})

describe('reading plain text', () => {
  it('takes wrapped lines, hours, fractions and texts without a name', () => {
    const text = '[0:05.5] A B: one\n two\n\n[61:00] C: three\n[1:01:30] 10:30 it is\n'
    assert.deepEqual(parseTranscript(text, 'txt'), {
      engine: 'import',
      segments: [
        { startMs: 5_500, endMs: 3_660_000, speaker: 'A B', text: 'one two' },
        { startMs: 3_660_000, endMs: 3_690_000, speaker: 'C', text: 'three' },
        { startMs: 3_690_000, endMs: 3_691_000, text: '10:30 it is' },
      ],
    })
  })

  it('names the line that has no time', () => {
    assert.match(String(parseTranscript('hello', 'txt')), /^Line 1: a line begins with its time/)
    assert.match(String(parseTranscript('[00:01] a\n[00:99] b', 'txt')), /^Line 2:/)
    assert.match(String(parseTranscript('[1:75:00] b', 'txt')), /^Line 1: 75 minutes/)
  })
})

describe('reading JSON', () => {
  for (const [text, fault] of [
    ['{', /^This is not JSON: .*(position 1|line 1)/],
    ['[]', /an object with the member "segments"/],
    ['{"segments":{}}', /^"segments" is not a list$/],
    [
      '{"segments":[{"startMs":0,"endMs":1,"text":"a"},{"startMs":"0"}]}',
      /^"segments\[1\]\.startMs" is not a number$/,
    ],
    ['{"segments":[null]}', /^"segments\[0\]" is not an object$/],
    ['{"segments":[{"startMs":0,"endMs":1}]}', /^"segments\[0\]\.text" is not a text$/],
    ['{"segments":[{"startMs":0.5,"endMs":1,"text":"a"}]}', /^Segment 1: the time 0\.5/],
    ['{"segments":[],"language":"no language"}', /is not a language tag/],
    ['{"segments":[],"engine":" "}', /The engine has no name/],
  ] as const) {
    it(`names place and fault of ${text}`, () => {
      assert.match(String(parseTranscript(text, 'json')), fault)
    })
  }
})

describe('the limits of a transcript', () => {
  const segment = (over: Partial<Transcript['segments'][number]>): Transcript => ({
    engine: 'import',
    segments: [{ startMs: 0, endMs: 1, text: 'a', ...over }],
  })

  it('hold at the limit and refuse one past it', () => {
    const pairs: readonly (readonly [Transcript, Transcript])[] = [
      [
        segment({ text: 'a'.repeat(SEGMENT_CHARACTERS_MAX) }),
        segment({ text: 'a'.repeat(SEGMENT_CHARACTERS_MAX + 1) }),
      ],
      [
        segment({ speaker: 'a'.repeat(SPEAKER_CHARACTERS_MAX) }),
        segment({ speaker: 'a'.repeat(SPEAKER_CHARACTERS_MAX + 1) }),
      ],
      [segment({ endMs: TRANSCRIPT_MS_MAX }), segment({ endMs: TRANSCRIPT_MS_MAX + 1 })],
      [
        { ...segment({}), engine: 'a'.repeat(100) },
        { ...segment({}), engine: 'a'.repeat(101) },
      ],
      [
        { ...segment({}), language: `en${'-abcdefg'.repeat(4)}` },
        { ...segment({}), language: `en${'-abcdefgh'.repeat(4)}` },
      ],
    ]
    for (const [within, past] of pairs) {
      assert.equal(typeof tidyTranscript(within), 'object')
      assert.equal(typeof tidyTranscript(past), 'string')
    }
  })

  it('hold for the number of segments and the size of the whole', () => {
    const one = { startMs: 0, endMs: 1, text: 'a' }
    const many = (count: number) => tidyTranscript({ engine: 'x', segments: Array(count).fill(one) })
    assert.equal(typeof many(TRANSCRIPT_SEGMENTS_MAX), 'object')
    assert.match(String(many(TRANSCRIPT_SEGMENTS_MAX + 1)), /at most 100000 are allowed/)
    const head = 'WEBVTT\n\nNOTE '
    assert.equal(
      typeof parseTranscript(head + 'a'.repeat(TRANSCRIPT_BYTES_MAX - head.length), 'vtt'),
      'object',
    )
    assert.match(
      String(parseTranscript(head + 'a'.repeat(TRANSCRIPT_BYTES_MAX - head.length + 1), 'vtt')),
      /at most 16777216 are allowed/,
    )
  })
})
