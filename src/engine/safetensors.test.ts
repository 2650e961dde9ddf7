import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NDArray, ndarray, sizeOf } from './array.ts'
import { allocate, bytesPerElement, type DType, dtypes } from './dtype.ts'
import { InputError } from './errors.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const encoder = new TextEncoder()

/** A file put together by hand from the published layout. */
function file(header: string | object, body: ArrayLike<number> = [], length?: bigint): Uint8Array {
  const json = encoder.encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + body.length)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(Array.from(body), 8 + json.length)
  return bytes
}

const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({ dtype, shape, data_offsets: [begin, end] })

test('the published layout is read', () => {
  const bytes = file(
    { __metadata__: { format: 'pt' }, b: entry('I32', [1], 4, 8), a: entry('F32', [1, 1], 0, 4) },
    [0, 0, 192, 63, 254, 255, 255, 255],
  )
  const { tensors, metadata } = readSafetensors(bytes)
  expect(metadata).toEqual({ format: 'pt' })
  expect(tensors.a).toEqual(ndarray(Float32Array.of(1.5), [1, 1], 'float32'))
  expect(tensors.b).toEqual(ndarray(Int32Array.of(-2), [1], 'int32'))
})

test('the layout is written as published: padded header, largest elements first, then by name', () => {
  const bytes = writeSafetensors({
    z: ndarray(Uint8Array.of(1), [1], 'bool'),
    y: ndarray(Float32Array.of(1), [], 'float32'),
    x: ndarray(Float32Array.of(2), [], 'float32'),
    w: ndarray(Float64Array.of(3), [1], 'float64'),
  })
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  expect(Object.keys(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))))).toEqual(['w', 'x', 'y', 'z'])
  expect(bytes.length).toBe(8 + length + 17)
})

test('half, bfloat and small integers are read by value', () => {
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x7e00].flatMap((h) => [h & 255, h >> 8])
  const { tensors } = readSafetensors(
    file(
      {
        h: entry('F16', [7], 0, 14),
        b: entry('BF16', [2], 14, 18),
        s: entry('I8', [2], 18, 20),
        l: entry('I64', [1], 20, 28),
        u: entry('U8', [1], 28, 29),
      },
      [...halves, 0x80, 0x3f, 0x49, 0xc0, 255, 127, 254, 255, 255, 255, 255, 255, 255, 255, 200],
    ),
  )
  expect([...tensors.h.data]).toEqual([1, -2, 65504, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NaN])
  expect([...tensors.b.data]).toEqual([1, -3.140625])
  expect([...tensors.s.data, ...tensors.l.data, ...tensors.u.data]).toEqual([-1, 127, -2, 200])
})

test('a 64-bit integer that does not fit names the tensor and the element', () => {
  const bytes = file({ ids: entry('I64', [2], 0, 16) }, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0])
  expect(() => readSafetensors(bytes, 'm.safetensors')).toThrow(
    'm.safetensors: tensor "ids": element 1 is 4294967296, which does not fit int32',
  )
})

test('aligned arrays are views, others are copies', () => {
  const bytes = writeSafetensors({ a: ndarray(Float64Array.of(1, 2), [2], 'float64'), b: ndarray(Float32Array.of(3), [1], 'float32') })
  const { tensors } = readSafetensors(bytes)
  expect(tensors.a.data.buffer).toBe(bytes.buffer)
  const shifted = new Uint8Array(bytes.length + 1)
  shifted.set(bytes, 1)
  const again = readSafetensors(shifted.subarray(1)).tensors
  expect(again.a.data.buffer).not.toBe(shifted.buffer)
  expect(again).toEqual(tensors)
})

