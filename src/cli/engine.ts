import { zerosArray } from '../engine/array.ts'
import { fromArray, InputError } from '../engine/index.ts'
import { explain, explanationText, profile, profileText } from '../engine/inspect/index.ts'
import { type ImportedModel, readOnnx } from '../engine/onnx/index.ts'
import { dtypeOf } from '../engine/onnx/tensors.ts'
import type { Shell } from './cli.ts'

export interface ExplainOptions {
  readonly shape?: readonly string[]
  readonly profile?: boolean
  readonly json?: boolean
}

/** quire engine explain FILE.onnx: what a model costs, and with --profile where its time goes. */
export async function engineExplain({ terminal }: Shell, file: string, options: ExplainOptions): Promise<number> {
  const model = await readOnnx(file)
  const shapes = inputShapes(model, options.shape ?? [], file)
  const inputs = Object.fromEntries(
    model.inputs.map(({ name, dtype = 'float32' }) => [name, fromArray(zerosArray(shapes[name], dtypeOf[dtype]))]),
  )
  const run = (parameters: ImportedModel['parameters'], given: typeof inputs) => model.apply(parameters, given)
  const explanation = await explain(run, model.parameters, inputs)
  const timed = options.profile ? await profile(run, [model.parameters, inputs]) : undefined
  if (options.json) {
    terminal.out(JSON.stringify({ file, inputs: shapes, ...explanation, ...(timed && { profile: timed }) }, null, 2))
    return 0
  }
  terminal.out(`${file}: ${model.inputs.map(({ name }) => `${name} [${shapes[name].join(', ')}]`).join(', ')}`)
  terminal.out(explanationText(explanation, { by: ['operation'] }))
  if (timed) terminal.out(`\n${profileText(timed, { by: ['operation'] })}`)
  return 0
}

/** The shapes as the options say; else those of the file, with 1 for every extent that the file leaves open. */
function inputShapes({ inputs }: ImportedModel, given: readonly string[], where: string): Record<string, number[]> {
  const shapes = Object.fromEntries(
    inputs.map(({ name, shape }) => [name, (shape ?? []).map((extent) => (typeof extent === 'number' ? extent : 1))]),
  )
  for (const text of given) {
    const [, name, extents] = /^(.+)=(\d+(?:x\d+)*)$/.exec(text) ?? []
    if (name === undefined) throw new InputError(`--shape ${text} is no shape`, { fix: 'write it like image=1x3x224x224' })
    if (!(name in shapes)) throw new InputError(`there is no input '${name}'`, { where, fix: `it has ${Object.keys(shapes).join(', ')}` })
    shapes[name] = extents.split('x').map(Number)
  }
  return shapes
}
