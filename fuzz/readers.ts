import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { decodeText, gunzipIfNeeded } from '../src/data/files.ts'
import { loadImageFolder, parseCsv, parseIdx, parseNpy, parseNpz, writeIdx, writeNpy } from '../src/data/index.ts'
import { untar } from '../src/data/tar.ts'
import { tar as tarOf, zip } from '../src/data/testing/helpers.ts'
import { type NDArray, ndarray, sizeOf } from '../src/engine/array.ts'
import { allocate, type DType } from '../src/engine/dtype.ts'
import { add, concat, matmul, relu, reshape, slice, softmax, type Tensor, tensor, transpose, zeros } from '../src/engine/index.ts'
import { exportOnnx, importOnnx } from '../src/engine/onnx/index.ts'
import { readSafetensors, writeSafetensors } from '../src/engine/safetensors.ts'

import { audits } from './audits.ts'
import { checkpoints } from './checkpoints.ts'
import { diffusion } from './diffusion.ts'
import { graphs } from './graphs.ts'
import type { Format } from './mutate.ts'
import { runFolders } from './run-folders.ts'
import { tokenizers } from './tokenizers.ts'

/** A reader of files that come from anywhere, and what it is tried with. */
export interface Reader extends Format {
  readonly name: string
  /** Good files, small, of every kind that the format has. */
  good(): Promise<readonly Uint8Array[]>
  /** Reads one; throws an InputError or succeeds. `where` is what errors must call the file. */
  read(bytes: Uint8Array, where: string): unknown
  /** How many readers share the cases of one: the files of a run folder. */
  readonly share?: number
  /** A good file of many megabytes, to compare memory with. */
  large?(): Promise<Uint8Array>
  /** The library that decodes it, where that is not ours: it does not say at which place a file is damaged. */
  readonly decoder?: string
}

const numbers = (dtype: DType, shape: readonly number[]): NDArray => {
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = dtype === 'bool' ? i % 2 : i * 3
  return ndarray(data, shape, dtype)
}

const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const safetensors: Reader = {
  name: 'safetensors',
  good: async () => [
    writeSafetensors(Object.fromEntries(dtypes.map((dtype, i) => [`layer.${i}`, numbers(dtype, [2, i])])), {
      step: '7',
      note: 'é "quoted"',
    }),
    writeSafetensors({ scalar: numbers('float64', []), empty: numbers('float32', [0, 3]) }),
    writeSafetensors({}),
  ],
  read: (bytes, where) => readSafetensors(bytes, where),
  words: ['"dtype":"F16"', '"BF16"', '"I64"', '"__metadata__"', '"__proto__"', '"shape":[', '"data_offsets":[0,', '\\u0000', '{"a":'],
  large: async () => writeSafetensors({ a: numbers('float32', [1 << 22]), b: numbers('float32', [1 << 10, 1 << 10]) }),
}

const npy: Reader = {
  name: 'npy',
  good: async () => [...dtypes.map((dtype) => writeNpy(numbers(dtype, [3, 2]))), writeNpy(numbers('float32', [])), fortran(), wideHeader()],
  read: (bytes, where) => parseNpy(bytes, where),
  words: ["'descr'", "'<f4'", "'>f8'", "'|O'", "'<U8'", 'True', '(1000000000, 1000000000)', '()', '(3,)', "'fortran_order'", "'shape'"],
  large: async () => writeNpy(numbers('float64', [1 << 21])),
}

/** A column-major array, as `np.asfortranarray` gives. */
const fortran = (): Uint8Array => encodeNpy("{'descr': '<f2', 'fortran_order': True, 'shape': (2, 3), }", new Uint8Array(12).fill(60))

/** Version 2 of the format, with a header length of 32 bits. */
function wideHeader(): Uint8Array {
  const [narrow, header] = [writeNpy(numbers('int32', [4])), new Uint8Array(12)]
  header.set(narrow.subarray(0, 6))
  header[6] = 2
  new DataView(header.buffer).setUint32(8, new DataView(narrow.buffer).getUint16(8, true), true)
  return Buffer.concat([header, narrow.subarray(10)])
}

function encodeNpy(dict: string, data: Uint8Array): Uint8Array {
  const header = new Uint8Array(10)
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  new DataView(header.buffer).setUint16(8, dict.length + 1, true)
  return Buffer.concat([header, encode(`${dict}\n`), data])
}

const npz: Reader = {
  name: 'npz',
  good: async () => [
    zip({ 'x.npy': writeNpy(numbers('float32', [2, 2])), 'y.npy': writeNpy(numbers('int32', [2])) }),
    zip({ 'x.npy': writeNpy(numbers('float64', [40])) }, { deflate: true, comment: 'made by hand' }),
  ],
  read: (bytes, where) => parseNpz(bytes, where),
  words: ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', 'PK\x06\x06', 'x.npy', '../x.npy'],
  large: async () => zip({ 'x.npy': writeNpy(numbers('float32', [1 << 22])) }),
}

