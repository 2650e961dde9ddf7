import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PbfReader } from 'pbf'
import { maskedCrc32c } from '../tensorboard/crc32c.ts'

/** The data of each record of an event file. @throws Error where a checksum or a length is wrong. */
export function readRecords(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true))
    const data = bytes.subarray(at + 12, at + 12 + length)
    if (view.getUint32(at + 8, true) !== maskedCrc32c(bytes.subarray(at, at + 8))) throw new Error(`the length at ${at} is damaged`)
    if (view.getUint32(at + 12 + length, true) !== maskedCrc32c(data)) throw new Error(`the record at ${at} is damaged`)
    found.push(data)
    at += 16 + length
  }
  return found
}

export interface ReadEvent {
  time: number
  step: number
  version?: string
  tag?: string
  scalar?: number
  png?: Uint8Array
  histogram?: boolean
  plugin?: string
  text?: string
}

/** An event, as far as tests look at it. */
export function readEvent(data: Uint8Array): ReadEvent {
  const event: ReadEvent = { time: 0, step: 0 }
  const nested = (pbf: PbfReader, fields: Record<number, (pbf: PbfReader) => void>) =>
    pbf.readMessage((field) => fields[field]?.(pbf), undefined)
  new PbfReader(data).readFields((field, _, pbf) => {
    if (field === 1) event.time = pbf.readDouble()
    if (field === 2) event.step = pbf.readVarint(true)
    if (field === 3) event.version = pbf.readString()
    if (field === 5) nested(pbf, { 1: (summary) => nested(summary, valueFields(event, nested)) })
  }, undefined)
  return event
}

type Nested = (pbf: PbfReader, fields: Record<number, (pbf: PbfReader) => void>) => void

const valueFields = (event: ReadEvent, nested: Nested): Record<number, (pbf: PbfReader) => void> => ({
  1: (pbf) => (event.tag = pbf.readString()),
  2: (pbf) => (event.scalar = pbf.readFloat()),
  4: (pbf) => nested(pbf, { 4: (image) => (event.png = image.readBytes()) }),
  5: (pbf) => nested(pbf, { 1: () => (event.histogram = true) }),
  8: (pbf) => nested(pbf, { 8: (tensor) => (event.text = tensor.readString()) }),
  9: (pbf) => nested(pbf, { 1: (metadata) => nested(metadata, { 1: (plugin) => (event.plugin = plugin.readString()) }) }),
})

/** All event files under a folder by the path of theirs, without those file's names. */
export function readFolder(root: string): Record<string, ReadEvent[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('tfevents'))
  return Object.fromEntries(
    files
      .sort()
      .map((name) => [
        name.replace(/[\\/]?[^\\/]*$/, '').replaceAll('\\', '/'),
        readRecords(readFileSync(join(root, name))).map(readEvent),
      ]),
  )
}
