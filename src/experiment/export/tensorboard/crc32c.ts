/** CRC-32C (Castagnoli), as RFC 3720 defines it: reflected, polynomial 0x1EDC6F41. Node's zlib has only the other CRC-32. */

const reflectedPolynomial = 0x82f63b78

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ reflectedPolynomial : remainder >>> 1
  return remainder
})

/** @example crc32c(new TextEncoder().encode('123456789'))   // 0xe3069283 */
export function crc32c(bytes: Uint8Array): number {
  let state = 0xffffffff
  for (const byte of bytes) state = (state >>> 8) ^ table[(state ^ byte) & 0xff]
  return (state ^ 0xffffffff) >>> 0
}

/** A checksum that is stored beside what it sums is masked, so that the sum of both is not trivial: rotated right by 15 bits, plus a constant. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const sum = crc32c(bytes)
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
}
