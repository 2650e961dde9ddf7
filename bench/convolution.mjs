// The forms that a convolution's gradients can take, side by side: node bench/convolution.mjs, after npm run build, on a quiet machine.
// `lowerConvolution` in src/engine/primitives/convolution.ts picks among them; these figures are why. Each is the best of 15 runs, in turn.
import { convolve, evaluate, flip, fromArray, jit, matmul, pad, reshape, slice, stack, transpose } from '../dist/engine/index.js'
import { apply } from '../dist/engine/primitives/define.js'
import { padPrimitive } from '../dist/engine/primitives/movement.js'

const shapes = [
  { n: 32, c: 64, o: 64, size: 28, window: 3, stride: 1 },
  { n: 32, c: 64, o: 64, size: 28, window: 3, stride: 2 },
  { n: 32, c: 64, o: 64, size: 28, window: 1, stride: 2 },
  { n: 8, c: 16, o: 16, size: 16, window: 3, stride: 1 },
  { n: 8, c: 16, o: 16, size: 16, window: 3, stride: 2 },
  { n: 64, c: 20, o: 50, size: 12, window: 5, stride: 1 },
  { n: 16, c: 32, o: 32, size: 7, window: 3, stride: 1 },
  { n: 16, c: 3, o: 32, size: 32, window: 4, stride: 4 },
]
const repetitions = 15

const both = (value) => [value, value]
const filled = (...shape) => {
  const count = shape.reduce((product, extent) => product * extent)
  return { shape, dtype: 'float32', data: Float32Array.from({ length: count }, (_, k) => Math.sin(k)) }
}

/** One operator of the runtime as it is. */
const kernel = (type, inputs, attributes, shape) => {
  const name = `${type} ${JSON.stringify(attributes)}`
  const infer = () => [{ shape, dtype: 'float32' }]
  return apply({ name, infer, lower: (context, names) => [context.emit(type, names, attributes)] }, inputs)[0]
}

/** ∂/∂x without padding: the cotangent, zeros between its elements, through Conv; or ConvTranspose, which needs none. */
const inputForms = ({ n, c, size, window, stride }) => ({
  // Written out: as a `conv` of a spread input it would be lowered to ConvTranspose.
  'Conv of the spread cotangent': (ct, weights) => {
    const high = size - 1 - (ct.shape[2] - 1) * stride
    const around = { low: [0, 0, ...both(window - 1)], high: [0, 0, ...both(high)], interior: [0, 0, ...both(stride - 1)] }
    const turned = flip(transpose(weights, [1, 0, 2, 3]), { axes: [2, 3] })
    return kernel('Conv', [apply(padPrimitive, [ct], around)[0], turned], {}, [n, c, size, size])
  },
  ConvTranspose: (ct, weights) => {
    const rest = size - ((ct.shape[2] - 1) * stride + window)
    return kernel('ConvTranspose', [ct, weights], { strides: both(stride), output_padding: both(rest) }, [n, c, size, size])
  },
})

/** ∂/∂kernel without padding: one product a tap; Conv with examples and channels exchanged; all taps as columns of one product. */
const kernelForms = ({ c, o, size, window, stride }) => {
  const taps = Array.from({ length: window ** 2 }, (_, k) => [Math.floor(k / window), k % window])
  const columns = (x, ct, [i, j]) => {
    const span = (ct.shape[2] - 1) * stride + 1
    const rows = slice(x, { axis: 2, start: i, end: i + span, step: stride })
    const part = slice(rows, { axis: 3, start: j, end: j + span, step: stride })
    return reshape(transpose(part, [0, 2, 3, 1]), [-1, c])
  }
  const cotangents = (ct) => reshape(transpose(ct, [1, 0, 2, 3]), [o, -1])
  return {
    'as lowered now': (x, ct) => {
      const high = (ct.shape[2] - 1) * stride + window - size
      const sweep = { stride: both(1), low: both(0), high: both(high), dilation: both(stride), spread: both(1), groups: 1 }
      return convolve(transpose(x, [1, 0, 2, 3]), transpose(ct, [1, 0, 2, 3]), sweep)
    },
    'exchanged Conv': (x, ct) => {
      const used = (ct.shape[2] - 1) * stride + window - size
      const cut = pad(x, [both(0), both(0), [0, used], [0, used]])
      const exchanged = [transpose(cut, [1, 0, 2, 3]), transpose(ct, [1, 0, 2, 3])]
      return kernel('Conv', exchanged, { dilations: both(stride) }, [c, o, window, window])
    },
    'a product a tap': (x, ct) => stack(taps.map((tap) => matmul(cotangents(ct), columns(x, ct, tap)))),
    'one product': (x, ct) =>
      matmul(
        cotangents(ct),
        reshape(
          stack(
            taps.map((tap) => columns(x, ct, tap)),
            { axis: 1 },
          ),
          [-1, taps.length * c],
        ),
      ),
  }
}

async function compare(title, forms, inputs, flops) {
  const compiled = Object.entries(forms).map(([name, form]) => ({ name, run: jit(form), best: Number.POSITIVE_INFINITY }))
  for (let k = 0; k < repetitions + 2; k++) {
    for (const form of compiled) {
      const start = performance.now()
      // Tensors of their own each time: the value of a known expression would not be computed again.
      await evaluate(form.run(...inputs.map(fromArray)))
      if (k >= 2) form.best = Math.min(form.best, performance.now() - start)
    }
  }
  console.log(`  ${title}: ${compiled.map(({ name, best }) => `${name} ${(flops / best / 1e6).toFixed(0)}`).join(' · ')}`)
}

console.log('GFLOP/s')
for (const shape of shapes) {
  const { n, c, o, size, window, stride } = shape
  const out = Math.floor((size - window) / stride) + 1
  const flops = 2 * n * c * o * out ** 2 * window ** 2
  const [x, weights, ct] = [filled(n, c, size, size), filled(o, c, window, window), filled(n, o, out, out)]
  console.log(`x [${x.shape}], kernel [${weights.shape}], stride ${stride}`)
  await compare('d/dx', inputForms(shape), [ct, weights], flops)
  await compare('d/dkernel', kernelForms(shape), [x, ct], flops)
}
