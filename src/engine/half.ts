/*
 * Floats of 16 bits, in which models are stored: IEEE's binary16 (F16), and bfloat16 (BF16), the upper half of a float32. They are computed with as
 * float32; both are written to the nearest value, ties to the even one.
 */

const bits = new DataView(new ArrayBuffer(4))

/** Of every half, made when it is first asked for. */
let halves: Float32Array | undefined

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Little-endian bytes as words of 16 bits; a copy where they are not aligned. */
function wordsOf(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes) // a Buffer's own slice would share its memory
  return new Uint16Array(aligned.buffer, aligned.byteOffset, bytes.byteLength / 2)
}

/** F16 → float32, exactly. */
export function fromHalves(bytes: Uint8Array): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => halfToNumber(half))
  const words = wordsOf(bytes)
  const out = new Float32Array(words.length)
  for (let i = 0; i < words.length; i++) out[i] = halves[words[i]]
  return out
}

/** BF16 → float32, exactly. */
export function fromBfloats(bytes: Uint8Array): Float32Array {
  const words = wordsOf(bytes)
  const out = new Uint32Array(words.length)
  for (let i = 0; i < words.length; i++) out[i] = words[i] << 16
  return new Float32Array(out.buffer)
}

/** float32 → F16. What is too large becomes infinite. */
export function toHalves(values: Float32Array): Uint8Array {
  const out = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) out[i] = numberToHalf(values[i])
  return new Uint8Array(out.buffer)
}

function numberToHalf(value: number): number {
  bits.setFloat32(0, value)
  const word = bits.getUint32(0)
  const sign = (word >>> 16) & 0x8000
  const magnitude = word & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // From 65520 on the nearest half is infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  // Below 2^-14 halves are multiples of 2^-24.
  if (magnitude < 0x38800000) return sign | toEven(Math.abs(value) * 2 ** 24)
  const rebased = magnitude - 0x38000000
  return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13)
}

/** The nearest whole number, ties to the even one. */
function toEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/** float32 → BF16. */
export function toBfloats(values: Float32Array): Uint8Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const out = new Uint16Array(values.length)
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    const notANumber = (word & 0x7fffffff) > 0x7f800000
    out[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return new Uint8Array(out.buffer)
}
