import type { NDArray } from '../array.ts'
import { InputError } from '../errors.ts'
import { type Node, topological } from '../graph/node.ts'
import { userLine } from '../graph/site.ts'
import { tensorsOf } from '../graph/trace.ts'
import { placeholderPrimitive, project } from '../primitives/structural.ts'
import { callPrimitive, runCall } from './call.ts'
import { compile } from './program.ts'

/**
 * Computes every tensor of a tree, together. Returns the tree itself; its tensors then know their values.
 *
 * @example
 * const { loss, gradient } = await evaluate({ loss, gradient })
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
  const program = await compile({ parameters: [], outputs: rest })
  const results = await program.run([])
  results.forEach((array, i) => {
    remember(rest[i], array)
  })
}

const isCall = (node: Node): boolean => node.primitive === callPrimitive && node.value === undefined

function remember(node: Node, array: NDArray): void {
  node.value = array
}
