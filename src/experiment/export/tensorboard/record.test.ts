import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEvent, readRecords } from '../testing/read-events.ts'
import { crc32c, maskedCrc32c } from './crc32c.ts'
import { summaryEvent } from './event.ts'
import { sessionEnd, sessionStart } from './hparams.ts'
import { record } from './record.ts'

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4, whose sums are printed low byte first, and the check value of the catalogue of parametrised CRC algorithms.
  const scsiRead = Uint8Array.of(
    1,
    0xc0,
    ...new Array(14).fill(0),
    0x14,
    0,
    0,
    0,
    0,
    0,
    4,
    0,
    0,
    0,
    0,
    0x14,
    0,
    0,
    0,
    0x18,
    0x28,
    ...new Array(7).fill(0),
    2,
  )
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['a SCSI read command', Uint8Array.of(...scsiRead, ...new Array(48 - scsiRead.length).fill(0)), 0xd9963a56],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('%s', (_, bytes, sum) => expect(crc32c(bytes)).toBe(sum))

  test('notices every burst of at most 32 bits', () =>
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 64 }),
        fc.nat(),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (bytes, at, burst) => {
          const damaged = bytes.slice()
          const view = new DataView(damaged.buffer)
          const from = at % (damaged.length - 3)
          view.setInt32(from, view.getInt32(from) ^ burst)
          expect(crc32c(damaged)).not.toBe(crc32c(bytes))
        },
      ),
    ))

  test('masked sums are whole numbers of 32 bits', () =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const sum = maskedCrc32c(bytes)
        // the inverse that TensorFlow's crc32c.h gives
        const rotated = (sum - 0xa282ead8) >>> 0
        expect(((rotated >>> 17) | (rotated << 15)) >>> 0).toBe(crc32c(bytes))
      }),
    ))
})

describe("an event file of TensorBoard's own writer (interop/tensorboard_reference.py)", () => {
  const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, '..', 'testing', 'reference.tfevents')))
  const records = readRecords(bytes)

  test('is framed as ours are, byte for byte', () => {
    expect(Buffer.concat(records.map(record)).equals(bytes)).toBe(true)
  })

  test('says what its script says', () => {
    const [version, ...events] = records.map(readEvent)
    expect(version.version).toBe('brain.Event:2')
    const scalars = events.filter(({ tag }) => tag === 'loss/train')
    expect(scalars.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 2 ** 40, 6])
    expect(scalars.map(({ scalar }) => scalar)).toEqual(
      [1.5, -0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3.4e38, 0].map(Math.fround),
    )
    expect(scalars.map(({ time }) => time)).toEqual([0, 1, 2, 3, 4, 2 ** 40, 6].map((step) => 1700000000.25 + step))
  })

  test('is what we write of the same values, byte for byte', () => {
    const scalar = (step: number, value: number) => summaryEvent(1700000000.25 + step, step, { kind: 'scalar', tag: 'loss/train', value })
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
    const histogram = { min: -1, max: 2, num: 3, sum: 1, sumSquares: 5, limits: [0.5, 2], counts: [2, 1] }
    const ours = [
      ...[1.5, -0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value, step) => scalar(step, value)),
      ...[scalar(2 ** 40, 3.4e38), scalar(6, 0)],
      summaryEvent(1700000001.5, 3, { kind: 'image', tag: 'figures/place', png, width: 5, height: 2 }),
      summaryEvent(1700000002.5, 4, { kind: 'histogram', tag: 'weights/w', histogram }),
      summaryEvent(1700000003.5, 0, { kind: 'text', tag: 'report', text: '**holds** – 成立' }),
      summaryEvent(1700000004.5, 0, sessionStart({ hparams: { drift: 0.5 }, group: 'walk/1/arm', time: 1700000000.5 })),
      summaryEvent(1700000005.5, 0, sessionEnd('success', 1700000009.5)),
    ]
    expect(ours.map((event) => Buffer.from(event).toString('hex'))).toEqual(
      records.slice(1).map((event) => Buffer.from(event).toString('hex')),
    )
  })

  test('the reader of the tests notices damage anywhere', () =>
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice()
        damaged[at] ^= change
        expect(() => readRecords(damaged)).toThrow()
      }),
    ))
})

test('any scalar comes back: its tag, its step, its time, and its value as a float32', () =>
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      fc.double(),
      fc.double({ noNaN: true }),
      (tag, step, value, time) => {
        const [event] = readRecords(record(summaryEvent(time, step, { kind: 'scalar', tag, value }))).map(readEvent)
        expect({ ...event, time: Number(event.time) }).toEqual({ tag, step, scalar: Math.fround(value), time })
      },
    ),
  ))
