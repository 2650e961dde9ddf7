import { type NDArray, ndarray, sizeOf, stridesOf } from '../engine/array.ts'
import { allocate, bytesPerElement, type DType } from '../engine/dtype.ts'
import { decodeElements, elementFormats } from '../engine/elements.ts'
import { InputError } from '../engine/errors.ts'
import { readContent } from './files.ts'
import { unzip } from './zip.ts'

/*
 * NumPy's .npy: "\x93NUMPY", major and minor version, the header's length (uint16 in version 1, uint32 in 2 and 3), a Python dict literal, the elements.
 */

/** NumPy's own limit; an honest header has about a hundred bytes. */
const headerLimit = 10_000

/** NumPy's element codes, without the byte order, as formats of `decodeElements`. */
const formats: Readonly<Record<string, string>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  b1: 'BOOL',
}

const written: Readonly<Record<DType, string>> = { float32: '<f4', float64: '<f8', int32: '<i4', uint32: '<u4', bool: '|b1' }

/**
 * Reads a .npy file (format 1 to 3). Floats keep their width (f2 becomes float32), bool stays bool, other integers become int32 (u4, u8: uint32) and
 * are refused where a value does not fit. Fortran order is turned into row-major order.
 *
 * @throws InputError with the byte offset or the element; also for big-endian, structured and object arrays.
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('features.npy', writeNpy({ data: Float32Array.of(1, 2), shape: [2], dtype: 'float32' }))
 * const { data } = await readNpy('features.npy')
 * data // Float32Array [1, 2]
 */
export async function readNpy(path: string): Promise<NDArray> {
  return parseNpy(await readContent(path), path)
}

/**
 * `readNpy` for bytes in memory. The array is a view on them where dtype and alignment allow.
 *
 * @example
 * const bytes = writeNpy({ data: Float32Array.of(1, 2), shape: [2], dtype: 'float32' })
 * parseNpy(bytes).data // Float32Array [1, 2]
 */
export function parseNpy(bytes: Uint8Array, where = 'npy'): NDArray {
  const { text, offset } = headerText(bytes, where)
  const { format, fortran, shape } = parseHeader(text, where)
  const expected = sizeOf(shape) * elementFormats[format].bytes
  if (expected !== bytes.length - offset) {
    throw new InputError(
      `byte ${offset}: shape (${shape.join(', ')}) takes ${expected} bytes; the file has ${bytes.length - offset} more`,
      { where },
    )
  }
  if (!fortran || shape.length < 2) return decodeElements(bytes.subarray(offset), format, shape, where)
  return transposed(decodeElements(bytes.subarray(offset), format, [...shape].reverse(), where))
}

function headerText(bytes: Uint8Array, where: string): { text: string; offset: number } {
  const fail = (offset: number, what: string) =>
    new InputError(`byte ${offset}: ${what}`, { where, fix: 'this is not a complete .npy file' })
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (magic.some((byte, i) => bytes[i] !== byte)) throw fail(0, 'does not begin with \\x93NUMPY')
  const wide = bytes[6] !== 1
  if (bytes.length < (wide ? 12 : 10)) throw fail(6, 'ends inside the header')
  if (bytes[6] < 1 || bytes[6] > 3) throw fail(6, `format version ${bytes[6]} is none of 1, 2, 3`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true)
  const start = wide ? 12 : 10
  if (length > headerLimit) throw fail(8, `a header of ${length} bytes is above the limit of ${headerLimit}`)
  if (start + length > bytes.length) throw fail(8, `a header of ${length} bytes does not fit a file of ${bytes.length}`)
  // Keys, codes and numbers are ASCII; only field names, which are refused, could be anything else.
  return { text: new TextDecoder('latin1').decode(bytes.subarray(start, start + length)), offset: start + length }
}

