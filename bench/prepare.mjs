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

/** One pixel of a wave over an image. */
const wave = ([across, down], extent, i) => Math.sin(across * (i % extent) + down * Math.floor(i / extent))

/** Images to tell apart: each class is a wave of its own under noise. */
function labelled({ batch, size: extent, classes }, random, shape) {
  const pixels = extent * extent
  const directions = Array.from({ length: classes }, () => [3 * random(), 3 * random()])
  const y = Int32Array.from({ length: BATCHES * batch }, () => Math.floor(random() * classes))
  const x = new Float32Array(y.length * pixels)
  y.forEach((label, row) => {
    for (let i = 0; i < pixels; i++) x[row * pixels + i] = wave(directions[label], extent, i) + random() - 0.5
  })
  return { x: { shape: [BATCHES, batch, ...shape], data: x }, y: { shape: [BATCHES, batch], data: y } }
}

/** A chain to learn: three times in four a token is followed by its own successor, else by any. y is x moved on by one token. */
function text({ batch, context, vocab }, random) {
  const any = () => Math.floor(random() * vocab)
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

/** Noise to find: x is a smooth image plus y, which is normal. */
function noisy({ batch, size: extent }, random) {
  const shape = [BATCHES, batch, 1, extent, extent]
  const y = Float32Array.from({ length: size(shape) }, () => normal(random))
  const x = Float32Array.from(y)
  for (let image = 0; image < BATCHES * batch; image++) {
    const direction = [random() - 0.5, random() - 0.5]
    for (let i = 0; i < extent * extent; i++) x[image * extent ** 2 + i] += wave(direction, extent, i)
  }
  return { x: { shape, data: x }, y: { shape, data: y } }
}

/** What sampling starts from; y is not read. */
function pure({ batch, size: extent }, random) {
  const shape = [BATCHES, batch, 1, extent, extent]
  return {
    x: { shape, data: Float32Array.from({ length: size(shape) }, () => normal(random)) },
    y: { shape: [BATCHES, 1], data: new Float32Array(BATCHES) },
  }
}

const batches = {
  denoiser: (workload, random) => (workload.sampling ? pure : noisy)(workload, random),
  mlp: ({ batch, sizes }, random) => labelled({ batch, size: Math.sqrt(sizes[0]), classes: sizes.at(-1) }, random, [sizes[0]]),
  gpt: text,
  resnet: (workload, random) => labelled(workload, random, [1, workload.size, workload.size]),
  unet: noisy,
}

export function prepare(folder) {
  mkdirSync(folder, { recursive: true })
  for (const [name, workload] of Object.entries(workloads)) {
    const random = generator(1)
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, ...workload, optimizer, batches: BATCHES, resetEvery: RESET_EVERY }))
    writeSafetensors(join(folder, `${name}.weights.safetensors`), weights(workload, random))
    writeSafetensors(join(folder, `${name}.batches.safetensors`), batches[workload.kind](workload, random))
  }
}
