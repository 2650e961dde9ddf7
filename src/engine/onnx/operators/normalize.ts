import { sizeOf } from '../../array.ts'
import { add, div, mean, mul, pad, power, reciprocal, reshape, slice, sqrt, square, sub, variance } from '../../ops.ts'
import type { Tensor } from '../../tensor.ts'
import type { Operator, Operators } from './call.ts'

/** One number for each channel, against x [n, c, ...space]. */
const perChannel = (values: Tensor, x: Tensor): Tensor => reshape(values, [1, -1, ...x.shape.slice(2).map(() => 1)])

const inverseDeviation = (variances: Tensor, epsilon: number): Tensor => reciprocal(sqrt(add(variances, epsilon)))

/** x with mean 0 and variance 1 over these axes. */
function standardized(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const options = { axes, keepDims: true }
  return mul(sub(x, mean(x, options)), inverseDeviation(variance(x, options), epsilon))
}

const batchNormalization: Operator = (call) => {
  const [x, scale, bias, runningMean, runningVariance] = call.inputs
  const epsilon = call.float('epsilon', 1e-5)
  const affine = (centre: Tensor, spread: Tensor) => {
    const factor = mul(inverseDeviation(spread, epsilon), scale)
    return add(mul(sub(x, perChannel(centre, x)), perChannel(factor, x)), perChannel(bias, x))
  }
  if (!call.flag('training_mode')) return affine(runningMean, runningVariance)
  const axes = [...x.shape.keys()].filter((axis) => axis !== 1)
  const [centre, spread] = [mean(x, { axes }), variance(x, { axes })]
  const momentum = call.float('momentum', 0.9)
  const moved = (running: Tensor, current: Tensor) => add(mul(running, momentum), mul(current, 1 - momentum))
  return [affine(centre, spread), moved(runningMean, centre), moved(runningVariance, spread)]
}

const layerNormalization: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)]
  const first = call.axis(call.integer('axis', -1))
  const options = { axes: [...x.shape.keys()].slice(first), keepDims: true }
  const centre = mean(x, options)
  const inverse = inverseDeviation(variance(x, options), call.float('epsilon', 1e-5))
  const scaled = mul(mul(sub(x, centre), inverse), scale)
  return [call.has(2) ? add(scaled, call.input(2)) : scaled, centre, inverse]
}

const rmsNormalization: Operator = (call) => {
  const [x, scale] = [call.input(0), call.input(1)]
  const axes = [...x.shape.keys()].slice(call.axis(call.integer('axis', -1)))
  return mul(mul(x, inverseDeviation(mean(square(x), { axes, keepDims: true }), call.float('epsilon', 1e-5))), scale)
}

const instanceNormalization: Operator = (call) => {
  const [x, scale, bias] = call.inputs
  const normal = standardized(x, [...x.shape.keys()].slice(2), call.float('epsilon', 1e-5))
  return add(mul(normal, perChannel(scale, x)), perChannel(bias, x))
}

/** Before version 21, scale and bias had one number for each group, not for each channel. */
const groupNormalization: Operator = (call) => {
  const [x, scale, bias] = call.inputs
  const groups = call.integer('num_groups')
  const [n, c, ...space] = x.shape
  const normal = standardized(reshape(x, [n, groups, (c / groups) * sizeOf(space)]), [2], call.float('epsilon', 1e-5))
  if (scale.shape[0] === groups && groups !== c) {
    const perGroup = (values: Tensor) => reshape(values, [1, groups, 1])
    return reshape(add(mul(normal, perGroup(scale)), perGroup(bias)), x.shape)
  }
  return add(mul(reshape(normal, x.shape), perChannel(scale, x)), perChannel(bias, x))
}

const meanVariance: Operator = (call) => {
  const x = call.input()
  const axes = call.axes(call.integers('axes') ?? [0, 2, 3])
  const options = { axes, keepDims: true }
  return div(sub(x, mean(x, options)), add(sqrt(variance(x, options)), 1e-9))
}

/** Each element divided by a power of the squares of its neighbours among the channels. */
const localResponse: Operator = (call) => {
  const x = call.input()
  const size = call.integer('size')
  const before = Math.floor((size - 1) / 2)
  const squares = pad(
    square(x),
    x.shape.map((_, axis) => (axis === 1 ? ([before, size - 1 - before] as const) : ([0, 0] as const))),
  )
  const total = Array.from({ length: size }, (_, k) => slice(squares, { axis: 1, start: k, end: k + x.shape[1] })).reduce((a, b) =>
    add(a, b),
  )
  const base = add(mul(total, call.float('alpha', 1e-4) / size), call.float('bias', 1))
  return div(x, power(base, call.float('beta', 0.75)))
}

export const normalizationOperators: Operators = {
  BatchNormalization: batchNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponse,
  LayerNormalization: layerNormalization,
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: rmsNormalization,
}
