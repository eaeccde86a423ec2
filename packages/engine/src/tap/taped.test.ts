/** What the tests of recordings share: two who talk, and what was asked of the media port. There are no tests here. */
import assert from 'node:assert/strict'
import type { MediaCommand } from '@tandem/media'
import type { RecordingSettings } from '../directory.ts'
import type { RecordingClosing, RecordingNote, RecordingOpening } from '../recording-facts.ts'
import { type Phone, World } from '../world.test.ts'

type Options = NonNullable<ConstructorParameters<typeof World>[0]>

/** A world of these recording settings, by line, with phones of 101, 102 and 103 (and 104) registered. */
export function worldOf(
  recording: Readonly<Record<string, RecordingSettings>>,
  options: Options = {},
): { world: World; phones: Phone[] } {
  const lines = { ...options.lines }
  for (const [id, settings] of Object.entries(recording)) lines[id] = { recording: settings, ...lines[id] }
  const world = new World({ ...options, lines })
  return { world, phones: world.registered('u101', 'u102', 'u103', 'u104') }
}

/** 101 calls 102, who answers; the log is clean. */
export function talkingWith(
  recording: Readonly<Record<string, RecordingSettings>>,
  options: Options = {},
): { world: World; caller: Phone; callee: Phone; others: Phone[] } {
  const { world, phones } = worldOf(recording, options)
  const [caller, callee, ...others] = phones
  assert.ok(caller !== undefined && callee !== undefined)
  call(world, caller, callee)
  world.shows = { media: true, events: true }
  world.trace()
  return { world, caller, callee, others }
}

/** One phone calls another, which answers. */
export function call(world: World, from: Phone, to: Phone): void {
  from.invite(to.user.slice(1, 4))
  world.run(300)
  to.ring()
  to.answer()
  world.run(300)
}

/** Commands of one kind, in order. */
export function sent<Kind extends MediaCommand['kind']>(
  world: World,
  kind: Kind,
): Extract<MediaCommand, { kind: Kind }>[] {
  return world.commands.filter(
    (command): command is Extract<MediaCommand, { kind: Kind }> => command.kind === kind,
  )
}

/** The recordings of a line, oldest first, with everything that was journaled of them. */
export function journaled(
  world: World,
  lineId: string,
): { opening: RecordingOpening; notes: RecordingNote[]; closing: RecordingClosing | undefined }[] {
  return sent(world, 'openRecording')
    .map(({ recording, facts }) => {
      const closing = sent(world, 'closeRecording').find((each) => each.recording === recording)
      return {
        opening: JSON.parse(facts) as RecordingOpening, // Written by the engine, whose type this is.
        notes: sent(world, 'note')
          .filter((note) => note.recording === recording)
          .map(({ note }) => JSON.parse(note) as RecordingNote), // Likewise.
        closing: closing === undefined ? undefined : (JSON.parse(closing.facts) as RecordingClosing), // Likewise.
      }
    })
    .filter(({ opening }) => opening.ownerId === lineId)
}

/** Everybody goes, and nothing stays behind. */
export function endAll(world: World): void {
  for (const phone of world.phones.values()) for (const each of phone.calls) phone.hangUp(each)
  world.run(60_000)
  world.assertAtRest()
}
