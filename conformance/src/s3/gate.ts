/** A door before a store on the network, which can be shut: connections break, and nobody answers until it opens again. */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** An address that leads to another one while the door is open. */
export class Gate {
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  private constructor(target: URL) {
    this.#target = target
  }

  static async open(endpoint: string): Promise<Gate> {
    const gate = new Gate(new URL(endpoint))
    await gate.reopen()
    return gate
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Lets everybody through again, under the same address. */
  async reopen(): Promise<void> {
    const server = createServer((socket) => this.#pass(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the gate has no port')
    this.#port = address.port
    this.#server = server
  }

  /** Breaks every connection and takes no new one. */
  async shut(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #pass(socket: Socket): void {
    const other = connect(Number(this.#target.port), this.#target.hostname)
    for (const [one, another] of [
      [socket, other],
      [other, socket],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => one.destroy()) // The other end sees it as a broken connection.
      one.on('close', () => {
        this.#sockets.delete(one)
        another.destroy()
      })
      one.pipe(another)
    }
  }
}
