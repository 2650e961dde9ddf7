/** What this machine can do at best, by the runtime that quire uses: a product of 2048 × 2048 matrices, and a sum of two large vectors. */
import { add, compileStep, matmul, ones } from '../../dist/engine/index.js'
import { report } from '../peers/harness.mjs'
import { args, timesOf } from './step.mjs'

const runs = args.quick ? 3 : 20
const [size, length] = [2048, 2 ** 24]

/** The shortest of several runs of `next = fn(state, other)`, in seconds; the result goes into memory that is there. */
async function best(fn, shape) {
  const step = compileStep((state, other) => ({ state: fn(state, other), output: {} }))
  const other = ones(shape)
  let state = ones(shape)
  const times = await timesOf(3 + runs, async () => {
    state = (await step(state, other)).state
  })
  return Math.min(...times.slice(3)) / 1000
}

const product = await best((x, y) => matmul(x, y), [size, size])
const sum = await best((x, y) => add(x, y), [length])
report({ gigaflops: (2 * size ** 3) / product / 1e9, gigabytes: (3 * 4 * length) / sum / 1e9 })
