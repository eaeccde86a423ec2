/** The guide to operations on recordings is run: each command and each line of TypeScript sends the request beside it. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ROUTES } from '@tandem/contract'
import { WebexClient } from '@tandem/sdk'
import { EXIT } from '../failure.ts'
import { FakeApi, type Reply } from '../fake-api.test.ts'

const GUIDE = join(import.meta.dirname, '../../../../docs/guides/recording-operations.md')
const folder = mkdtempSync(join(tmpdir(), 'tandem-guide-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'call.mp3'), 'sound')
writeFileSync(join(folder, 'call.vtt'), 'WEBVTT')

/** Operations that no row shows, with the reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  getHold: 'in the text: no command is about one hold',
  getRecordingManifest: 'in the text: the archive holds it',
}
const VALUES: Readonly<Record<string, string>> = {
  recordingId: 'R',
  holdId: 'H',
  importId: 'I',
  scope: 'location',
  scopeId: 'L',
}
const VARIABLES: Readonly<Record<string, string>> = {
  RECORDING: 'R',
  HOLD: 'H',
  IMPORT: 'I',
  LOCATION: 'L',
  PERSON: 'P',
  FOLDER: folder,
}
/** Commands that write files into the current folder unless told where. */
const SAVES = /^tandem recordings (export|transcript|download) /

const api = FakeApi.forFile()

interface Row {
  readonly request: string
  readonly command: string
  readonly code: string
}

const rows: readonly Row[] = readFileSync(GUIDE, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, request, command, code] = /^\| `([A-Z]+ \/.*)` \| `(tandem .*)` \| `(.*)` \|$/.exec(line) ?? []
    return request === undefined || command === undefined || code === undefined
      ? []
      : [{ request, command, code }]
  })

/** Anything that every operation can read; an import waits at first, and is done after its media. */
function replies(): Reply[] {
  return ['waiting', 'waiting', 'done', 'done'].map((state) => ({
    status: 200,
    json: {
      ...{ items: [], id: 'I', state, receivedBytes: 0, recordingId: 'R', holds: [], durationSeconds: 1 },
      scrub: { checkedFiles: 0, checkedBytes: 0, damaged: [] },
    },
  }))
}

describe('the guide to operations on recordings', () => {
  it('has a row for every operation, and no other', () => {
    const about =
      /^\/(v1\/(admin\/|group\/)?(convergedRecordings|recordings)|tandem\/v1\/(recordings|imports|holds|retention|audit|signingKeys|storage))/
    const operations = Object.entries(ROUTES)
      .filter(([id, { path, access }]) => access === 'token' && about.test(path) && !(id in WITHOUT))
      .map(([, { method, path }]) => `${method} ${path}`)
    assert.deepEqual(rows.map(({ request }) => request).toSorted(), operations.toSorted())
  })

  for (const { request, command, code } of rows)
    it(`${command}: the command and the code send ${request}`, async () => {
      const want = request.replace(/\{(\w+)\}/g, (_, name: string) => VALUES[name] ?? '')
      const words = command
        .replace(/"\$([A-Z]+)([^"]*)"/g, (_, name: string, rest: string) => `${VARIABLES[name]}${rest}`)
        .split(' ')
        .slice(1)
      const ran = await api.run(
        SAVES.test(command) ? [...words, '--folder', folder, '--force'] : words,
        ...replies(),
      )
      assert.equal(ran.code, EXIT.done, ran.stderr)
      const byCommand = sent(want)
      api.asked = []
      api.replies = replies()
      const client = new WebexClient({ token: 'x', baseUrl: `${api.origin}/v1` })
      // The guide is ours: its code runs as a reader would paste it.
      const run = new Function(
        'client, recordingId, holdId, importId, locationId, personId, media, text',
        `return (async () => { ${code} })()`,
      ) as (...values: unknown[]) => Promise<void>
      await run(client, 'R', 'H', 'I', 'L', 'P', new Blob(['sound']), 'WEBVTT')
      if (request !== 'POST /tandem/v1/imports') assert.deepEqual(sent(want), byCommand)
      else sent(want) // The command knows the hash and the name of the file too.
    })
})

/** The body that was sent with a request; it must have been sent. */
function sent(request: string): unknown {
  const found = api.asked.find((line) => line.replace(/^(\S+ [^ ?]+)[\s\S]*$/, '$1') === request)
  assert.ok(found !== undefined, `${request} is not among ${api.asked.join(', ')}`)
  const [, , body] = /^(\S+ \S+)(?: ([\s\S]*))?$/.exec(found) ?? []
  if (body === undefined || !body.startsWith('{')) return body
  return Object.entries(JSON.parse(body) as object).toSorted(([a], [b]) => (a < b ? -1 : 1))
}
