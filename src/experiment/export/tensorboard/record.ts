import { maskedCrc32c } from './crc32c.ts'

/**
 * One record of a TFRecord file, which an event file is: the length (8 bytes, little-endian; here below 4 GiB), its masked CRC-32C, the data, and theirs.
 */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length, true)
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true)
  bytes.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc32c(data), true)
  return bytes
}
