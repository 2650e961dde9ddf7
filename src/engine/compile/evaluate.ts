import { type NDArray, sizeOf } from '../array.ts'
import { InputError } from '../errors.ts'
import { type Node, topological } from '../graph/node.ts'
import { userLine } from '../graph/site.ts'
import { tensorsOf } from '../graph/trace.ts'
import { placeholderPrimitive, project } from '../primitives/structural.ts'
import { threefryPrimitive } from '../primitives/threefry.ts'
import { callPrimitive, runCall } from './call.ts'
import { compile } from './program.ts'

/**
 * Computes every tensor of a tree, together. Returns the tree itself; its tensors then know their values.
 *
 * @example
 * const w = tensor([1, 2])
 * const { value, gradient } = await evaluate(valueAndGrad((w: Tensor) => sum(square(w)))(w)) // both in one run
 * await gradient.array() // [2, 4]
 */
export async function evaluate<T>(tree: T): Promise<T> {
  await evaluateNodes(tensorsOf(tree).map((x) => x.node))
  return tree
}

async function evaluateNodes(nodes: readonly Node[]): Promise<void> {
  const roots = [...new Set(nodes)].filter((node) => node.value === undefined)
  if (roots.length === 0) return
  const order = topological(roots, (node) => node.value !== undefined)
  const unbound = order.find((node) => node.primitive === placeholderPrimitive)
  if (unbound) {
    throw new InputError('a value was asked for inside a function that is being traced', {
      where: userLine(unbound.site),
      fix: 'return the tensor and ask for its value outside',
    })
  }
  for (const node of order.filter(isRandom)) drawOnHost(node)
  // Compiled functions run as they are; what lies around them is compiled here.
  for (const node of order.filter(isCall)) {
    await evaluateNodes(node.inputs)
    const results = await runCall(node)
    results.forEach((array, i) => {
      remember(project(node, i), array)
    })
    if (!node.results) remember(node, results[0])
  }
  const rest = roots.filter((root) => root.value === undefined)
  if (rest.length === 0) return
  const program = await compile(
    { parameters: [], outputs: rest },
    { what: `values at ${userLine(rest[0].site) ?? 'an unknown line'}`, why: 'asked for outside of any compiled function' },
  )
  const results = await program.run([])
  results.forEach((array, i) => {
    remember(rest[i], array)
  })
}

/** Random words are the same bits wherever they are made; making them here saves the runtime a graph of a hundred nodes for each key. */
const isRandom = (node: Node): boolean => node.primitive === threefryPrimitive && node.value === undefined

/** The elements that the arguments of random words may have to be worked out on the host: keys have two. */
const smallEnough = 1024

function drawOnHost(node: Node): void {
  const inputs = node.inputs.map((input) => input.value ?? onHost(input))
  if (inputs.every((array) => array !== undefined)) remember(node, node.primitive.evaluate(inputs, node.attributes, [node])[0])
}

/** The value of a node of unsigned integers, where that takes little: keys are split and folded, counters counted. */
function onHost(node: Node): NDArray | undefined {
  if (node.value) return node.value
  if (node.dtype !== 'uint32' || node.results || (sizeOf(node.shape) > smallEnough && node.inputs.length > 0)) return undefined
  const inputs = node.inputs.map(onHost)
  return inputs.every((array) => array !== undefined) ? node.primitive.evaluate(inputs, node.attributes, [node])[0] : undefined
}

const isCall = (node: Node): boolean => node.primitive === callPrimitive && node.value === undefined

function remember(node: Node, array: NDArray): void {
  node.value = array
}
