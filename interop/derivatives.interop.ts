import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sizeOf } from '../src/engine/array.ts'
import { add, evaluate, grad, isDifferentiable, jvp, mul, type NDArray, square, sum, type Tensor } from '../src/engine/index.ts'
import { apply } from '../src/engine/primitives/define.ts'
import { primitiveTable } from '../src/engine/primitives/table.ts'
import { readSafetensors, writeSafetensors } from '../src/engine/safetensors.ts'
import { direction, inputsOf } from '../src/engine/testing/checks.ts'
import { samples } from '../src/engine/testing/samples.ts'
import { functionPrograms } from './functions.ts'
import { randomProgram } from './generator.ts'
import type { Program } from './program.ts'
import { keep, python, workFolder } from './python.ts'

/** Relative to the largest element: rounding of float64, through second derivatives. */
const tolerance = 1e-9
const randomPrograms = 200
/** So many programs are compiled together, which is quicker than one by one. */
const perGraph = 40

/** float32 would hide small differences. */
const dtypes = new Set(['float64', 'int32', 'uint32', 'bool'])

const activeOf = (inputs: readonly Tensor[]): number[] => inputs.flatMap((x, i) => (isDifferentiable(x) ? [i] : []))

/** Every sample that is one primitive on these dtypes, as a program of one instruction. */
const singles = primitiveTable.flatMap((primitive): Program[] =>
  (samples[primitive.name] ?? []).flatMap((sample) => {
    const inputs = inputsOf(sample, 'float64')
    if (sample.run || inputs.some(({ dtype }) => !dtypes.has(dtype))) return []
    const results = primitive.infer(inputs, sample.attributes ?? {})
    if (results.some(({ dtype }) => !dtypes.has(dtype))) return []
    const isSmooth = sample.derivatives === undefined && results.some(({ dtype }) => dtype.startsWith('float'))
    return [
      {
        name: primitive.name,
        inputs,
        steps: [{ op: primitive.name, inputs: inputs.map((_, i) => i), attributes: sample.attributes ?? {} }],
        outputs: results.map((_, i) => inputs.length + i),
        derivatives: isSmooth && inputs.some(isDifferentiable) ? 2 : 0,
        active: activeOf(inputs),
      },
    ]
  }),
)

/** Those whose samples a library cannot be given stand among the functions in a form that it can. */
const restated = new Set(functionPrograms.map(({ name }) => name))
const programs = [
  ...singles.filter(({ name }) => !restated.has(name)),
  ...functionPrograms,
  ...Array.from({ length: randomPrograms }, (_, seed) => randomProgram(seed)),
]

const primitives = new Map(primitiveTable.map((primitive) => [primitive.name, primitive]))

const run = ({ steps, outputs, run }: Program, inputs: readonly Tensor[]): readonly Tensor[] => {
  if (run) return run(...inputs)
  const values = [...inputs]
  for (const { op, inputs, attributes } of steps)
    values.push(
      ...apply(
        primitives.get(op)!,
        inputs.map((i) => values[i]),
        attributes,
      ),
    )
  return outputs.map((i) => values[i])
}

const weightsOf = (program: Program): Tensor[] =>
  run(program, program.inputs)
    .filter(isDifferentiable)
    .map((y, i) => direction(y, 0.4 + 0.1 * i))
const directionsOf = ({ inputs }: Program): Tensor[] => inputs.map((x, i) => direction(x, 0.1 + 0.27 * i))

/** The derivative along a direction; its gradient is the second derivative for what has no forward mode. */
const steepness =
  (loss: (x: Tensor[]) => Tensor, directions: readonly Tensor[]) =>
  (x: Tensor[]): Tensor =>
    grad(loss)(x)
      .map((g, i) => sum(mul(g, directions[i])))
      .reduce((a, b) => add(a, b))

/** The results by the names that the scripts give them. */
function own(program: Program, k: number): Record<string, Tensor> {
  const places = program.active
  const named = (kind: string, tensors: readonly Tensor[], at: readonly number[] = tensors.map((_, i) => i)) =>
    tensors.map((x, i): [string, Tensor] => [`${k}.${kind}.${at[i]}`, x])
  const values = named('value', run(program, program.inputs))
  if (program.derivatives === 0) return Object.fromEntries(values)
  const weights = weightsOf(program)
  const loss = (active: Tensor[]) => {
    const inputs = [...program.inputs]
    places.forEach((place, i) => {
      inputs[place] = active[i]
    })
    const terms = run(program, inputs).filter(isDifferentiable)
    return terms.map((y, i) => sum(mul(weights[i], add(square(y), y)))).reduce((a, b) => add(a, b))
  }
  const active = places.map((i) => program.inputs[i])
  if (program.derivatives === 1) return Object.fromEntries([...values, ...named('gradient', grad(loss)(active), places)])
  const along = directionsOf(program)
  const directions = places.map((i) => along[i])
  if (program.reverseOnly)
    return Object.fromEntries([
      ...values,
      ...named('gradient', grad(loss)(active), places),
      ...named('second', grad(steepness(loss, directions))(active), places),
    ])
  const { value, tangent } = jvp((x: Tensor[]) => grad(loss)(x), [active], [directions])
  return Object.fromEntries([...values, ...named('gradient', value, places), ...named('second', tangent, places)])
}

