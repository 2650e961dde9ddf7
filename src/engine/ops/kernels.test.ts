import { describe, expect, test } from 'vitest'
import { ndarray } from '../array.ts'
import type { LoweringContext } from '../compile/lower.ts'
import type { Primitive } from '../graph/primitive.ts'
import * as q from '../index.ts'
import { apply } from '../primitives/define.ts'
import type { Tensor } from '../tensor.ts'
import { direction, expectClose } from '../testing/checks.ts'
import { expectValues } from '../testing/values.ts'

/*
 * Convolutions, pools and resampling against the runtime's own kernels, which the engine does not use for them, or only in part.
 */

/** A float tensor filled with numbers between −1 and 1. */
const filled = (...shape: number[]): Tensor => direction(q.zeros(shape), 0.3)

/** What one ONNX operator makes of tensors; a list of numbers is a constant input, null an absent one. */
function kernel(
  type: string,
  inputs: readonly (Tensor | readonly number[] | null)[],
  attributes: Parameters<LoweringContext['emit']>[2],
  shape: readonly number[],
): Tensor {
  const tensors = inputs.filter((input) => input instanceof q.Tensor)
  const primitive = {
    name: `kernel ${type} ${JSON.stringify([attributes, inputs.map((input) => (input instanceof q.Tensor ? 'x' : input))])}`,
    infer: () => [{ shape, dtype: 'float32' }],
    lower(context: LoweringContext, names: readonly string[]) {
      const left = [...names]
      const all = inputs.map((input) => (input === null ? '' : input instanceof q.Tensor ? left.shift()! : context.integers(...input)))
      return [context.emit(type, all, attributes)]
    },
  } as unknown as Primitive
  return apply(primitive, tensors)[0]
}

async function expectSame(actual: Tensor, expected: Tensor, tolerance = 1e-5): Promise<void> {
  await q.evaluate([actual, expected])
  expectClose(await actual.ndarray(), await expected.ndarray(), tolerance)
}

