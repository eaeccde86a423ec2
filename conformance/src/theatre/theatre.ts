/**
 * A whole server with a company of people at several tables. Each scene has a table of its own, so that scenes play side
 * by side in one server; who plays takes any free table.
 */
import { join } from 'node:path'
import { createToken, openOperatorData, readConfig } from '@tandem/server'
import { Stage, type StageOptions } from '../../../tools/stage.ts'
import {
  BOSS,
  directoryFor,
  emailOf,
  forwarderOf,
  numberOf,
  ROLES,
  type Role,
  supportOf,
  toneOf,
} from './company.ts'
import { Outbox } from './outbox.ts'
import { Person } from './person.ts'
import { Programme } from './programme.ts'
import { Scene } from './scene.ts'

/** Scenes at once: more would make two cores late with audio. */
export const TABLES = 4

const SCOPES = [
  'spark:calls_read',
  'spark:calls_write',
  'spark:people_read',
  'spark:recordings_read',
  'spark:telephony_config_read',
  'spark:telephony_config_write',
]
const ADMIN_SCOPES = [
  ...SCOPES,
  'spark-admin:calls_read',
  'spark-admin:calls_write',
  'spark-admin:telephony_config_read',
  'spark-admin:telephony_config_write',
  'spark-admin:people_read',
  'spark-admin:people_write',
]

interface Token {
  readonly token: string
  readonly personId: string
}

/** An open theatre. */
export class Theatre {
  readonly stage: Stage
  readonly outbox: Outbox
  readonly programme: Programme = new Programme()
  readonly #tokens: ReadonlyMap<string, Token>
  readonly #free: number[]
  readonly #waiting: ((table: number) => void)[] = []

  private constructor(stage: Stage, tokens: ReadonlyMap<string, Token>, tables: number) {
    this.stage = stage
    this.outbox = new Outbox(join(stage.dataFolder, 'tandem.db'))
    this.#tokens = tokens
    this.#free = Array.from({ length: tables }, (_, index) => index + 1)
  }

  /** Starts the server with its people. */
  static async open(options: StageOptions & { readonly tables?: number } = {}): Promise<Theatre> {
    const { tables = TABLES, ...rest } = options
    const stage = await Stage.open({ directory: directoryFor(tables), ...rest })
    const tokens = new Map<string, Token>()
    const data = await openOperatorData(readConfig({ env: { TANDEM_DATA_FOLDER: stage.dataFolder } }))
    try {
      const seats = Array.from({ length: tables }, (_, index) =>
        ROLES.map((role) => ({ role, table: index + 1 })),
      ).flat()
      const users = [...seats.map(emailOf), 'zoe@elsewhere.test', 'yan@elsewhere.test']
      for (const email of users) tokens.set(email, await createToken(data.db, { email, scopes: SCOPES }))
      tokens.set(BOSS, await createToken(data.db, { email: BOSS, scopes: ADMIN_SCOPES }))
    } finally {
      await data.close()
    }
    return new Theatre(stage, tokens, tables)
  }

  /** Plays one scene at a free table; afterwards every phone is put away and every call must be over. */
  async play(act: (scene: Scene) => Promise<void>): Promise<void> {
    const table = this.#free.shift() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)))
    const scene = this.#sceneAt(table)
    const failures: unknown[] = []
    for (const step of [() => act(scene), () => scene.end()])
      await step().catch((error: unknown) => failures.push(error))
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(table)
    else next(table)
    if (failures.length > 0) throw failures[0] // What came after it may have come of it.
  }

  /** The id of a line that is no person's, by its extension. */
  lineIdOf(extension: string): string {
    return this.outbox.lineIdOf(extension)
  }

  /** The API as somebody without a seat uses it, `BOSS` or a person of the foreign organisation; told to a scene when there is one. */
  outsider(email: string, scene?: Scene): Person {
    return this.#person(email, { role: 'ada', table: 0 }, (line) => scene?.say(line.replace(/^ada/, 'admin')))
  }

  /** Ends the server; returns its exit code. */
  async close(): Promise<number> {
    this.outbox.close()
    const code = await this.stage.stop()
    await this.stage.close()
    return code
  }

  #sceneAt(table: number): Scene {
    const said: string[] = []
    const people = new Map<Role, Person>(
      ROLES.map((role) => [
        role,
        this.#person(emailOf({ role, table }), { role, table }, (line) => said.push(line)),
      ]),
    )
    const names = new Map<string, string>(ROLES.map((role) => [numberOf({ role, table }), role]))
    names.set(supportOf(table), 'support')
    names.set(forwarderOf(table, 'ben'), 'forwarder')
    const tones = new Map<string, number>(ROLES.map((role) => [role, toneOf({ role, table })]))
    return new Scene({ table, people, names, tones, outbox: this.outbox, programme: this.programme, said })
  }

  #person(
    email: string,
    seat: { readonly role: Role; readonly table: number },
    said: (line: string) => void,
  ): Person {
    const found = this.#tokens.get(email)
    if (found === undefined) throw new Error(`nobody has a token for ${email}`)
    return new Person({
      seat,
      ...found,
      url: this.stage.url,
      sipPort: this.stage.sipPort,
      folder: this.stage.folder,
      said,
    })
  }
}