function parseHeader(text: string, where: string): { format: string; fortran: boolean; shape: number[] } {
  const fail = (what: string) => new InputError(`header ${JSON.stringify(text.trim().slice(0, 120))}: ${what}`, { where })
  const entry = (key: string, value: string) => text.match(new RegExp(`['"]${key}['"]\\s*:\\s*${value}`))
  if (!/^\s*\{.*\}\s*$/s.test(text)) throw fail('is not a Python dict')
  const descr = entry('descr', `['"]([<>|=])([a-zA-Z]\\d+)['"]`)
  if (!descr) throw fail('its descr is not one element type; structured and object arrays are not read')
  if (descr[1] === '>' || descr[1] === '=') throw fail('is not little-endian; save it with array.astype(dtype.newbyteorder("<"))')
  const format = formats[descr[2]]
  if (!format) throw fail(`element type ${descr[2]} is not read; Quire reads ${Object.keys(formats).join(' ')}`)
  const fortran = entry('fortran_order', '(True|False)')
  if (!fortran) throw fail('fortran_order is missing')
  const shape = entry('shape', '\\(([\\d,\\s]*)\\)')
  const extents = shape?.[1].replace(/,\s*$/, '').split(',') ?? ['missing']
  if (extents.length === 1 && extents[0].trim() === '') extents.pop()
  if (!extents.every((extent) => /^\s*\d+\s*$/.test(extent))) throw fail('shape is not a tuple of sizes')
  return { format, fortran: fortran[1] === 'True', shape: extents.map(Number) }
}

/** The array with its axes in reverse order, copied to row-major. */
function transposed({ shape, dtype, data }: NDArray): NDArray {
  const outer = [...shape].reverse()
  const strides = stridesOf(shape).reverse()
  const out = allocate(dtype, data.length)
  const index = new Array<number>(outer.length).fill(0)
  let from = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++index[axis] < outer[axis]) break
      from -= strides[axis] * outer[axis]
      index[axis] = 0
    }
  }
  return ndarray(out, outer, dtype)
}

/**
 * Writes an array of any dtype as .npy (format 1, row-major, data aligned to 64 bytes as NumPy does).
 *
 * @example
 * import { writeFileSync } from 'node:fs'
 *
 * writeFileSync('scores.npy', writeNpy({ shape: [2], dtype: 'float32', data: Float32Array.of(0.1, 0.9) }))
 */
export function writeNpy({ shape, dtype, data }: NDArray): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dict = `{'descr': '${written[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`
  const offset = Math.ceil((10 + dict.length + 1) / 64) * 64
  const header = `\x93NUMPY\x01\x00${' '.repeat(2)}${dict.padEnd(offset - 11)}\n`
  const bytes = new Uint8Array(offset + data.length * bytesPerElement(dtype))
  for (let i = 0; i < header.length; i++) bytes[i] = header.charCodeAt(i)
  new DataView(bytes.buffer).setUint16(8, offset - 10, true)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
  return bytes
}

/**
 * Reads every array of a .npz file, by name without `.npy`.
 *
 * @throws InputError as `readNpy`, and for a damaged, encrypted or ZIP64 file, or a member that is no .npy.
 * @example
 * import { existsSync } from 'node:fs'
 *
 * const arrays = existsSync('data.npz') ? await readNpz('data.npz') : {} // such as np.savez writes
 */
export async function readNpz(path: string): Promise<Record<string, NDArray>> {
  return parseNpz(await readContent(path), path)
}

/**
 * `readNpz` for bytes in memory.
 *
 * @example
 * try {
 *   parseNpz(new Uint8Array(4))
 * } catch (error) {
 *   console.log(`${error}`) // an InputError: these bytes are no archive
 * }
 */
export function parseNpz(bytes: Uint8Array, where = 'npz'): Record<string, NDArray> {
  const members = [...unzip(bytes, where)]
  return Object.fromEntries(members.map(([name, content]) => [name.replace(/\.npy$/, ''), parseNpy(content, `${where}: ${name}`)]))
}
