import { ndarray } from '../../array.ts'
import { dtypes, floats, numbers } from '../../dtype.ts'
import * as q from '../../index.ts'
import type { Tensor } from '../../tensor.ts'
import type { Operation } from './generate.ts'
import { total } from './lines.ts'
import { at, broadcastAt, build } from './plain.ts'

/** Operations that move elements: the twin says where each element of the result comes from, or that it is zero. */
const moving = (
  cases: readonly {
    shape: readonly number[]
    run: (x: Tensor) => Tensor
    to: readonly number[]
    from: (index: readonly number[]) => readonly number[] | number
  }[],
): Operation => ({
  dtypes,
  forms: cases.map(({ shape, run, to, from }) => ({
    inputs: [shape],
    run,
    twin: (x) =>
      build(to, (index) => {
        const origin = from(index)
        return typeof origin === 'number' ? origin : at(x, origin)
      }),
  })),
})

const walks: readonly { range: q.Range; places: readonly number[] }[] = [
  { range: {}, places: [0, 1, 2, 3, 4] },
  { range: { start: -2 }, places: [3, 4] },
  { range: { start: 1, end: -1 }, places: [1, 2, 3] },
  { range: { step: -1 }, places: [4, 3, 2, 1, 0] },
  { range: { step: -2 }, places: [4, 2, 0] },
  { range: { start: 3, end: 0, step: -2 }, places: [3, 1] },
  { range: { start: -9, end: 9, step: 3 }, places: [0, 3] },
  { range: { start: 4, end: 2 }, places: [] },
  { range: { end: -9, step: -1, start: 2 }, places: [2, 1, 0] },
]

const continuations = {
  reflect: [2, 1, 0, 1, 2, 1, 0],
  edge: [0, 0, 0, 1, 2, 2, 2],
  wrap: [1, 2, 0, 1, 2, 0, 1],
} as const

export const movementOperations: Record<string, Operation> = {
  transpose: moving([
    { shape: [2, 3], run: q.transpose, to: [3, 2], from: ([i, j]) => [j, i] },
    { shape: [2, 3, 4], run: (x) => q.transpose(x, [1, 2, 0]), to: [3, 4, 2], from: ([i, j, k]) => [k, i, j] },
    { shape: [0, 3], run: q.transpose, to: [3, 0], from: ([i, j]) => [j, i] },
    { shape: [2, 3, 4], run: (x) => q.moveAxis(x, -1, 0), to: [4, 2, 3], from: ([i, j, k]) => [j, k, i] },
  ]),
  'flip and roll': moving([
    { shape: [2, 3], run: (x) => q.flip(x, { axes: [1] }), to: [2, 3], from: ([i, j]) => [i, 2 - j] },
    { shape: [5], run: (x) => q.roll(x, 2), to: [5], from: ([i]) => [(i + 3) % 5] },
    { shape: [2, 3], run: (x) => q.roll(x, -4, { axis: 1 }), to: [2, 3], from: ([i, j]) => [i, (j + 4) % 3] },
    { shape: [0], run: (x) => q.roll(x, 1), to: [0], from: (index) => index },
  ]),
  'tile and repeat': moving([
    { shape: [2], run: (x) => q.tile(x, [3]), to: [6], from: ([i]) => [i % 2] },
    { shape: [2, 3], run: (x) => q.tile(x, [2]), to: [2, 6], from: ([i, j]) => [i, j % 3] },
    { shape: [2], run: (x) => q.tile(x, [2, 2]), to: [2, 4], from: ([, j]) => [j % 2] },
    { shape: [2, 3], run: (x) => q.repeat(x, 2), to: [2, 6], from: ([i, j]) => [i, Math.floor(j / 2)] },
    { shape: [2, 3], run: (x) => q.repeat(x, 3, { axis: 0 }), to: [6, 3], from: ([i, j]) => [Math.floor(i / 3), j] },
    { shape: [2], run: (x) => q.tile(x, [0]), to: [0], from: (index) => index },
  ]),
  triangles: moving([
    { shape: [3, 3], run: q.tril, to: [3, 3], from: ([i, j]) => (j <= i ? [i, j] : 0) },
    { shape: [2, 3, 4], run: (x) => q.tril(x, { diagonal: 1 }), to: [2, 3, 4], from: ([n, i, j]) => (j <= i + 1 ? [n, i, j] : 0) },
    { shape: [3, 4], run: (x) => q.triu(x, { diagonal: -1 }), to: [3, 4], from: ([i, j]) => (j >= i - 1 ? [i, j] : 0) },
    { shape: [4, 2], run: q.triu, to: [4, 2], from: ([i, j]) => (j >= i ? [i, j] : 0) },
  ]),
  diagonals: moving([
    { shape: [3], run: q.diag, to: [3, 3], from: ([i, j]) => (i === j ? [i] : 0) },
    { shape: [2, 3], run: q.diag, to: [2, 3, 3], from: ([n, i, j]) => (i === j ? [n, i] : 0) },
    { shape: [3, 4], run: q.diagonal, to: [3], from: ([i]) => [i, i] },
    { shape: [2, 3, 4], run: (x) => q.diagonal(x, { offset: 2 }), to: [2, 2], from: ([n, i]) => [n, i, i + 2] },
    { shape: [4, 2], run: (x) => q.diagonal(x, { offset: -1 }), to: [2], from: ([i]) => [i + 1, i] },
    { shape: [2, 2], run: (x) => q.diagonal(x, { offset: 5 }), to: [0], from: (index) => index },
  ]),
  pad: moving([
    { shape: [3], run: (x) => q.pad(x, [[1, 2]]), to: [6], from: ([i]) => (i >= 1 && i < 4 ? [i - 1] : 0) },
    { shape: [3], run: (x) => q.pad(x, [[1, 2]], { value: 1 }), to: [6], from: ([i]) => (i >= 1 && i < 4 ? [i - 1] : 1) },
    {
      shape: [2, 2],
      run: (x) =>
        q.pad(
          x,
          [
            [0, 1],
            [-1, 2],
          ],
          { value: 1 },
        ),
      to: [3, 3],
      from: ([i, j]) => (i < 2 && j < 1 ? [i, j + 1] : 1),
    },
    ...(['reflect', 'edge', 'wrap'] as const).flatMap((mode) => [
      { shape: [3], run: (x: Tensor) => q.pad(x, [[2, 2]], { mode }), to: [7], from: ([i]: readonly number[]) => [continuations[mode][i]] },
      {
        shape: [2, 3],
        run: (x: Tensor) =>
          q.pad(
            x,
            [
              [0, 0],
              [2, 2],
            ],
            { mode },
          ),
        to: [2, 7],
        from: ([i, j]: readonly number[]) => [i, continuations[mode][j]],
      },
    ]),
  ]),
  at: moving([
    ...walks.map(({ range, places }) => ({
      shape: [2, 5],
      run: (x: Tensor) => q.at(x, '...', range),
      to: [2, places.length],
      from: ([i, j]: readonly number[]) => [i, places[j]],
    })),
    { shape: [3, 4], run: (x) => q.at(x, -1), to: [4], from: ([j]) => [2, j] },
    { shape: [3, 4], run: (x) => q.at(x, null, '...', 1), to: [1, 3], from: ([, i]) => [i, 1] },
    {
      shape: [3, 4],
      run: (x) => q.at(x, { step: -1 }, q.tensor([2, 0], { dtype: 'int32' })),
      to: [3, 2],
      from: ([i, j]) => [2 - i, 2 - 2 * j],
    },
  ]),
  'split and stack': moving([
    { shape: [2, 5], run: (x) => q.split(x, [1, 0, 4])[2], to: [2, 4], from: ([i, j]) => [i, j + 1] },
    { shape: [4, 3], run: (x) => q.split(x, 2, { axis: 0 })[1], to: [2, 3], from: ([i, j]) => [i + 2, j] },
    { shape: [3], run: (x) => q.stack([x, x], { axis: 1 }), to: [3, 2], from: ([i]) => [i] },
  ]),
}

