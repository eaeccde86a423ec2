/**
 * How a line's calls are recorded (call-recording settings §1, §3): read and set by administrators for people, workspaces
 * (two paths, Ruling 41) and virtual lines; the caller sees the own settings. What the directory file sets is read-only.
 */
import type { TokenOperationId } from '@tandem/contract'
import type { LineKind } from '@tandem/engine'
import { bodyReader } from '../body.ts'
import { invalid } from '../failure.ts'
import { lineOf } from '../lines/line.ts'
import type { Operation } from '../operation.ts'
import { ANNOUNCEMENT_EVENTS, type LineRecordingSettings, type Sound } from '../ports.ts'
import { changed } from './settings-change.ts'
import { myViewOf, settingsOf } from './settings-view.ts'

const read = bodyReader('CallRecordingSettingsChange')

/** `GET /telephony/config/people/me/settings/callRecording`. */
export const getMyCallRecording: Operation = {
  id: 'getMyCallRecording',
  answer: 'MyCallRecording',
  async run(request, services) {
    const { orgId, personId } = request.caller
    const settings = await services.lines.recordingSettings(orgId, personId)
    return { body: myViewOf(settings, services.publicUrl) }
  },
}

/** The administrator's paths, GET and PUT. */
export const CALL_RECORDING_OPERATIONS: readonly Operation[] = [
  getter('getPersonCallRecording', { parameter: 'personId', kind: 'person' }),
  setter('setPersonCallRecording', { parameter: 'personId', kind: 'person' }),
  getter('getWorkspaceCallRecording', { parameter: 'workspaceId', kind: 'place' }),
  setter('setWorkspaceCallRecording', { parameter: 'workspaceId', kind: 'place' }),
  getter('getWorkspaceCallRecordings', { parameter: 'workspaceId', kind: 'place' }),
  setter('setWorkspaceCallRecordings', { parameter: 'workspaceId', kind: 'place' }),
  getter('getVirtualLineCallRecording', { parameter: 'virtualLineId', kind: 'virtualLine' }),
  setter('setVirtualLineCallRecording', { parameter: 'virtualLineId', kind: 'virtualLine' }),
]

interface Whose {
  readonly parameter: string
  readonly kind: LineKind
}

function getter(id: TokenOperationId, { parameter, kind }: Whose): Operation {
  return {
    id,
    answer: 'CallRecordingSettings',
    async run(request, services) {
      const line = await lineOf(request, services, { parameter, kinds: [kind] })
      const { orgId } = request.caller
      const settings = await services.lines.recordingSettings(orgId, line.id)
      const sounds = usesSounds(settings) ? await services.sounds.list(orgId) : []
      return { body: settingsOf(settings, sounds) }
    },
  }
}

function setter(id: TokenOperationId, { parameter, kind }: Whose): Operation {
  return {
    id,
    async run(request, services) {
      const change = await read(request.body)
      const line = await lineOf(request, services, { parameter, kinds: [kind] })
      const { orgId } = request.caller
      const settings = changed(await services.lines.recordingSettings(orgId, line.id), change)
      if (usesSounds(settings)) checkSounds(settings, await services.sounds.list(orgId))
      await services.lines.setRecordingSettings(orgId, line.id, settings)
      return {}
    },
  }
}

function usesSounds({ announcements }: LineRecordingSettings): boolean {
  return ANNOUNCEMENT_EVENTS.some((event) => announcements[event]?.type === 'CUSTOM')
}

/** A custom announcement names a sound of the organisation. */
function checkSounds({ announcements }: LineRecordingSettings, sounds: readonly Sound[]): void {
  for (const event of ANNOUNCEMENT_EVENTS) {
    const choice = announcements[event]
    if (choice?.type === 'CUSTOM' && !sounds.some((sound) => sound.id === choice.soundId))
      throw invalid(`announcements.${event}.audioAnnouncementFileId`, 'names no announcement')
  }
}
