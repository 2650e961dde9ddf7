import { expect, test } from 'vitest'
import { type Node, topological } from '../../engine/graph/node.ts'
import { dependents, trace } from '../../engine/graph/trace.ts'
import {
  add,
  buffer,
  customVjp,
  evaluate,
  eye,
  fold,
  grad,
  iota,
  isTensor,
  key,
  mapTree,
  matmul,
  mean,
  mul,
  ones,
  random,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from '../../engine/index.ts'
import { crossEntropy, mlp } from '../../nn/index.ts'
import { type Distribution, distributions, drawDirection, givenDirections, keyedDirections } from './directions.ts'
import { forwardGradient, innerProduct } from './forward-gradient.ts'

const f64 = { dtype: 'float64' } as const
const normal = (seed: number, shape: readonly number[]) => random.normal(key(seed), shape, f64)

/** A network with two weights and a bias, in float64. */
const params = () => evaluate({ first: normal(1, [4, 3]), bias: normal(2, [3]), second: normal(3, [3, 2]) })
type Params = Awaited<ReturnType<typeof params>>
const x = normal(4, [5, 4])
const loss = ({ first, bias, second }: Params): Tensor => mean(square(matmul(tanh(add(matmul(x, first), bias)), second)))

test('the derivative along u is that of central differences, and ⟨∇f, u⟩ of reverse mode', async () => {
  const at = await params()
  const directions = keyedDirections(key(7), at)
  const u = await evaluate(drawDirection(fold(key(7), 0), at, 'gaussian'))
  const [slope] = await forwardGradient(loss, at, { directions }).directional.data()
  const moved = (h: number) => loss(mapTree<Params>(at, (w: Tensor, path) => add(w, mul(pathOf(u, path), h)))).item()
  const h = 1e-5
  expect(Math.abs(((await moved(h)) - (await moved(-h))) / (2 * h) / slope - 1)).toBeLessThan(1e-7)
  expect(Math.abs((await innerProduct(grad(loss)(at), u).item()) / slope - 1)).toBeLessThan(1e-12)
})

const pathOf = (tree: unknown, path: string): Tensor => (tree as Record<string, Tensor>)[path]

test('the estimate is the derivative times the direction, with one derivative for all tensors', async () => {
  const at = await params()
  const { gradient, directional, value } = forwardGradient(loss, at, { directions: keyedDirections(key(7), at) })
  const u = drawDirection(fold(key(7), 0), at, 'gaussian')
  const slope = (await directional.data())[0]
  for (const path of ['first', 'bias', 'second']) {
    const [g, d] = [await pathOf(gradient, path).data(), await pathOf(u, path).data()]
    g.forEach((value, i) => {
      expect(value).toBeCloseTo(slope * d[i], 12)
    })
  }
  expect(await value.item()).toBe(await loss(at).item())
})

/** Moments of φ = ⟨g, u⟩u for a fixed g over many draws. */
async function moments(distribution: Distribution, draws: number) {
  const g = tensor([3, -1, 0.5, 2, 0, -2.5], f64)
  const f = (w: Tensor) => innerProduct(w, g)
  const one = (n: Tensor) => forwardGradient(f, g, { directions: keyedDirections(fold(key(11), n), g, { distribution }) }).gradient
  const phi = vmap(one)(iota(draws, 'uint32'))
  const found = [g, mean(phi, { axes: 0 }), mean(square(phi), { axes: 0 }), sum(square(phi), { axes: 1 })]
  return Promise.all((await evaluate(found)).map(async (values) => Array.from(await values.data())))
}

test.each(distributions)('over %s directions the estimate has the mean ∇f and the known second moment', async (distribution) => {
  const draws = 100_000
  const [g, mean, squares, norms] = await moments(distribution, draws)
  const d = g.length
  mean.forEach((value, i) => {
    expect(Math.abs(value - g[i])).toBeLessThan(4 * Math.sqrt((squares[i] - value ** 2) / draws))
  })
  const squared = g.reduce((total, gi) => total + gi ** 2, 0)
  const average = norms.reduce((total, value) => total + value, 0) / draws
  const deviation = Math.sqrt(norms.reduce((total, value) => total + (value - average) ** 2, 0) / draws)
  const expected = (distribution === 'gaussian' ? d + 2 : d) * squared
  expect(Math.abs(average - expected)).toBeLessThan((4 * deviation) / Math.sqrt(draws))
})

test('as many orthogonal directions as parameters, of length √d, give the exact gradient', async () => {
  const at = normal(5, [6])
  const f = (w: Tensor) => sum(tanh(mul(w, w)))
  const directions = givenDirections(mul(eye(6, 'float64'), Math.sqrt(6)))
  const exact = await grad(f)(at).data()
  for (const batched of [true, false]) {
    const { gradient } = forwardGradient(f, at, { directions, batched })
    ;(await gradient.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(exact[i], 12)
    })
  }
})

test('several directions at once are the mean of each alone', async () => {
  const at = await params()
  const directions = keyedDirections(key(3), at, { count: 3 })
  const [together, inTurn] = await Promise.all(
    [true, false].map((batched) => evaluate(forwardGradient(loss, at, { directions, batched }).gradient)),
  )
  const each = await Promise.all([0, 1, 2].map((j) => evaluate(drawDirection(fold(key(3), j), at, 'gaussian'))))
  const slopes = await Promise.all(each.map((u) => innerProduct(grad(loss)(at), u).item()))
  for (const path of ['first', 'bias', 'second']) {
    const us = await Promise.all(each.map((u) => pathOf(u, path).data()))
    const [a, b] = [await pathOf(together, path).data(), await pathOf(inTurn, path).data()]
    a.forEach((value, i) => {
      const expected = us.reduce((total, u, j) => total + (slopes[j] * u[i]) / 3, 0)
      expect(value).toBeCloseTo(expected, 11)
      expect(b[i]).toBeCloseTo(expected, 11)
    })
  }
})

