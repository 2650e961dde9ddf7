import {
  add,
  div,
  fromArray,
  hvp,
  jit,
  mean,
  mul,
  ndarray,
  reshape,
  sizeOf,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from '../../../engine/index.ts'
import { keyedNoise } from '../noise.ts'
import { centred, levelRows, perServing, scalars, timesOfSteps } from '../oracles/diffusion.ts'
import { blockRecords } from '../oracles/oracle.ts'
import type { Outcome, Scene } from './attack.ts'

/** Steps and strengths that curvature is measured at: second derivatives cost more than losses. */
const curvatureSteps = [100, 200, 300] as const

/**
 * Along the way to each neighbour the second derivative of the loss, κ = mean_j v_jᵀ (∇² l_t)(x) v_j with v_j = (x̃_j − x) / ‖x̃_j − x‖, exactly by products with
 * the Hessian. Higher, a more convex loss, = member.
 */
export async function curvature({ target, records, neighbours, antithetic, seed, progress }: Scene): Promise<Outcome> {
  const denoiser = target.denoiser!
  const { shape, process } = denoiser
  const size = sizeOf(shape)
  const [n] = records.shape
  const times = timesOfSteps(process, curvatureSteps)
  const curvatureAt = perServing(denoiser, (estimate) =>
    jit((params: unknown, x: Tensor, others: Tensor, noise: Tensor, level: ReturnType<typeof scalars>) => {
      const [rows] = x.shape
      // The loss of each record depends on it alone, so that one product of the sum's Hessian gives all of theirs.
      const total = (z: Tensor) => {
        const noisy = add(mul(level.signal, centred(z, denoiser)), mul(level.noise, noise))
        return sum(mean(reshape(square(sub(estimate(params, noisy, levelRows(level, rows)).eps, noise)), [rows, size]), { axes: [1] }))
      }
      const each = (row: Tensor) => reshape(row, [rows, size])
      const way = sub(others, x)
      const length = sqrt(sum(square(each(way)), { axes: [1] }))
      const v = div(way, reshape(length, [rows, ...shape.map(() => 1)]))
      return sum(mul(each(hvp(total, x, v) as Tensor), each(v)), { axes: [1] })
    }),
  )
  const fill = keyedNoise(seed, { antithetic })
  const found = new Float64Array(n)
  const columns = [...new Set([1, neighbours.usual + 1, neighbours.strengths.length])]
  for (let first = 0; first < n; first += blockRecords) {
    const places = Array.from({ length: blockRecords }, (_, i) => Math.min(n - 1, first + i))
    const block = new Float32Array(blockRecords * size)
    for (const [i, place] of places.entries()) block.set(records.data.subarray(place * size, (place + 1) * size) as Float32Array, i * size)
    const x = ndarray(block, [blockRecords, ...shape], 'float32')
    const versions = neighbours.versions(x, { ids: places, row: 0 })
    const noise = new Float32Array(block.length)
    for (const [row, time] of times.entries()) {
      for (const [i, record] of places.entries()) fill({ record, row, draw: 0 }, noise.subarray(i * size, (i + 1) * size))
      const { params, run } = curvatureAt(time)
      for (const column of columns) {
        const others = columnOf(versions.data as Float32Array, { column, count: neighbours.strengths.length + 1, size })
        const arrays = [block, others, noise].map((data) => fromArray(ndarray(data, [blockRecords, ...shape], 'float32')))
        const values = await run(params, arrays[0], arrays[1], arrays[2], scalars(process.at(time))).data()
        for (let i = 0; i < Math.min(blockRecords, n - first); i++) found[first + i] += values[i] / (times.length * columns.length)
      }
    }
    await progress?.(Math.min(n, first + blockRecords), n, 'curvature')
  }
  // A product with the Hessian is about four evaluations.
  return { variants: { hvp: found }, usual: 'hvp', queries: 4 * times.length * columns.length }
}

function columnOf(versions: Float32Array, { column, count, size }: { column: number; count: number; size: number }): Float32Array {
  const out = new Float32Array(versions.length / count)
  for (let i = 0; i < out.length / size; i++)
    out.set(versions.subarray((i * count + column) * size, (i * count + column + 1) * size), i * size)
  return out
}
