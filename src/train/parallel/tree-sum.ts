import type { Communicator, Floats } from './communicator.ts'

/*
 * Floating-point sums depend on their order. So the order is fixed: the shards are the leaves of a binary tree; neighbours are added, then neighbours
 * among these sums, and so on. A rank has a whole subtree, and the tree goes on between ranks. How many ranks there are decides who adds, never what.
 */

/** left[i] + right[i], in the place of either. */
function add(left: Floats, right: Floats, into: Floats): void {
  for (let i = 0; i < into.length; i++) into[i] = left[i] + right[i]
}

/** Computes the vectors of a leaf into the given memory. */
export type Leaf = (index: number, into: readonly Floats[]) => Promise<void> | void

/**
 * The sum of `count` leaves from `first` on, a power of two of them, into `memory[0]`. The tree is walked from left to right: `memory` has vectors
 * for each of its levels, that of the leaves included.
 */
export async function sumOfLeaves(leaf: Leaf, first: number, count: number, memory: readonly (readonly Floats[])[]): Promise<void> {
  const [into, ...rest] = memory
  if (count === 1) return leaf(first, into)
  await sumOfLeaves(leaf, first, count / 2, memory)
  await sumOfLeaves(leaf, first + count / 2, count / 2, rest)
  for (const [i, vector] of into.entries()) add(vector, rest[0][i], vector)
}

/**
 * The sum of the ranks' vectors, at every rank and in its place: the upper levels of the tree, whose leaves are the ranks, a power of two of them.
 * At each level a rank sends half of its piece to its neighbour and adds up the other half, so that all of them work; then the finished pieces go
 * back the same way (recursive halving and doubling). Each element is added in the order of the tree. `scratch` has half of the vector's room.
 */
export async function sumOfRanks(communicator: Communicator, vector: Floats, scratch: Floats): Promise<void> {
  const { rank, size } = communicator
  const pieces: { kept: Floats; given: Floats; neighbour: number }[] = []
  let piece = vector
  for (let distance = 1; distance < size; distance *= 2) {
    const neighbour = rank ^ distance
    const middle = piece.length >> 1
    const [low, high] = [piece.subarray(0, middle), piece.subarray(middle)]
    const isLeft = rank < neighbour
    const [kept, given] = isLeft ? [low, high] : [high, low]
    const received = scratch.subarray(0, kept.length)
    await communicator.exchange(given, received, neighbour)
    if (isLeft) add(kept, received, kept)
    else add(received, kept, kept)
    pieces.push({ kept, given, neighbour })
    piece = kept
  }
  for (const { kept, given, neighbour } of pieces.reverse()) await communicator.exchange(kept, given, neighbour)
}

/** Memory for `sumOfRanks` of a vector. */
export const scratchFor = (vector: Floats): Floats => vector.slice(0, (vector.length + 1) >> 1)
