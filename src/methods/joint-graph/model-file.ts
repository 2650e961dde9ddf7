import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError, key, type NDArray, zeros } from '../../engine/index.ts'
import { exportOnnx } from '../../engine/onnx/index.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { makeFolder, writeAtomically } from '../../experiment/index.ts'
import { graphSchemaSchema, vectorLength } from '../../kits/graphs/index.ts'
import { fromArrays, toArrays } from '../../train/index.ts'
import type { JointModel } from './diffusion.ts'
import { jointNetwork } from './network.ts'

export const modelFile = 'model.safetensors'
export const stepFile = 'denoise.onnx'

const scale = z.object({ mean: z.number(), deviation: z.number().positive() })
const range = z.tuple([z.number(), z.number()])
const process = z.union([
  z.object({ kind: z.enum(['vp', 'subVp']), betas: z.tuple([z.number(), z.number()]) }),
  z.object({ kind: z.literal('ve'), sigmas: z.tuple([z.number(), z.number()]) }),
])

const card = z.object({
  kind: z.literal('joint-graph'),
  schema: graphSchemaSchema,
  scales: z.object({ node: z.array(scale), edge: z.array(scale), nodeRange: z.array(range), edgeRange: z.array(range) }),
  process: z.object({ nodes: process, edges: process }),
  network: z.object({
    width: z.number().int().positive().max(4096),
    edgeWidth: z.number().int().positive().max(4096),
    layers: z.number().int().positive().max(256),
    heads: z.number().int().positive().max(256),
    triangle: z.boolean(),
    cut: z.boolean().optional(),
    powers: z.number().int().positive().max(16).optional(),
    embedding: z.number().int().positive().max(4096).optional(),
  }),
  sizes: z.array(z.number().int().nonnegative()),
})

/**
 * Writes a model into a folder: its weights with all that is needed to sample, and one evaluation of the network as ONNX.
 *
 * @example
 * import { signedBalance, signedBalanceSchema } from 'quire/graphs'
 *
 * const options = { batch: 4, network: { width: 8, edgeWidth: 4, layers: 1, heads: 2 } }
 * const { trainer, model } = trainingOf(signedBalance({ count: 4, seed: 0 }), signedBalanceSchema(), options)
 * await saveModel('saved', model(trainer.start().params))
 */
export async function saveModel(folder: string, model: JointModel): Promise<void> {
  const { params, ...rest } = model
  makeFolder(folder)
  const metadata = { quire: JSON.stringify({ kind: 'joint-graph', ...rest }) }
  writeAtomically(join(folder, modelFile), writeSafetensors(await toArrays(params), metadata))
  writeAtomically(join(folder, stepFile), denoiseOnnx(model))
}

/** x float32 [B, total], time [B], sizes int32 [B] → the noise in x. */
function denoiseOnnx({ schema, network, params }: JointModel): Uint8Array {
  const { total } = vectorLength(schema)
  const own = jointNetwork(schema, network)
  return exportOnnx(
    (x, time, sizes) => own.apply(params, x, time, sizes),
    [zeros([1, total]), zeros([1]), zeros([1], 'int32')] as const as [
      ReturnType<typeof zeros>,
      ReturnType<typeof zeros>,
      ReturnType<typeof zeros>,
    ],
    { arguments: ['x', 'time', 'sizes'], outputs: ['noise'] },
  )
}

/**
 * Reads a model from the folder that `train` wrote, or its file.
 *
 * @throws InputError where there is none, or one of another kind.
 * @example
 * import { signedBalance, signedBalanceSchema } from 'quire/graphs'
 *
 * const options = { batch: 4, network: { width: 8, edgeWidth: 4, layers: 1, heads: 2 } }
 * const { trainer, model } = trainingOf(signedBalance({ count: 4, seed: 0 }), signedBalanceSchema(), options)
 * await saveModel('ties', model(trainer.start().params))
 * loadModel('ties').schema.maxNodes // 8
 */
export function loadModel(path: string): JointModel {
  const file = isFolder(path) ? join(path, modelFile) : path
  const { tensors, metadata } = readSafetensors(contentOf(file, path), file)
  const found = card.safeParse(parsed(metadata.quire))
  if (!found.success)
    throw new InputError('is no generator of graphs', { where: file, fix: 'give the folder that quire joint-graph train wrote' })
  const { kind: _, ...rest } = found.data
  return { ...rest, params: weightsOf(rest, tensors, file) }
}

const weightsOf = ({ schema, network }: Omit<JointModel, 'params'>, tensors: Readonly<Record<string, NDArray>>, file: string) =>
  fromArrays({ ...tensors }, jointNetwork(schema, network).init(key(0)), file)

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

function contentOf(file: string, path: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new InputError('there is no model', { where: path, fix: 'give the folder that quire joint-graph train wrote', cause })
  }
}
