import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type NDArray, ndarray, sizeOf } from '../src/engine/array.ts'
import { evaluate, fromArray, grad, key, random, sum, type Tensor, tensor } from '../src/engine/index.ts'
import { readSafetensors, writeSafetensors } from '../src/engine/safetensors.ts'
import { attackExplanation, attackKinds, attackOn } from '../src/methods/r2et/attack.ts'
import { differenceAlongSign, frobenius, slopeAlongSign, topEigenvalue } from '../src/methods/r2et/curvature.ts'
import { smoothNetwork } from '../src/methods/r2et/network.ts'
import { type ObjectiveOptions, r2etObjective } from '../src/methods/r2et/objective.ts'
import { gap, topMask } from '../src/methods/r2et/ranking.ts'
import { quantityNames, saliency, saliencyMethods } from '../src/methods/r2et/saliency.ts'
import type { LayeredParams } from '../src/nn/index.ts'
import { keep, python, workFolder } from './python.ts'

/** Relative to the largest element: rounding of float64, through second and third derivatives. */
const tolerance = 1e-9

const [rows, features, hidden, beta, k, pairs] = [12, 9, [10, 8], 4, 3, 2] as const
const attack = { eps: 0.5, steps: 25 } as const
const lambdas = { lambda1: 0.3, lambda2: 0.2 } as const

/** The objectives that are differentiated by the parameters; the script has them by the same names. */
const objectives: Readonly<Record<string, Omit<ObjectiveOptions, 'k'>>> = {
  plain: {},
  r2et: lambdas,
  mm: { ...lambdas, pairs },
  exact: { ...lambdas, curvature: 'exact' },
  eigen: { ...lambdas, curvature: 'topEigen' },
  difference: { ...lambdas, curvature: 'fd' },
  code: { ...lambdas, pairs: 'code', form: 'exp' },
  normalized: { ...lambdas, normalize: 'l1' },
  adaptive: { ...lambdas, pairs, adaptive: true },
}

const wide = async (x: Tensor): Promise<NDArray> => ndarray(Float64Array.from(await x.data()), x.shape, 'float64')

/** A network of so many classes in float64, points, and points beside them at which attacks are differentiated. */
async function subject(classes: number) {
  const network = smoothNetwork({ features, classes, hidden, beta })
  const { layers } = await evaluate(network.init(key(classes)))
  const arrays: Record<string, NDArray> = { x: await wide(random.normal(key(5), [rows, features])) }
  for (const [i, { weight, bias }] of layers.entries()) {
    arrays[`weight${i}`] = await wide(weight)
    // Fresh biases are 0, which would leave their gradients untested at other places.
    arrays[`bias${i}`] = await wide(random.normal(key(40 + i), bias.shape))
  }
  const y = Int32Array.from({ length: rows }, (_, row) => row % classes)
  const beside = ndarray(
    Float64Array.from(arrays.x.data, (v, i) => v + 0.1 * Math.cos(i)),
    [rows, features],
    'float64',
  )
  const params: LayeredParams = {
    layers: layers.map((_, i) => ({ weight: fromArray(arrays[`weight${i}`]), bias: fromArray(arrays[`bias${i}`]) })),
  }
  arrays.beside = beside
  return { network, params, arrays, y }
}

/** Everything that the script computes too, by name. */
async function own({ network, params, arrays, y }: Awaited<ReturnType<typeof subject>>): Promise<Record<string, Tensor>> {
  const classify = (x: Tensor) => network.apply(params, x)
  const [x, beside] = [fromArray(arrays.x), fromArray(arrays.beside)]
  const labels = tensor(y, { dtype: 'int32' })
  const map = saliency(classify, x)
  const mask = topMask(map, k)
  const found: Record<string, Tensor> = {
    'gap all': gap(map, mask, k),
    'gap hardest': gap(map, mask, k, { pairs }),
    'gap code': gap(map, mask, k, { pairs: 'code', form: 'exp' }),
    'norm along signs': slopeAlongSign(classify, x),
    'norm by difference': differenceAlongSign(classify, x),
    'norm of Frobenius': frobenius(classify, x),
    'largest eigenvalue': topEigenvalue(classify, x),
  }
  for (const of of quantityNames) found[`saliency ${of}`] = saliency(classify, x, { of })
  // Smoothing draws noise, which is Quire's own.
  for (const method of saliencyMethods)
    if (method !== 'smoothGrad') found[`saliency ${method}`] = saliency(classify, x, { method, abs: false })
  for (const [name, options] of Object.entries(objectives)) {
    const objective = (params: LayeredParams) => r2etObjective(network, { k, ...options })(params, { x, y: labels })
    found[`objective ${name}`] = objective(params)
    grad(objective)(params).layers.forEach(({ weight, bias }, i) => {
      found[`gradient ${name} weight${i}`] = weight
      found[`gradient ${name} bias${i}`] = bias
    })
  }
  for (const kind of attackKinds) {
    const { target, loss } = attackOn(classify, { kind, k })
    const aim = target(x)
    found[`attack ${kind}`] = loss(beside, aim)
    found[`slope ${kind}`] = grad((x: Tensor) => sum(loss(x, aim)))(beside)
  }
  const walked = await attackExplanation(network, params, x, { kind: 'er', k, ...attack, starts: 1, key: key(0) })
  return { ...found, 'end of a whole attack': walked.adversarial, 'loss of a whole attack': walked.loss }
}

function distance(a: NDArray, b: NDArray | undefined): number {
  if (!b || `${a.shape}` !== `${b.shape}`) return Number.POSITIVE_INFINITY
  const largest = Math.max(1e-300, ...Array.from(b.data, Math.abs))
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]) / largest))
}

/** Names as the page groups them. */
const groupOf = (name: string): string =>
  name
    .replace(/^(saliency|gap|objective|attack|slope) .*/, '$1')
    .replace(/^gradient .*/, 'gradient by parameters')
    .replace(/^(norm|largest).*/, 'norms of the Hessian')

test('terms, objectives, attacks and their derivatives are those of PyTorch', async () => {
  const worst: Record<string, { numbers: number; distance: number }> = {}
  const faults: string[] = []
  let version = ''
  for (const classes of [2, 3]) {
    const work = workFolder(`explanations-${classes}`)
    const given = await subject(classes)
    writeFileSync(join(work, 'given.safetensors'), writeSafetensors({ ...given.arrays, y: ndarray(given.y, [rows], 'int32') }))
    writeFileSync(join(work, 'given.json'), JSON.stringify({ k, pairs, beta, layers: hidden.length + 1, ...attack, ...lambdas }))
    ;({ version } = python('explanations.py', work) as { version: string })
    const theirs = readSafetensors(readFileSync(join(work, 'torch.safetensors'))).tensors
    for (const [name, tensor] of Object.entries(await evaluate(await own(given)))) {
      const array = await tensor.ndarray()
      const away = distance(array, theirs[name])
      const group = groupOf(name)
      const { numbers = 0, distance: before = 0 } = worst[group] ?? {}
      worst[group] = { numbers: numbers + sizeOf(array.shape), distance: Math.max(before, away) }
      // A difference of gradients, divided by h = 1e-3, keeps three digits fewer.
      if (!(away <= (name.includes('difference') ? 1e3 : 1) * tolerance)) faults.push(`${classes} classes, ${name}: ${away}`)
    }
  }
  keep('explanations', { version, tolerance, rows: Object.entries(worst).map(([name, found]) => ({ name, ...found })) })
  expect(faults).toEqual([])
})
