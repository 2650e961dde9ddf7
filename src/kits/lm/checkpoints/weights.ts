import { kindOf } from '../../../data/files.ts'
import { builtin } from '../../../engine/builtin.ts'
import { InputError, type NDArray } from '../../../engine/index.ts'
import { openSafetensors, type SafetensorsFile } from '../../../engine/safetensors-file.ts'
import { Fields, parseObject } from './fields.ts'
import { readText } from './files.ts'

const { basename, join } = builtin('node:path')

/** The tensors of a checkpoint, of one file or several, read one by one. */
export interface Weights {
  /** Element format and shape, by name. */
  readonly entries: ReadonlyMap<string, { readonly format: string; readonly shape: readonly number[]; readonly file: string }>
  readonly warnings: readonly string[]
  read(name: string): Promise<NDArray>
  close(): Promise<void>
}

export const weightsName = 'model.safetensors'
export const indexName = `${weightsName}.index.json`

/**
 * Opens the tensors of a Hugging Face directory: `model.safetensors`, or the files that `model.safetensors.index.json` names.
 * @throws InputError where there are none, where a file is damaged or where the index and the files disagree.
 */
export async function openWeights(folder: string): Promise<Weights> {
  const files: SafetensorsFile[] = []
  const close = async () => {
    await Promise.all(files.map((file) => file.close()))
  }
  try {
    if ((await kindOf(join(folder, weightsName))) === 'file') {
      files.push(await openSafetensors(join(folder, weightsName)))
      return joined(files, [], close)
    }
    const where = join(folder, indexName)
    if ((await kindOf(where)) !== 'file') throw await withoutWeights(folder)
    const index = readIndex(await readText(where), where)
    for (const name of new Set(index.values())) files.push(await openSafetensors(join(folder, name)))
    return joined(files, [...checkIndex(index, files, where)], close)
  } catch (error) {
    await close()
    throw error
  }
}

function joined(files: readonly SafetensorsFile[], warnings: readonly string[], close: () => Promise<void>): Weights {
  const owners = new Map<string, SafetensorsFile>()
  const entries = new Map<string, { format: string; shape: readonly number[]; file: string }>()
  for (const file of files)
    for (const [name, { format, shape }] of file.entries) {
      const other = owners.get(name)
      if (other) throw new InputError(`tensor "${name}" is there and in ${other.path}`, { where: file.path })
      owners.set(name, file)
      entries.set(name, { format, shape, file: file.path })
    }
  return { entries, warnings, read: (name) => owners.get(name)!.read(name), close }
}

/** Which file holds which tensor. @throws InputError for an index that names files elsewhere. */
export function readIndex(text: string, where: string): Map<string, string> {
  const fields = new Fields(parseObject(text, where), where)
  const map = fields.raw('weight_map')
  if (typeof map !== 'object' || Array.isArray(map)) throw fields.wrong('weight_map', 'not an object of file names')
  for (const [tensor, file] of Object.entries(map as object))
    if (typeof file !== 'string' || !/^[\w.-]+\.safetensors$/.test(file))
      throw new InputError(`tensor "${tensor}" is said to be in ${JSON.stringify(file)}, which is no .safetensors file beside the index`, {
        where,
      })
  return new Map(Object.entries(map as Record<string, string>))
}

/** Warnings for tensors that the index does not name. @throws InputError for one that it names and that is not there. */
function* checkIndex(index: ReadonlyMap<string, string>, files: readonly SafetensorsFile[], where: string): Generator<string> {
  const byName = new Map(files.map((file) => [basename(file.path), file]))
  for (const [tensor, file] of index)
    if (!byName.get(file)!.entries.has(tensor)) throw new InputError(`tensor "${tensor}" is not in ${file}`, { where })
  for (const { path, entries } of files)
    for (const name of entries.keys()) if (!index.has(name)) yield `${path}: tensor "${name}" is not in the index`
}

const pickles = ['pytorch_model.bin', 'pytorch_model.bin.index.json', 'model.pt', 'model.pth']
const conversion =
  'python -c "import sys; from transformers import AutoModelForCausalLM as M; M.from_pretrained(sys.argv[1]).save_pretrained(sys.argv[2])"'

/** Why there is nothing to read, and what to do. */
async function withoutWeights(folder: string): Promise<InputError> {
  if ((await kindOf(folder)) !== 'folder') return new InputError('there is no such folder', { where: folder })
  for (const name of pickles)
    if ((await kindOf(join(folder, name))) === 'file')
      return new InputError(`${name} is a pickle, which can run any code when it is read; only safetensors are read`, {
        where: folder,
        fix: `convert it where you trust it: ${conversion} ${folder} OUT`,
      })
  return new InputError(`there is no ${weightsName} and no ${indexName}`, { where: folder })
}
