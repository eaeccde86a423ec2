/**
 * How a line's calls are recorded: read and set by administrators, and the caller's own view of it. A change names only
 * what it changes; the rest stays.
 */
import { bodyFor, segment } from './api.ts'
import type { Transport } from './http/requester.ts'
import type { CallOptions } from './options.ts'
import type { OrgOptions } from './preferred-answer.ts'
import type {
  CallRecordingSettingsChange as Change,
  MyCallRecording,
  CallRecordingSettings as Settings,
} from './wire.ts'

/** `client.callRecordingSettings`. */
export class RecordingSettings {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The caller's own settings, which only administrators change. */
  async getMine(options: CallOptions = {}): Promise<MyCallRecording> {
    const path = '/telephony/config/people/me/settings/callRecording'
    return (await bodyFor(this.#transport, { method: 'GET', path }, options)) as MyCallRecording // What a 200 carries.
  }

  /** How a person's calls are recorded. */
  async getForPerson(personId: string, options: OrgOptions = {}): Promise<Settings> {
    return this.#get(ofPerson(personId), options)
  }

  /**
   * Changes how a person's calls are recorded.
   *
   * @example await client.callRecordingSettings.setForPerson(personId, { enabled: true, record: 'Always' })
   */
  async setForPerson(personId: string, change: Change, options: OrgOptions = {}): Promise<void> {
    await this.#set(ofPerson(personId), change, options)
  }

  /** How a workspace's calls are recorded. */
  async getForWorkspace(workspaceId: string, options: OrgOptions = {}): Promise<Settings> {
    return this.#get(ofWorkspace(workspaceId), options)
  }

  /** Changes how a workspace's calls are recorded. */
  async setForWorkspace(workspaceId: string, change: Change, options: OrgOptions = {}): Promise<void> {
    await this.#set(ofWorkspace(workspaceId), change, options)
  }

  /** How a virtual line's calls are recorded. */
  async getForVirtualLine(virtualLineId: string, options: OrgOptions = {}): Promise<Settings> {
    return this.#get(ofVirtualLine(virtualLineId), options)
  }

  /** Changes how a virtual line's calls are recorded. */
  async setForVirtualLine(virtualLineId: string, change: Change, options: OrgOptions = {}): Promise<void> {
    await this.#set(ofVirtualLine(virtualLineId), change, options)
  }

  async #get(path: string, options: OrgOptions): Promise<Settings> {
    const query = { orgId: options.orgId }
    return (await bodyFor(this.#transport, { method: 'GET', path, query }, options)) as Settings // What a 200 carries.
  }

  async #set(path: string, body: Change, options: OrgOptions): Promise<void> {
    const query = { orgId: options.orgId }
    await bodyFor(this.#transport, { method: 'PUT', path, query, body }, options)
  }
}

function ofPerson(id: string): string {
  return `/people/${segment('personId', id)}/features/callRecording`
}

function ofWorkspace(id: string): string {
  return `/workspaces/${segment('workspaceId', id)}/features/callRecording`
}

function ofVirtualLine(id: string): string {
  return `/telephony/config/virtualLines/${segment('virtualLineId', id)}/callRecording`
}
