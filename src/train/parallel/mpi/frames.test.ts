import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Message, receiveFrames, sendFrame } from './frames.ts'

/** Collects what is written. */
function recorder() {
  const parts: Buffer[] = []
  const socket = { writable: true, cork() {}, uncork() {}, write: (part: Uint8Array) => parts.push(Buffer.from(part)) }
  return { socket: socket as unknown as Socket, bytes: () => Buffer.concat(parts) }
}

const messages = fc.array(
  fc.record({ message: fc.record({ kind: fc.string(), value: fc.jsonValue() }), body: fc.uint8Array({ maxLength: 300 }) }),
  { maxLength: 6 },
)

test('messages arrive whole and in order, however the network cuts their bytes', () =>
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }), (sent, cuts) => {
      const { socket, bytes } = recorder()
      for (const { message, body } of sent) sendFrame(socket, message as Message, body)
      const received: unknown[] = []
      const other = new EventEmitter()
      receiveFrames(other as unknown as Socket, (message, body) => received.push({ message, body }))
      const all = bytes()
      for (let at = 0, i = 0; at < all.length; at += cuts[i++ % cuts.length])
        other.emit(
          'data',
          all.subarray(at, at + cuts[i % cuts.length]).length ? all.subarray(at, at + cuts[i % cuts.length]) : all.subarray(at),
        )
      expect(received).toEqual(
        JSON.parse(JSON.stringify(sent.map(({ message }) => message))).map((message: Message, i: number) => ({
          message,
          body: sent[i].body,
        })),
      )
    }),
    { numRuns: 100 },
  ))
