import { builtin } from '../builtin.ts'
import { InputError } from '../errors.ts'
import { type ExportOptions, onnxModel } from './export.ts'
import type { OnnxModel } from './format.ts'
import { type ImportedModel, type ImportOptions, importOnnx } from './import.ts'
import { type WrittenModel, writeModel } from './write.ts'

/*
 * ONNX files on disk, in Node.
 */

/** From this size on tensors are stored beside the model: protobuf ends at 2 GB. */
const largestModel = 2 ** 30

export interface SaveOptions extends ExportOptions {
  /** Whether tensors are stored in a file beside the model, `path` with `.data` after it. Default: where they have more than 1 GB. */
  readonly external?: boolean
}

/**
 * As `exportOnnx`, into a file. A file is written under a temporary name and renamed, so that a path never holds half of one;
 * the model comes last.
 *
 * @example
 * await saveOnnx('model.onnx', (image) => model.apply(params, image), [zeros([1, 784])], { arguments: ['image'], batch: ['image'] })
 */
export async function saveOnnx<A extends unknown[]>(
  path: string,
  fn: (...args: A) => unknown,
  examples: A,
  options: SaveOptions = {},
): Promise<void> {
  const { basename } = builtin('node:path')
  const model = onnxModel(fn, examples, options)
  const beside = `${path}.data`
  const written = writeModel(model, (options.external ?? tensorBytes(model) > largestModel) ? { external: basename(beside) } : {})
  if (written.external.length > 0) await replaceFile(beside, pieces(written))
  await replaceFile(path, [written.model])
}

const tensorBytes = ({ graph }: OnnxModel): number => graph.initializers.reduce((total, { bytes }) => total + bytes.length, 0)

/** The pieces of the file beside the model, with the zeros between them. */
function* pieces({ external }: WrittenModel): Generator<Uint8Array> {
  let at = 0
  for (const { offset, bytes } of external) {
    yield new Uint8Array(offset - at)
    yield bytes
    at = offset + bytes.length
  }
}

async function replaceFile(path: string, content: Iterable<Uint8Array>): Promise<void> {
  const { open, rename, rm } = builtin('node:fs/promises')
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      for (const bytes of content) await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw unusable(path, 'written', cause)
  }
}

/**
 * As `importOnnx`, from a file; tensors stored beside the model are read too.
 *
 * @example
 * const model = await readOnnx('model.onnx')
 */
export async function readOnnx(path: string, options: Omit<ImportOptions, 'external'> = {}): Promise<ImportedModel> {
  const { readFileSync } = builtin('node:fs')
  const { dirname, join } = builtin('node:path')
  const read = (name: string): Uint8Array => {
    try {
      return readFileSync(name)
    } catch (cause) {
      throw unusable(name, 'read', cause)
    }
  }
  const known = new Map<string, Uint8Array>()
  const external = (location: string): Uint8Array => {
    if (!known.has(location)) known.set(location, read(join(dirname(path), location)))
    return known.get(location)!
  }
  return importOnnx(read(path), { where: path, ...options, external })
}

const unusable = (path: string, verb: string, cause: unknown): InputError =>
  new InputError(`cannot be ${verb} (${(cause as NodeJS.ErrnoException).code ?? cause})`, { where: path, cause })