describe('transposed convolution', () => {
  test.each([
    { space: [5], window: [3], stride: 2, padding: 1, outputPadding: 1 },
    { space: [4, 5], window: [3, 2], stride: 3, padding: 0, outputPadding: 2, groups: 2 },
    { space: [4, 5], window: [3, 3], stride: 1, padding: 2, dilation: 2 },
    { space: [2, 3, 2], window: [2, 2, 3], stride: 2 },
    { space: [3], window: [1], stride: 2, padding: 1 },
  ])('%o', async ({ space, window, ...options }) => {
    const { stride, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options
    const [x, weights] = [filled(2, 4, ...space), filled(4, 3, ...window)]
    const y = q.convTranspose(x, weights, options)
    const all = (value: number) => space.map(() => value)
    const attributes = {
      strides: all(stride),
      pads: [...all(padding), ...all(padding)],
      dilations: all(dilation),
      output_padding: all(outputPadding),
      group: groups,
    }
    const extent = (n: number, k: number) => (n - 1) * stride - 2 * padding + dilation * (window[k] - 1) + outputPadding + 1
    const [oracle] = q.reference(y)
    const native = kernel('ConvTranspose', [x, weights], attributes, [2, 3 * groups, ...space.map(extent)])
    await expectSame(y, native)
    expectClose(await native.ndarray(), oracle, 1e-5)
  })
})

describe('pools', () => {
  test.each([
    { space: [7], size: 3, stride: 2, padding: 1 },
    { space: [6, 7], size: [2, 3], stride: [2, 1], padding: [0, 1] },
    { space: [4, 5, 4], size: 2, stride: 2, padding: 1 },
    { space: [5, 5], size: 5, stride: 1, padding: 0 },
  ])('%o', async ({ space, ...options }) => {
    const x = filled(2, 3, ...space)
    const each = (value: number | number[]) => (typeof value === 'number' ? space.map(() => value) : value)
    const [size, strides, pads] = [options.size, options.stride, options.padding].map(each)
    const shape = [2, 3, ...space.map((n, k) => Math.floor((n + 2 * pads[k] - size[k]) / strides[k]) + 1)]
    const attributes = { kernel_shape: size, strides, pads: [...pads, ...pads] }
    await expectSame(q.maxPool(x, options), kernel('MaxPool', [x], attributes, shape))
    await expectSame(q.avgPool(x, options), kernel('AveragePool', [x], { ...attributes, count_include_pad: 1 }, shape))
    await expectSame(
      q.avgPool(x, { ...options, countIncludePad: false }),
      kernel('AveragePool', [x], { ...attributes, count_include_pad: 0 }, shape),
    )
  })

  test('global ones', async () => {
    const x = filled(2, 3, 4, 5)
    await expectSame(q.globalAvgPool(x), q.reshape(kernel('GlobalAveragePool', [x], {}, [2, 3, 1, 1]), [2, 3]))
    await expectSame(q.globalMaxPool(x), q.reshape(kernel('GlobalMaxPool', [x], {}, [2, 3, 1, 1]), [2, 3]))
  })

  test('adaptive parts overlap where they do not divide', async () => {
    const y = q.adaptiveAvgPool(q.tensor([[[1, 2, 4, 8, 16]]], { dtype: 'float64' }), 3)
    await expectValues(y, [1.5, 14 / 3, 12])
  })

  test('a window that does not fit is named', () => {
    expect(() => q.maxPool(filled(1, 1, 3), { size: 4 })).toThrow(/maxPool: a window of 4 does not fit axis 2/)
    expect(() => q.avgPool(filled(1, 1, 3), { size: 2, padding: 2 })).toThrow(/avgPool: padding is at most half the window/)
  })
})

describe('resampling', () => {
  const modes = { nearest: 'nearest', linear: 'linear', cubic: 'cubic' } as const
  test.each(
    [
      { from: [4, 4], size: [8, 8] },
      { from: [5, 7], size: [3, 11] },
      { from: [6], size: [4] },
      { from: [3, 4, 5], size: [5, 3, 6] },
      { from: [9, 8], size: [2, 3] },
    ].flatMap(({ from, size }) => [
      { from, size, mode: modes.nearest },
      ...(from.length < 3 || size
        ? [
            { from, size, mode: modes.linear },
            { from, size, mode: modes.linear, alignCorners: true },
          ]
        : []),
      ...(from.length === 2
        ? [
            { from, size, mode: modes.cubic },
            { from, size, mode: modes.cubic, alignCorners: true },
            { from, size, mode: modes.linear, antialias: true },
            { from, size, mode: modes.cubic, antialias: true },
          ]
        : []),
    ]),
  )('%o', async ({ from, size, mode, ...flags }) => {
    const { alignCorners, antialias } = { alignCorners: false, antialias: false, ...flags }
    const x = filled(1, 2, ...from)
    const shape = [1, 2, ...size]
    const expected = kernel(
      'Resize',
      [x, null, null, shape],
      {
        mode,
        coordinate_transformation_mode: alignCorners ? 'align_corners' : mode === 'nearest' ? 'asymmetric' : 'half_pixel',
        nearest_mode: 'floor',
        cubic_coeff_a: { float: antialias ? -0.5 : -0.75 },
        antialias: Number(antialias),
        exclude_outside: Number(antialias),
      },
      shape,
    )
    await expectSame(q.resize(x, { size, mode, ...flags }), expected, 1e-4)
  })

  test("PyTorch's example of doubling an image", async () => {
    const image = q.tensor(
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      { dtype: 'float64' },
    )
    const rows = async (options: Omit<q.ResizeOptions, 'size'>) => await q.reshape(q.resize(image, { size: 4, ...options }), [4, 4]).array()
    expect(await rows({})).toEqual([
      [1, 1, 2, 2],
      [1, 1, 2, 2],
      [3, 3, 4, 4],
      [3, 3, 4, 4],
    ])
    expect(await rows({ mode: 'linear' })).toEqual([
      [1, 1.25, 1.75, 2],
      [1.5, 1.75, 2.25, 2.5],
      [2.5, 2.75, 3.25, 3.5],
      [3, 3.25, 3.75, 4],
    ])
  })

  test('halving with antialias weighs 1, 3, 3, 1', async () => {
    const y = q.resize(q.fromArray(ndarray(Float64Array.of(0, 0, 0, 8, 0, 0, 0, 0), [1, 1, 8], 'float64')), {
      size: 4,
      mode: 'linear',
      antialias: true,
    })
    await expectValues(y, [0, 3, 1, 0])
  })
})

describe('padding modes of a convolution', () => {
  test.each(['reflect', 'edge', 'wrap'] as const)('%s', async (paddingMode) => {
    const [x, weights] = [filled(1, 2, 4, 5), filled(3, 2, 3, 3)]
    const padded = kernel('Pad', [x, [0, 0, 1, 1, 0, 0, 1, 1]], { mode: paddingMode }, [1, 2, 6, 7])
    const expected = kernel('Conv', [padded, weights], {}, [1, 3, 4, 5])
    await expectSame(q.conv(x, weights, { padding: 1, paddingMode }), expected)
  })
})