const tar: Reader = {
  name: 'tar',
  good: async () => [
    tarOf({ 'a/1.png': encode('one'), 'b/2.png': encode('two') }),
    tarOf({ [`${'deep/'.repeat(30)}1.png`]: new Uint8Array(700) }),
  ],
  read: (bytes, where) => untar(bytes, where),
  words: ['ustar\x0000', '././@LongLink', '00000000003\0', '77777777777\0', '27 path=other.png\n', 'x'],
  large: async () => tarOf({ 'large.bin': new Uint8Array(1 << 24) }),
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quire-fuzz-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const idx: Reader = {
  name: 'idx',
  good: async () => {
    const plain = [writeIdx(numbers('int32', [4])), writeIdx(numbers('float32', [2, 3])), writeIdx(numbers('float64', [2, 1, 2]))]
    const bytes = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 255)
    return [...plain, bytes, gzipSync(bytes)]
  },
  read: (bytes, where) => parseIdx(gunzipIfNeeded(bytes, where), { where }),
  words: ['\x1f\x8b'],
  large: async () => writeIdx(numbers('float32', [1 << 11, 1 << 11])),
}

const table = `age,job,pay,"class, of two"
31,"clerk ""b""",1.5e3,yes
44,smith,-0.25,no

58,clerk,?,yes
`

const csv: Reader = {
  name: 'csv',
  text: true,
  good: async () => [encode(table), encode(table.replaceAll(',', ';')), encode('\ufeffa\tb\r\n1\tx\r\n2\ty\r\n'), gzipSync(encode(table))],
  read: (bytes, where) => parseCsv(decodeText(gunzipIfNeeded(bytes, where), where), { missing: 'impute', where }),
  words: ['"', '""', ',', ';', '\t', '\r\n', '\n', '\0', 'NaN', 'Infinity', '?', 'é', '\u2028', '__proto__', '1e400'],
  large: async () =>
    encode(`a,b,class\n${Array.from({ length: 1 << 19 }, (_, i) => `${i},${(i * 7) % 1000}.25,${i % 2 ? 'yes' : 'no'}`).join('\n')}\n`),
}

const onnx: Reader = {
  name: 'onnx',
  good: async () => [exportOnnx(network, [zeros([1, 3])], { batch: ['input'], arguments: ['input'] }), exportOnnx(shapes, [zeros([2, 6])])],
  read: (bytes, where) => {
    const model = importOnnx(bytes, { where })
    const given = Object.fromEntries(
      model.inputs.map(({ name, shape = [], dtype = 'float32' }) => [
        name,
        zeros(
          shape.map((extent) => (typeof extent === 'string' ? 1 : Math.min(extent, 64))),
          dtype as DType,
        ),
      ]),
    )
    return model.apply(model.parameters, given)
  },
  words: ['Relu', 'MatMul', 'Loop', 'If', 'Constant', 'ConstantOfShape', 'Reshape', 'ai.onnx', '__proto__', 'float_data', '../secret'],
}

const network = (input: Tensor): Tensor =>
  softmax(
    add(
      matmul(
        relu(
          matmul(
            input,
            tensor([
              [1, 2, 3, 4],
              [5, 6, 7, 8],
              [9, 1, 2, 3],
            ]),
          ),
        ),
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ]),
      ),
      tensor([1, 2]),
    ),
  )

const shapes = (input: Tensor): Tensor => concat([slice(input, { axis: 0, end: 1 }), transpose(reshape(input, [6, 2]))])

const image: Reader = {
  name: 'image',
  decoder: 'sharp',
  good: async () => {
    const picture = sharp(Buffer.from(Uint8Array.from({ length: 12 * 9 * 3 }, (_, i) => (i * 37) % 256)), {
      raw: { width: 12, height: 9, channels: 3 },
    })
    return [
      await picture.png().toBuffer(),
      await picture.clone().greyscale().png({ palette: true }).toBuffer(),
      await picture.clone().jpeg().toBuffer(),
      await picture.clone().webp().toBuffer(),
    ]
  },
  read: (() => {
    const folder = scratch()
    const made = mkdir(join(folder, 'class'))
    return async (bytes: Uint8Array) => {
      await made
      writeFileSync(join(folder, 'class', 'picture.png'), bytes)
      return loadImageFolder(folder, { size: 8 })
    }
  })(),
  words: ['IHDR', 'IDAT', 'PLTE', 'acTL', 'RIFF', 'VP8 ', 'Exif', '<svg xmlns="http://www.w3.org/2000/svg">', '\xff\xd8\xff', '\xff\xc0'],
}

export const readers: readonly Reader[] = [
  safetensors,
  npy,
  npz,
  tar,
  idx,
  csv,
  onnx,
  image,
  ...tokenizers,
  ...checkpoints,
  ...audits,
  ...diffusion,
  ...graphs,
  ...runFolders,
]