function distance(a: NDArray, b: NDArray): number {
  if (`${a.shape}` !== `${b.shape}`) return Number.POSITIVE_INFINITY
  const largest = Math.max(1, ...Array.from(b.data, (value) => (Number.isFinite(value) ? Math.abs(value) : 0)))
  return Array.from(a.data).reduce((worst, value, i) => {
    const other = b.data[i]
    return Object.is(value, other) || value === other
      ? worst
      : Math.max(worst, Math.abs(value - other) / largest || Number.POSITIVE_INFINITY)
  }, 0)
}

test('values, gradients and second derivatives are those of PyTorch and JAX', async () => {
  const work = workFolder('programs')
  const tensors: Record<string, NDArray> = {}
  const described = await Promise.all(
    programs.map(async (program, k) => {
      const parts = { inputs: program.inputs, directions: directionsOf(program), weights: weightsOf(program) }
      for (const [kind, list] of Object.entries(parts))
        for (const [i, x] of list.entries()) tensors[`${k}.${kind}.${i}`] = await x.ndarray()
      const counts = Object.fromEntries(Object.entries(parts).map(([kind, list]) => [kind, list.length]))
      const { name, steps, outputs, derivatives, active, reverseOnly = false } = program
      return { name, steps, outputs, derivatives, active, reverseOnly, ...counts }
    }),
  )
  writeFileSync(join(work, 'programs.json'), JSON.stringify(described))
  writeFileSync(join(work, 'programs.safetensors'), writeSafetensors(tensors))

  const results: Record<string, NDArray> = {}
  for (let k = 0; k < programs.length; k += perGraph) {
    const outputs = await evaluate(Object.assign({}, ...programs.slice(k, k + perGraph).map((program, i) => own(program, k + i))))
    for (const [name, x] of Object.entries<Tensor>(outputs)) results[name] = await x.ndarray()
  }

  const rows = ['torch', 'jax'].map((library) => {
    const { version, missing } = python('programs.py', library, work) as { version: string; missing: [number, string, string][] }
    const theirs = readSafetensors(readFileSync(join(work, `${library}.safetensors`))).tensors
    const left = new Map(missing.map(([k, op, why]) => [k, { op, why }]))
    const worst = { value: 0, gradient: 0, second: 0 }
    const compared = new Set<string>()
    let numbers = 0
    const faults: string[] = []
    for (const [name, array] of Object.entries(results)) {
      const [k, kind] = name.split('.') as [string, keyof typeof worst]
      const program = programs[Number(k)]
      if (left.has(Number(k))) continue
      compared.add(program.name)
      const away = distance({ ...array, data: Float64Array.from(array.data) }, theirs[name] ?? { shape: [-1], data: [], dtype: 'float64' })
      numbers += sizeOf(array.shape)
      if (away > tolerance)
        faults.push(`${program.name} (${name}): ${away} ${JSON.stringify(program.steps)} ${array.data} against ${theirs[name]?.data}`)
      worst[kind] = Math.max(worst[kind], away)
    }
    return {
      library,
      version,
      programs: programs.length - left.size,
      primitives: compared.size - 1,
      numbers,
      worst,
      faults,
      // Of those that could be asked in no form.
      missing: [...new Map([...left].map(([k, { why }]) => [programs[k].name, why]))].filter(([name]) => !compared.has(name)).sort(),
    }
  })
  const asked = new Set(programs.map(({ name }) => name))
  const table = primitiveTable.filter(({ kind }) => kind !== 'structural').map(({ name }) => name)
  keep('derivatives', { tolerance, randomPrograms, rows: rows.map(({ faults, ...row }) => row), asked: asked.size - 1 })
  expect(table.filter((name) => !asked.has(name))).toEqual([])
  expect(rows.flatMap(({ library, faults }) => faults.map((fault) => `${library}: ${fault}`))).toEqual([])
})
