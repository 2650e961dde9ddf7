import { builtin } from '../builtin.ts'
import { InputError } from '../errors.ts'
import { type ExportOptions, onnxModel } from './export.ts'
import type { OnnxModel } from './format.ts'
import { type ImportedModel, type ImportOptions, importOnnx } from './import.ts'
import { type Piece, writeModel } from './write.ts'

/*
 * ONNX files on disk, in Node. A model and the file of its tensors cannot be mixed with others: that file is named by what is in it, so that it never
 * changes, and the model says its checksum.
 */

/** From this size on tensors are stored beside the model: protobuf ends at 2 GB. */
const largestModel = 2 ** 30

export interface SaveOptions extends ExportOptions {
  /** Whether tensors are stored in a file beside the model, `path`, their SHA-1 and `.data`. Default: where they have more than 1 GB. */
  readonly external?: boolean
}

/**
 * As `exportOnnx`, into a file. At any moment, power cuts included, the path holds the old model or the new one, each with its tensors: files are
 * written under a temporary name, synced and renamed, the model last; then what the old model kept beside it is removed.
 *
 * @example
 * await saveOnnx('model.onnx', (x: Tensor) => exp(x), [zeros([2])], { arguments: ['x'], outputs: ['y'] })
 */
export async function saveOnnx<A extends unknown[]>(
  path: string,
  fn: (...args: A) => unknown,
  examples: A,
  options: SaveOptions = {},
): Promise<void> {
  const model = onnxModel(fn, examples, options)
  const isExternal = options.external ?? tensorBytes(model) > largestModel
  await saveModel(path, model, isExternal, builtin('node:fs/promises'))
}

const tensorBytes = ({ graph }: OnnxModel): number => graph.initializers.reduce((total, { bytes }) => total + bytes.length, 0)

/**
 * The operations by which files are changed; tests fail any one of them.
 *
 * @internal
 */
export type FileOperations = Pick<typeof import('node:fs/promises'), 'open' | 'readdir' | 'rename' | 'rm'>

/** @internal */
export async function saveModel(path: string, model: OnnxModel, isExternal: boolean, files: FileOperations): Promise<void> {
  const { basename, dirname, join } = builtin('node:path')
  let beside: string | undefined
  const { model: bytes, external } = writeModel(model, {
    external: isExternal
      ? (pieces) => {
          const checksum = sha1(contents(pieces))
          beside = `${basename(path)}.${checksum}.data`
          return { location: beside, checksum }
        }
      : undefined,
  })
  if (beside !== undefined) await replaceFile(join(dirname(path), beside), contents(external), files)
  await replaceFile(path, [bytes], files)
  await removeOthers(path, beside, files)
}

const sha1 = (parts: Iterable<Uint8Array>): string => {
  const hash = builtin('node:crypto').createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Pieces of a file with the zeros between them. */
function* contents(pieces: readonly Piece[]): Generator<Uint8Array> {
  let at = 0
  for (const { offset, bytes } of pieces) {
    yield new Uint8Array(offset - at)
    yield bytes
    at = offset + bytes.length
  }
}

async function replaceFile(path: string, content: Iterable<Uint8Array>, files: FileOperations): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = await files.open(temporary, 'w')
    try {
      for (const bytes of content) await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await files.rename(temporary, path)
    await syncFolder(builtin('node:path').dirname(path), files)
  } catch (cause) {
    await files.rm(temporary, { force: true }).catch(() => {})
    throw unusable(path, 'written', cause)
  }
}

/** A rename is on the disk once its folder is; Windows cannot sync one. */
async function syncFolder(folder: string, files: FileOperations): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await files.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes the files of tensors that earlier models at this path had. */
async function removeOthers(path: string, kept: string | undefined, files: FileOperations): Promise<void> {
  const { basename, dirname, join } = builtin('node:path')
  const front = `${basename(path)}.`
  const isOurs = (name: string) => name.startsWith(front) && /^[0-9a-f]{40}\.data$/.test(name.slice(front.length))
  try {
    const names = await files.readdir(dirname(path))
    for (const name of names) if (isOurs(name) && name !== kept) await files.rm(join(dirname(path), name), { force: true })
  } catch (cause) {
    throw unusable(dirname(path), 'tidied up; the model is saved', cause)
  }
}

/**
 * As `importOnnx`, from a file; tensors stored beside the model are read too, and compared with their checksum where the model says it.
 *
 * @example
 * await saveOnnx('model.onnx', (x: Tensor) => exp(x), [zeros([2])])
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
  const external = (location: string, checksum?: string): Uint8Array => {
    if (known.has(location)) return known.get(location)!
    const name = join(dirname(path), location)
    const bytes = read(name)
    if (checksum && sha1([bytes]) !== checksum.toLowerCase())
      throw new InputError('is not the file that the model was saved with', { where: name, fix: 'save the model again' })
    known.set(location, bytes)
    return bytes
  }
  return importOnnx(read(path), { where: path, ...options, external })
}

const unusable = (path: string, verb: string, cause: unknown): InputError =>
  new InputError(`cannot be ${verb} (${(cause as NodeJS.ErrnoException).code ?? cause})`, { where: path, cause })
