/** A small safetensors reader and writer: an 8-byte length, a JSON header, the raw little-endian data. */
import { readFileSync, writeFileSync } from 'node:fs'

/** @param {Record<string, { shape: number[], data: Float32Array | Int32Array }>} tensors */
export function writeSafetensors(path, tensors) {
  const header = {}
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: data instanceof Int32Array ? 'I32' : 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  let json = JSON.stringify(header)
  json += ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(json)))
  const bodies = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  writeFileSync(path, Buffer.concat([length, Buffer.from(json), ...bodies]))
}

/** @returns {Record<string, { shape: number[], data: Float32Array | Int32Array }>} */
export function readSafetensors(path) {
  const file = readFileSync(path)
  const start = 8 + Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.subarray(8, start).toString())
  const tensors = {}
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [begin, end],
    },
  ] of Object.entries(header)) {
    const bytes = new Uint8Array(file.subarray(start + begin, start + end)).buffer
    tensors[name] = { shape, data: dtype === 'I32' ? new Int32Array(bytes) : new Float32Array(bytes) }
  }
  return tensors
}
