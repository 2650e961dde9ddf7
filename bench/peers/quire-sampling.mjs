/** DDIM (Song et al. 2021) without noise: one compiled step, and a loop. */
import { add, clip, div, evaluate, fromArray, full, jit, mean, mul, square, sub, tensor } from '../../dist/engine/index.js'

/** Signal and noise of each step of the chain, √ᾱ and √(1 − ᾱ), for the steps taken and the last, which is clean. */
export function levels({ steps, chain, betas: [first, last] }) {
  let product = 1
  const kept = Array.from({ length: chain }, (_, t) => {
    product *= 1 - (first + ((last - first) * t) / (chain - 1))
    return product
  })
  const times = Array.from({ length: steps }, (_, i) => chain - 1 - (i * chain) / steps)
  return [...times.map((t) => ({ t, signal: Math.sqrt(kept[t]), noise: Math.sqrt(1 - kept[t]) })), { t: -1, signal: 1, noise: 0 }]
}

export function sampling(spec, model, params, data) {
  // [t, signal, noise, next signal, next noise]
  const move = jit((weights, x, [t, signal, noise, nextSignal, nextNoise]) => {
    const eps = model.apply(weights, x, mul(full([x.shape[0]], 1), t))
    const clean = clip(div(sub(x, mul(noise, eps)), signal), -1, 1)
    return add(mul(nextSignal, clean), mul(nextNoise, eps))
  })
  const measureOf = jit((x) => mean(square(x)))
  const grid = levels(spec.sampling)
  const moves = grid
    .slice(1)
    .map((next, i) => [grid[i].t, grid[i].signal, grid[i].noise, next.signal, next.noise].map((value) => tensor(value)))
  return {
    reset() {},
    async step(i) {
      let x = fromArray(data[i].x)
      for (const numbers of moves) x = await evaluate(move(params, x, numbers))
      return measureOf(x).item()
    },
  }
}