test('a control variate that is the gradient leaves no noise', async () => {
  const at = await params()
  const center = await evaluate(grad(loss)(at))
  const { gradient } = forwardGradient(loss, at, { directions: keyedDirections(key(1), at), center })
  for (const path of ['first', 'bias', 'second']) {
    const exact = await pathOf(center, path).data()
    ;(await pathOf(gradient, path).data()).forEach((value, i) => {
      expect(value).toBeCloseTo(exact[i], 10)
    })
  }
})

test('parameters that are to be exact are, and the others are estimated from their own part alone', async () => {
  const at = await params()
  const { gradient, directional } = forwardGradient(loss, at, {
    directions: keyedDirections(key(1), at),
    exact: (path) => path === 'second',
  })
  const known = await evaluate(grad(loss)(at))
  const u = await evaluate(drawDirection(fold(key(1), 0), at, 'gaussian'))
  const [second, exact] = [await gradient.second.data(), await known.second.data()]
  second.forEach((value, i) => {
    expect(value).toBeCloseTo(exact[i], 12)
  })
  const { second: _, ...rest } = known
  expect((await directional.data())[0]).toBeCloseTo(await innerProduct(rest, { first: u.first, bias: u.bias }).item(), 10)
})

test('buffers are no parameters: they have no direction and come back as the loss left them', async () => {
  const at = { w: tensor([1, 2], f64), seen: buffer(tensor([5, 5], f64)) }
  const f = ({ w, seen }: typeof at) => [sum(mul(w, w)), { w, seen: add(seen, w) }] as const
  const { gradient, aux } = forwardGradient(f as never, at, { directions: keyedDirections(key(0), { w: at.w, seen: undefined } as never) })
  expect(isTensor(gradient.seen)).toBe(false)
  expect(await (aux as typeof at).seen.data()).toEqual(Float64Array.of(6, 7))
})

/**
 * Whether some layer's activations are read by something that depends on a layer two or more further on. A backward pass does that at every layer, and
 * so has to keep them all; in forward mode they are read for the next layer's value and tangent, and never again. Each layer has one tanh.
 */
function readsBack(outputs: readonly Node[]): boolean {
  const nodes = topological(outputs)
  const layers = nodes.filter(({ primitive }) => primitive.name === 'tanh')
  return layers.some((layer, i) => {
    const later = dependents(outputs, layers.slice(i + 2))
    const itself = new Set([layer])
    // What is made of the activations alone is as good as the activations: transposed, squared.
    for (const node of nodes)
      if (node.inputs.some((x) => itself.has(x)) && node.inputs.every((x) => itself.has(x) || x.constant)) itself.add(node)
    return nodes.some((node) => later.has(node) && !itself.has(node) && node.inputs.some((x) => itself.has(x)))
  })
}

test('there is no backward pass in the graph: no layer is read again once the next is there', () => {
  const network = mlp({ sizes: [8, 6, 6, 6, 6, 3], activation: tanh })
  const at = network.init(key(0))
  const inputs = random.normal(key(1), [16, 8])
  const labels = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 3))
  const f = (p: typeof at) => crossEntropy(network.apply(p, inputs), labels)
  const forward = trace((p: typeof at) => forwardGradient(f, p, { directions: keyedDirections(key(2), p) }), [at])
  const reverse = trace((p: typeof at) => grad(f)(p), [at])
  expect(readsBack(forward.outputs)).toBe(false)
  expect(readsBack(reverse.outputs)).toBe(true)
  // Forward mode multiplies with each weight once for the value and at most twice for the tangent.
  const products = topological(forward.outputs).filter(({ primitive }) => primitive.name === 'matmul')
  expect(products.length).toBeLessThanOrEqual(3 * 5)
})

test('directions follow from the key, and from the tensor’s place', async () => {
  const like = { a: normal(0, [3]), b: normal(0, [3]) }
  const [u, again] = await Promise.all([0, 1].map(() => evaluate(drawDirection(key(5), like, 'gaussian'))))
  expect(await u.a.data()).toEqual(await again.a.data())
  expect(await u.a.data()).not.toEqual(await u.b.data())
})

test('directions on the sphere have the length √d over all tensors', async () => {
  const like = { a: normal(0, [3, 4]), b: normal(0, [5]) }
  expect(await innerProduct(...(Array(2).fill(drawDirection(key(5), like, 'sphere')) as [unknown, unknown])).item()).toBeCloseTo(17, 10)
})

test('a loss that is no scalar is refused by its shape; what has no rule for tangents is named', async () => {
  const w = normal(0, [3])
  const directions = keyedDirections(key(0), w)
  expect(() => forwardGradient((p: Tensor) => mul(p, 2), w, { directions })).toThrow(/the loss is a tensor \[3\], not a scalar/)
  const backwardOnly = customVjp(
    (p: Tensor) => sum(p),
    (_, ct) => [mul(ones([3], 'float64'), ct)],
  )
  expect(() => forwardGradient((p: Tensor) => backwardOnly(p), w, { directions })).toThrow(/customVjp/)
})
