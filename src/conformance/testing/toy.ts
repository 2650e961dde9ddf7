import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { loadTabularOrImages } from '../../data/index.ts'
import { fromArray, InputError, matmul, ndarray, type Tensor, zeros } from '../../engine/index.ts'
import { exportOnnx } from '../../engine/onnx/export.ts'
import { readSafetensors, writeSafetensors } from '../../engine/safetensors.ts'
import { type Experiment, experiment, type Report, runExperiment, type UnitContext, writeAtomically } from '../../experiment/index.ts'
import { curve } from '../../experiment/verdict/results.ts'
import { type Method, type Verb, verb } from '../../methods/method.ts'
import { filledReadme, shortened } from '../measured.ts'
import '../../experiment/testing/faults.ts'

const config = z.object({
  steps: z.number().int().positive().max(10_000).default(20).describe('steps of the descent'),
  rate: z.number().positive().max(1).default(0.1).describe('learning rate'),
  momentum: z.number().min(0).lt(1).default(0.5).describe('share of the last step that is taken again'),
  noise: z.number().min(0).default(0.01).describe('spread of the noise on a gradient'),
  start: z.enum(['near', 'far']).default('far').describe('where it starts'),
})
export type ToyConfig = z.output<typeof config>

/** A number in [-1, 1) that depends only on its arguments. */
export const jitter = (seed: number, step: number): number => (((seed * 7919 + step * 104729 + 12345) * 2654435761) % 2 ** 32) / 2 ** 31 - 1

/** Heavy-ball descent on x²/2, checkpointed every three steps. */
export async function descent({ config, seed, log, checkpoint, progress, artifact }: UnitContext<ToyConfig, number>) {
  const before = await checkpoint.latest()
  let [x, step] = [...(before?.tensors.state.data ?? [config.start === 'far' ? 10 : 1, 0])]
  for (let k = (before?.step ?? 0) + 1; k <= config.steps; k++) {
    step = config.momentum * step - config.rate * (x + config.noise * jitter(seed, k))
    x += step
    log(k, { loss: (x * x) / 2 })
    await progress(k, config.steps)
    if (k % 3 === 0) await checkpoint.save(k, { state: ndarray(Float64Array.of(x, step), [2], 'float64') })
  }
  await artifact('weights.safetensors', writeSafetensors({ x: ndarray(Float32Array.of(x), [1], 'float32') }))
  return { measurements: { loss: (x * x) / 2 } }
}

export const toyExperiment = (changes: Partial<Experiment<ToyConfig, number>> = {}): Experiment =>
  experiment({
    method: 'toy',
    config,
    presets: { smoke: { seeds: 1 }, small: { seeds: 3 }, paper: { seeds: 3, config: { steps: 100 } } },
    data: async () => ({ provenance: { name: 'nothing', real: false, source: 'none', sha256: 'abc' }, value: 0 }),
    arms: () => [
      { id: 'descent', label: 'descent', kind: 'method' },
      { id: 'slow', label: 'a hundredth of the rate', kind: 'baseline', config: { rate: 1e-3 } },
      { id: 'no-steps', label: 'no rate', kind: 'control', config: { rate: 1e-12 } },
    ],
    unit: descent,
    estimate: ({ config: { steps } }) => ({ parameters: 1, flops: 5 * steps, bytes: 16 }),
    claims: [
      {
        id: 'descends',
        statement: { en: 'The loss ends below 1', zh: '损失降到 1 以下' },
        paper: { value: 0, unit: '', where: 'Table 1' },
        arm: 'descent',
        baseline: { arm: 'slow', value: ({ measurements }) => measurements.loss },
        measure: ({ measurements }) => measurements.loss,
        threshold: 1,
        direction: 'atMost',
      },
    ],
    controls: [{ id: 'no-steps', arm: 'no-steps', breaks: ['descends'], broken: { en: 'the rate is zero', zh: '学习率为零' } }],
    figures: (results) => [
      {
        id: 'loss',
        title: { en: 'The loss', zh: '损失' },
        kind: 'line',
        xLabel: { en: 'step', zh: '步' },
        yLabel: { en: 'loss', zh: '损失' },
        series: ['descent', 'slow'].map((arm) => curve(results, arm, 'loss')),
        ariaDescription: { en: 'The loss falls', zh: '损失下降' },
      },
    ],
    learning: { arm: 'descent', series: 'loss', direction: 'down', without: { rate: 1e-12 } },
    ...changes,
  } as Experiment<ToyConfig, number>) as Experiment

