/** Writes .work/<workload>.{json,weights.safetensors,batches.safetensors}: what every peer reads. The same bytes on every run. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafetensors } from './safetensors.mjs'
import { BATCHES, optimizer, parameters, RESET_EVERY, size, workloads } from './workloads.mjs'

/** mulberry32: a seeded generator of numbers in [0, 1). */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

function weights(workload, random) {
  const fill = { zeros: () => 0, ones: () => 1 }
  return Object.fromEntries(
    parameters(workload).map(([name, shape, initial]) => {
      const value = fill[initial] ?? (() => initial * normal(random))
      return [name, { shape, data: Float32Array.from({ length: size(shape) }, value) }]
    }),
  )
}

function batches(workload, random) {
  const below = (n) => () => Math.floor(random() * n)
  if (workload.kind === 'mlp') {
    const [features, classes] = [workload.sizes[0], workload.sizes.at(-1)]
    const shape = [BATCHES, workload.batch]
    return {
      x: { shape: [...shape, features], data: Float32Array.from({ length: size(shape) * features }, random) },
      y: { shape, data: Int32Array.from({ length: size(shape) }, below(classes)) },
    }
  }
  // A chain to learn: three times in four a token is followed by its own successor, else by any. y is x moved on by one token.
  const { batch, context, vocab } = workload
  const any = below(vocab)
  const successor = Array.from({ length: vocab }, any)
  const shape = [BATCHES, batch, context]
  const x = new Int32Array(size(shape))
  const y = new Int32Array(size(shape))
  for (let row = 0; row < BATCHES * batch; row++) {
    const tokens = [any()]
    while (tokens.length <= context) tokens.push(random() < 0.75 ? successor[tokens.at(-1)] : any())
    x.set(tokens.slice(0, -1), row * context)
    y.set(tokens.slice(1), row * context)
  }
  return { x: { shape, data: x }, y: { shape, data: y } }
}

export function prepare(folder) {
  mkdirSync(folder, { recursive: true })
  for (const [name, workload] of Object.entries(workloads)) {
    const random = generator(1)
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, ...workload, optimizer, batches: BATCHES, resetEvery: RESET_EVERY }))
    writeSafetensors(join(folder, `${name}.weights.safetensors`), weights(workload, random))
    writeSafetensors(join(folder, `${name}.batches.safetensors`), batches(workload, random))
  }
}