const places = (values: readonly number[], shape: readonly number[] = [values.length]) => ndarray(Int32Array.from(values), shape, 'int32')

export const selectionOperations: Record<string, Operation> = {
  gather: {
    dtypes,
    forms: [
      {
        inputs: [[4, 3], places([2, 0, -1, 2])],
        run: (x, k) => q.gather(x, k),
        twin: (x, k) => build([4, 3], ([i, j]) => at(x, [(k.data[i] + 4) % 4, j])),
      },
      {
        inputs: [[2, 4], places([3, 1, 0, -4], [2, 2])],
        run: (x, k) => q.gather(x, k, { axis: 1 }),
        twin: (x, k) => build([2, 2, 2], ([n, i, j]) => at(x, [n, (at(k, [i, j]) + 4) % 4])),
      },
      { inputs: [[4], places([], [0])], run: (x, k) => q.gather(x, k), twin: () => build([0], () => 0) },
    ],
  },
  takeAlong: {
    dtypes: numbers,
    forms: [
      {
        inputs: [[2, 4], places([3, 0, 0, 2, 1, -1], [2, 3])],
        run: (x, k) => q.takeAlong(x, k),
        twin: (x, k) => build([2, 3], ([i, j]) => at(x, [i, (at(k, [i, j]) + 4) % 4])),
      },
    ],
  },
  scatterSet: {
    dtypes: numbers,
    without: ['nan', 'infinite', 'huge'],
    forms: [
      {
        inputs: [[4, 3], places([2, 0]), [2, 3]],
        run: (x, k, updates) => q.scatterSet(x, k, updates),
        twin: (x, k, updates) => build([4, 3], ([i, j]) => (k.data.includes(i) ? at(updates, [k.data.indexOf(i), j]) : at(x, [i, j]))),
      },
      {
        inputs: [[2, 4], places([-1]), [2, 1]],
        run: (x, k, updates) => q.scatterSet(x, k, updates, { axis: 1 }),
        twin: (x, _, updates) => build([2, 4], ([i, j]) => (j === 3 ? at(updates, [i, 0]) : at(x, [i, j]))),
      },
    ],
  },
  bincount: {
    dtypes: floats,
    without: ['infinite', 'nan'],
    forms: [
      {
        inputs: [places([1, 3, 1, 0, 1, 3]), [6]],
        run: (k, weights) => q.bincount(k, { length: 5, weights }),
        twin: (k, weights) => build([5], ([bin]) => total(weights.data.filter((_, i) => k.data[i] === bin))),
      },
      {
        inputs: [places([1, 3, 1, 0], [2, 2])],
        run: (k) => q.bincount(k, { length: 4 }),
        twin: (k) => build([4], ([bin]) => k.data.filter((place) => place === bin).length),
      },
    ],
  },
  broadcastTo: {
    dtypes,
    forms: [
      { inputs: [[3]], run: (x) => q.broadcastTo(x, [2, 3]), twin: (x) => build([2, 3], (index) => broadcastAt(x, index)) },
      { inputs: [[2, 1]], run: (x) => q.broadcastTo(x, [4, 2, 3]), twin: (x) => build([4, 2, 3], (index) => broadcastAt(x, index)) },
      { inputs: [[]], run: (x) => q.broadcastTo(x, [0, 2]), twin: () => build([0, 2], () => 0) },
    ],
  },
}