const fitOptions = z.object({
  data: z.string().describe('a CSV with a header'),
  target: z.string().optional().describe('the column to predict'),
  scale: z.number().positive().default(1).describe('what weights are multiplied with'),
  out: z.string().default('toy').describe('folder for the weights'),
})

/** The mean of each feature as weights: a file of float32 and an ONNX model. */
export const fitVerb = verb({
  name: 'fit',
  summary: { en: 'Averages a table', zh: '求表的平均' },
  options: fitOptions,
  positional: 'data',
  example: 'quire toy fit credit.csv --target default --out toy',
  async run({ options: { data, target, scale, out } }) {
    const { x } = await loadTabularOrImages(data, { target })
    const [rows, features] = x.shape
    const weights = Float32Array.from({ length: features }, (_, j) => {
      let total = 0
      for (let i = 0; i < rows; i++) total += x.data[i * features + j] / rows
      return scale * total
    })
    const array = ndarray(weights, [features, 1], 'float32')
    const model = exportOnnx((z: Tensor) => matmul(z, fromArray(array)), [zeros([1, features])])
    makeFolder(out)
    writeAtomically(join(out, 'weights.safetensors'), writeSafetensors({ weights: array }))
    writeAtomically(join(out, 'model.onnx'), model)
    return { lines: [`${features} weights`], json: { features } }
  },
})

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw new InputError('it is no folder to write to', { where: `--out ${folder}`, fix: 'give another', cause })
  }
}

export const showVerb = verb({
  name: 'show',
  summary: { en: 'Shows weights', zh: '显示权重' },
  options: z.object({ model: z.string().describe('the folder that fit wrote') }),
  positional: 'model',
  example: 'quire toy show toy',
  async run({ options: { model } }) {
    const file = join(model, 'weights.safetensors')
    let bytes: Uint8Array
    try {
      bytes = readFileSync(file)
    } catch (cause) {
      throw new InputError('there are no weights', { where: model, fix: 'write some with quire toy fit', cause })
    }
    const { tensors } = readSafetensors(bytes, file)
    return { json: Object.keys(tensors), lines: Object.keys(tensors) }
  },
})

const sound = toyExperiment()

/** A method that passes every check, or one with something changed that must fail one. */
export const toy = (changes?: Partial<Experiment<ToyConfig, number>>, verbs: readonly Verb[] = [fitVerb, showVerb]): Method => ({
  number: 99,
  name: 'toy',
  title: 'A toy',
  arxiv: '0000.00000',
  area: 'toys',
  summary: { en: 'Descends.', zh: '下降。' },
  experiment: async () => (changes ? toyExperiment(changes) : sound),
  settings: async () => ({}),
  verbs: async () => verbs,
})

export const toyReadme = `# Toy

**What it is for.** Tests.

## On your data

\`\`\`sh
quire sample credit.csv
npx quire toy fit credit.csv --target default --out toy   # averages
quire toy show toy
\`\`\`

## The claims, measured

<!-- measured -->
<!-- /measured -->

## Where it differs from the paper

Nowhere.
`

/** The report of a small run, one for each experiment. */
const smallRuns = new Map<Experiment, Promise<Report>>()

function smallRun(definition: Experiment): Promise<Report> {
  const folder = join(mkdtempSync(join(tmpdir(), 'quire-toy-')), 'run')
  const run = smallRuns.get(definition) ?? runExperiment(definition, { preset: 'small', folder }).then(({ report }) => report)
  smallRuns.set(definition, run)
  return run
}

/** A repository with a method's README, whose numbers come from a small run of it. */
export async function repositoryWith(
  method: Method,
  change: (readme: string, measured: string) => [string, string] = (...texts) => texts,
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'quire-toy-'))
  const definition = await method.experiment()
  const runs = { measured: shortened(await smallRun(definition)) }
  const [readme, measured] = change(
    filledReadme(toyReadme.replace('measured -->\n<!--', 'measured -->\n\n<!--'), runs, definition),
    JSON.stringify(runs, null, 1),
  )
  const folder = join(root, 'src', 'methods', definition.method)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'README.md'), readme)
  writeFileSync(join(folder, 'measured.json'), measured)
  return root
}
