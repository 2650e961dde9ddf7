import type { Socket } from 'node:net'

/** What goes over a socket: some JSON, and bytes. */
export interface Message {
  readonly kind: string
  readonly [name: string]: unknown
}

export type Receiver = (message: Message, body: Uint8Array) => void

/** Bytes of the lengths of a message's two parts, which come first. */
const header = 8

export function sendFrame(socket: Socket, message: Message, body: Uint8Array = new Uint8Array()): void {
  if (!socket.writable) return
  const head = Buffer.from(JSON.stringify(message))
  const lengths = Buffer.alloc(header)
  lengths.writeUInt32LE(head.length, 0)
  lengths.writeUInt32LE(body.length, 4)
  socket.cork()
  for (const part of [lengths, head, body]) socket.write(part)
  socket.uncork()
}

/** Calls the receiver with each message that has come whole. */
export function receiveFrames(socket: Socket, receiver: Receiver): void {
  let parts: Buffer[] = []
  let [have, need] = [0, header]
  socket.on('data', (part: Buffer) => {
    parts.push(part)
    have += part.length
    if (have < need) return
    let bytes = Buffer.concat(parts)
    for (need = header; bytes.length >= need; need = header) {
      const end = header + bytes.readUInt32LE(0)
      need = end + bytes.readUInt32LE(4)
      if (bytes.length < need) break
      receiver(JSON.parse(bytes.toString('utf8', header, end)), Uint8Array.from(bytes.subarray(end, need)))
      bytes = bytes.subarray(need)
    }
    parts = [bytes]
    have = bytes.length
  })
}
