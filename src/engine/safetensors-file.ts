import { type NDArray, sizeOf } from './array.ts'
import { builtin } from './builtin.ts'
import { decodeElements, elementFormats } from './elements.ts'
import { InputError } from './errors.ts'
import { toBfloats, toHalves } from './half.ts'
import { headerBytes, headerEnd, type Layout, readHeader } from './safetensors-header.ts'

/*
 * Safetensors files on disk, in Node, a tensor at a time: a model may be larger than the memory.
 */

/** An open file of tensors. */
export interface SafetensorsFile {
  readonly path: string
  readonly metadata: Readonly<Record<string, string>>
  /** What the file holds: element format, such as `BF16`, and shape, by name. */
  readonly entries: ReadonlyMap<string, Pick<Layout, 'format' | 'shape'>>
  /** Reads one tensor, and no other; its memory is its own. @throws InputError */
  read(name: string): Promise<NDArray>
  close(): Promise<void>
}

/**
 * Opens a safetensors file and checks its header as strictly as `readSafetensors`; tensors are read when they are asked for.
 *
 * @throws InputError for anything that the format forbids, and where the file cannot be read.
 * @example
 * await saveSafetensors('model.safetensors', [{ name: 'weight', shape: [2], format: 'F32', values: () => Float32Array.of(1, 2) }])
 * const file = await openSafetensors('model.safetensors')
 * const { data } = await file.read('weight')
 * await file.close()
 * data // Float32Array [1, 2]
 */
export async function openSafetensors(path: string, where = path): Promise<SafetensorsFile> {
  const { open } = builtin('node:fs/promises')
  const file = await open(path, 'r').catch((cause) => unreadable(where, cause))
  try {
    const { size } = await file.stat()
    const piece = async (begin: number, end: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(end - begin)
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await file
          .read(bytes, at, Math.min(bytes.length - at, largestRead), begin + at)
          .catch((cause) => unreadable(where, cause))
        if (bytesRead === 0) throw new InputError(`byte ${begin + at}: the file has become shorter while it was read`, { where })
        at += bytesRead
      }
      return bytes
    }
    const end = headerEnd(await piece(0, Math.min(size, 9)), size, where)
    const { bodyStart, layouts, metadata } = readHeader(await piece(0, end), size, where)
    const byName = new Map(layouts.map((layout) => [layout.name, layout]))
    return {
      path,
      metadata,
      entries: byName,
      async read(name) {
        const layout = byName.get(name)
        if (!layout) throw new InputError(`there is no tensor "${name}"`, { where })
        const bytes = await piece(bodyStart + layout.begin, bodyStart + layout.end)
        return decodeElements(bytes, layout.format, layout.shape, `${where}: tensor "${name}"`)
      },
      close: () => file.close(),
    }
  } catch (cause) {
    await file.close()
    throw cause
  }
}

/** One read of the system moves less than 2 GB. */
const largestRead = 2 ** 30

const unreadable = (where: string, cause: unknown): never => {
  throw new InputError(`cannot be read (${(cause as NodeJS.ErrnoException).code ?? cause})`, { where, fix: 'check the path', cause })
}

/** Element formats in which floats are written. */
export const floatFormats = ['F32', 'F16', 'BF16'] as const
export type FloatFormat = (typeof floatFormats)[number]

/** A tensor to write; its values are asked for when their turn comes, and let go after. */
export interface TensorSource {
  readonly name: string
  readonly shape: readonly number[]
  /** F16 and BF16: rounded to the nearest, ties to even. */
  readonly format: FloatFormat
  values(): Float32Array | Promise<Float32Array>
}

const encoders = {
  F32: (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  F16: toHalves,
  BF16: toBfloats,
} satisfies Record<FloatFormat, (values: Float32Array) => Uint8Array>

/** How many bytes a tensor takes in a file. */
export const storedBytes = ({ shape, format }: Pick<Layout, 'shape' | 'format'>): number => sizeOf(shape) * elementFormats[format].bytes

/**
 * Writes floats to a safetensors file, a tensor at a time, in the order given. The path holds the old file or the whole new one at any moment.
 *
 * @throws InputError where two tensors have one name, or values and shape disagree.
 * @example
 * await saveSafetensors('half.safetensors', [{ name: 'x', shape: [1], format: 'F16', values: () => Float32Array.of(0.1) }], { format: 'pt' })
 */
export async function saveSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { open, rename, rm } = builtin('node:fs/promises')
  requireNames(tensors, path)
  const temporary = `${path}.${builtin('node:crypto').randomUUID()}.part`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(headerBytes(tensors, metadata))
      for (const source of tensors) {
        const values = await source.values()
        if (values.length !== sizeOf(source.shape))
          throw new InputError(`shape [${source.shape.join(', ')}] does not describe ${values.length} values`, {
            where: `tensor "${source.name}"`,
          })
        await file.writeFile(encoders[source.format](values))
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause
  }
}

function requireNames(tensors: readonly TensorSource[], where: string): void {
  const seen = new Set<string>()
  for (const { name } of tensors) {
    if (name === '__metadata__' || seen.has(name))
      throw new InputError(`the name "${name}" is ${seen.has(name) ? 'there twice' : 'reserved by the format'}`, { where })
    seen.add(name)
  }
}

/** A float array of any dtype as float32. */
export const asFloat32 = ({ data }: NDArray): Float32Array => (data instanceof Float32Array ? data : Float32Array.from(data))