test.each<[string, Uint8Array]>([
  ['too few', new Uint8Array(7)],
  ['above the format', file('{}', [], 100_000_001n)],
  ['does not fit a file', file('{}', [], 3n)],
  ['does not begin with {', file(' {}')],
  ['is not JSON', file('{"a":}')],
  ['is not JSON', file(`{"a":${'['.repeat(200_000)}`)],
  ['key "a" twice', file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a" :{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}')],
  ['key "\\u0061" twice', file('{"a":1,"\\u0061":2}')],
  ['not { dtype, shape, data_offsets }', file({ a: { dtype: 'F32', shape: [0] } })],
  ['not { dtype, shape, data_offsets }', file({ a: { ...entry('F32', [0], 0, 0), extra: 1 } })],
  ['is not read', file({ a: entry('F8_E4M3', [1], 0, 1) }, [0])],
  ['is not read', file({ a: entry('toString', [1], 0, 1) }, [0])],
  ['not a list of sizes', file({ a: entry('F32', [-1], 0, 4) }, [0, 0, 0, 0])],
  ['takes', file({ a: entry('F32', [2 ** 40, 2 ** 40], 0, 4) }, [0, 0, 0, 0])],
  ['takes 4 bytes; data_offsets give 3', file({ a: entry('F32', [1], 0, 3) }, [0, 0, 0])],
  ['not [begin, end]', file({ a: entry('F32', [1], 4, 0) }, [0, 0, 0, 0])],
  ['not [begin, end]', file({ a: entry('F32', [1], 0.5, 4.5) }, [0, 0, 0, 0])],
  ['leaves a hole', file({ a: entry('F32', [1], 4, 8) }, [0, 0, 0, 0, 0, 0, 0, 0])],
  ['overlaps', file({ a: entry('F32', [1], 0, 4), b: entry('F32', [1], 0, 4) }, [0, 0, 0, 0])],
  ['ends outside the file', file({ a: entry('F32', [2], 0, 8) }, [0, 0, 0, 0])],
  ['1 bytes follow the last tensor', file({ a: entry('F32', [1], 0, 4) }, [0, 0, 0, 0, 9])],
  ['a boolean is 0 or 1', file({ a: entry('BOOL', [1], 0, 1) }, [2])],
  ['not a record of strings', file({ __metadata__: { a: 1 } })],
])('refused: %s', (message, bytes) => {
  const read = () => readSafetensors(bytes, 'x.safetensors')
  expect(read).toThrow(InputError)
  expect(read).toThrow(message)
  expect(read).toThrow('x.safetensors')
})

test('the writer refuses what it could not read back', () => {
  const good = ndarray(Float32Array.of(1), [1], 'float32')
  expect(() => writeSafetensors({ __metadata__: good })).toThrow(InputError)
  expect(() => writeSafetensors({ a: { ...good, shape: [2] } })).toThrow('tensor "a": shape [2] of float32')
  expect(() => writeSafetensors({ a: { ...good, dtype: 'float64' } })).toThrow(InputError)
  expect(() => writeSafetensors({ a: good }, { k: 1 as unknown as string })).toThrow(InputError)
})

const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
const arrays = fc
  .tuple(fc.constantFrom<DType>(...dtypes), shapes, fc.infiniteStream(fc.nat(255)))
  .map(([dtype, shape, stream]): NDArray => {
    const data = allocate(dtype, sizeOf(shape))
    const bytes = new Uint8Array(data.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = (stream.next().value as number) & (dtype === 'bool' ? 1 : 127)
    return ndarray(data, shape, dtype)
  })
const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('__proto__', 'constructor', '0', '"', '\\'))
const records = fc.dictionary(
  names.filter((name) => name !== '__metadata__'),
  arrays,
  { maxKeys: 5 },
)
const texts = fc.dictionary(fc.string(), fc.string({ unit: 'binary' }), { maxKeys: 3 })

test('whatever is written is read back, and rewritten to the same bytes', () => {
  const property = fc.property(records, texts, (tensors, metadata) => {
    const bytes = writeSafetensors(tensors, metadata)
    const back = readSafetensors(bytes)
    expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort())
    for (const name of Object.keys(tensors)) {
      expect(back.tensors[name]).toEqual(tensors[name])
      expect(back.tensors[name].data.byteOffset % bytesPerElement(tensors[name].dtype)).toBe(0)
    }
    expect({ ...back.metadata }).toEqual({ ...metadata })
    expect(writeSafetensors(Object.fromEntries(Object.entries(back.tensors).reverse()), back.metadata)).toEqual(bytes)
  })
  fc.assert(property, { numRuns: 200, interruptAfterTimeLimit: 10_000 })
})

test('a damaged file is read or refused with an InputError, never anything else', () => {
  const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert', 'length'))
  const property = fc.property(records, fc.array(change, { minLength: 1, maxLength: 4 }), (tensors, changes) => {
    let bytes = writeSafetensors(tensors)
    for (const [position, value, kind] of changes) {
      const at = position % (bytes.length + 1)
      if (kind === 'set' && at < bytes.length) bytes[at] = value
      if (kind === 'length' && bytes.length > 0) bytes[at % Math.min(8, bytes.length)] = value
      if (kind === 'cut') bytes = bytes.slice(0, at)
      if (kind === 'insert') bytes = Uint8Array.from([...bytes.subarray(0, at), value, ...bytes.subarray(at)])
    }
    onlyInputErrors(() => readSafetensors(bytes))
  })
  fc.assert(property, { numRuns: 1000, interruptAfterTimeLimit: 10_000 })
})

test('arbitrary JSON headers are read or refused with an InputError', () => {
  const offsets = fc.oneof(fc.constant([0, 4]), fc.array(fc.oneof(fc.integer({ min: -4, max: 12 }), fc.double()), { maxLength: 3 }))
  const described = fc.record({
    dtype: fc.constantFrom('F32', 'I64', 'BOOL', 'X'),
    shape: fc.oneof(shapes, fc.jsonValue()),
    data_offsets: offsets,
  })
  const header = fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.oneof(described, fc.jsonValue())))
  const property = fc.property(header, fc.uint8Array({ maxLength: 12 }), (value, body) =>
    onlyInputErrors(() => readSafetensors(file(JSON.stringify(value), body))),
  )
  fc.assert(property, { numRuns: 1000, interruptAfterTimeLimit: 10_000 })
})

function onlyInputErrors(action: () => unknown): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
  }
}
