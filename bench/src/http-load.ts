/**
 * Asks one address for the same answer over and over, from a thread of its own and with as little work as possible, so
 * that what is measured is the server: sockets that stay open, and answers told apart by their length alone.
 */
import { connect, type Socket } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** Connections that ask at the same time. */
export const HTTP_CLIENTS = 16

interface Load {
  readonly port: number
  readonly path: string
  readonly requests: number
}

/** Requests a second that the server on this port of loopback answered. */
export function httpRate(load: Load): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: load })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

async function run({ port, path, requests }: Load): Promise<void> {
  const question = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
  let left = requests
  const startedAt = performance.now()
  const client = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1')
    let length = 0 // Every answer is as long as the first.
    while (left-- > 0) {
      socket.write(question)
      length = await answerOf(socket, length)
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: HTTP_CLIENTS }, client))
  parentPort?.postMessage((requests * 1_000) / (performance.now() - startedAt))
}

/** Waits for one whole answer; gives its length. */
function answerOf(socket: Socket, known: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let length = known
    let received = 0
    let head = ''
    const take = (bytes: Buffer): void => {
      received += bytes.length
      if (length === 0) {
        head += bytes.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        const body = /content-length: (\d+)/i.exec(head)?.[1]
        if (end < 0) return
        if (!head.startsWith('HTTP/1.1 200') || body === undefined) {
          reject(new Error(head.slice(0, end)))
          return
        }
        length = end + 4 + Number(body)
      }
      if (received < length) return
      socket.off('data', take)
      socket.off('error', reject) // One socket gives thousands of answers.
      resolve(length)
    }
    socket.on('data', take)
    socket.once('error', reject)
  })
}

if (!isMainThread) await run(workerData as Load)
