import { floats } from '../../dtype.ts'
import * as q from '../../index.ts'
import type { Operation } from './generate.ts'
import { total, withForms } from './lines.ts'
import { at, build, indicesOf, type Plain } from './plain.ts'

/** Σ over the letters that the result does not have, one term after another. */
export const sumOfProducts = (
  operands: readonly { letters: string; array: Plain }[],
  result: string,
  extents: Record<string, number>,
): Plain => {
  const summed = [...new Set(operands.flatMap(({ letters }) => [...letters]))].filter((letter) => !result.includes(letter))
  return build(
    [...result].map((letter) => extents[letter]),
    (index) => {
      const outer = Object.fromEntries([...result].map((letter, k) => [letter, index[k]]))
      return total(
        indicesOf(summed.map((letter) => extents[letter])).map((inner) => {
          const place = { ...outer, ...Object.fromEntries(summed.map((letter, k) => [letter, inner[k]])) }
          return operands.reduce(
            (product, { letters, array }) =>
              product *
              at(
                array,
                [...letters].map((letter) => place[letter]),
              ),
            1,
          )
        }),
      )
    },
  )
}

const equations: readonly { equation: string; shapes: readonly (readonly number[])[]; letters?: string }[] = [
  {
    equation: 'ij,jk->ik',
    shapes: [
      [2, 3],
      [3, 4],
    ],
  },
  {
    equation: 'ij,jk',
    shapes: [
      [2, 3],
      [3, 4],
    ],
    letters: 'ij,jk->ik',
  },
  {
    equation: 'ba,cb',
    shapes: [
      [3, 2],
      [4, 3],
    ],
    letters: 'ba,cb->ac',
  },
  { equation: 'ij->ji', shapes: [[2, 3]] },
  { equation: 'ii->i', shapes: [[3, 3]] },
  { equation: 'ii', shapes: [[3, 3]], letters: 'ii->' },
  { equation: 'iji,j->ij', shapes: [[2, 3, 2], [3]] },
  { equation: 'ij->', shapes: [[2, 3]] },
  { equation: 'i,j->ij', shapes: [[2], [3]] },
  {
    equation: 'bhqd,bhkd->bhqk',
    shapes: [
      [2, 2, 3, 2],
      [2, 2, 4, 2],
    ],
  },
  {
    equation: 'bnc,bnd->cd',
    shapes: [
      [2, 3, 2],
      [2, 3, 4],
    ],
  },
  { equation: 'i,ij,j->', shapes: [[2], [2, 3], [3]] },
  {
    equation: 'ij,jk,kl,lm->im',
    shapes: [
      [2, 3],
      [3, 2],
      [2, 4],
      [4, 2],
    ],
  },
  { equation: 'ab,cd,ef,ac,bd,ce,df,a->f', shapes: [[2, 2], [2, 2], [2, 2], [2, 2], [2, 2], [2, 2], [2, 2], [2]] },
  {
    equation: 'ij,kj->',
    shapes: [
      [2, 3],
      [4, 3],
    ],
  },
  {
    equation: 'ij,ij->ij',
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  {
    equation: 'xij,jk->xki',
    shapes: [
      [2, 3, 2],
      [2, 4],
    ],
  },
  {
    equation: '...ij,...jk->...ik',
    shapes: [
      [2, 2, 3],
      [2, 3, 2],
    ],
    letters: 'nij,njk->nik',
  },
  { equation: '...i->...', shapes: [[2, 3, 4]], letters: 'abi->ab' },
  {
    equation: 'i...,i...->...',
    shapes: [
      [2, 3],
      [2, 3],
    ],
    letters: 'in,in->n',
  },
  {
    equation: 'ij,jk->ik',
    shapes: [
      [2, 0],
      [0, 3],
    ],
  },
]

/** Sums of products cancel; these classes would only show by how much. */
export const productOperations: Record<string, Operation> = {
  einsum: withForms(
    equations.map(({ equation, shapes, letters = equation }) => {
      const [left, result] = letters.split('->')
      const names = left.split(',')
      const extents = Object.fromEntries(names.flatMap((name, i) => [...name].map((letter, axis) => [letter, shapes[i][axis]])))
      return {
        inputs: shapes,
        run: (...inputs) => q.einsum(equation, ...inputs),
        twin: (...arrays) =>
          sumOfProducts(
            arrays.map((array, i) => ({ letters: names[i], array })),
            result,
            extents,
          ),
      }
    }),
    { dtypes: [...floats, 'int32'], without: ['huge', 'infinite', 'nan', 'small'] },
  ),
  tensordot: withForms(
    [
      {
        inputs: [
          [2, 3, 4],
          [3, 4, 2],
        ],
        run: (a, b) => q.tensordot(a, b, 2),
        twin: (a, b) =>
          sumOfProducts(
            [
              { letters: 'ijk', array: a },
              { letters: 'jkl', array: b },
            ],
            'il',
            { i: 2, j: 3, k: 4, l: 2 },
          ),
      },
      {
        inputs: [
          [2, 3],
          [4, 2],
        ],
        run: (a, b) => q.tensordot(a, b, [[0], [-1]]),
        twin: (a, b) =>
          sumOfProducts(
            [
              { letters: 'ij', array: a },
              { letters: 'ki', array: b },
            ],
            'jk',
            { i: 2, j: 3, k: 4 },
          ),
      },
    ],
    { without: ['huge', 'infinite', 'nan'] },
  ),
  'outer, kron and vecdot': withForms(
    [
      { inputs: [[2], [3]], run: q.outer, twin: (a, b) => build([2, 3], ([i, j]) => a.data[i] * b.data[j]) },
      {
        inputs: [
          [2, 3],
          [2, 2],
        ],
        run: q.kron,
        twin: (a, b) => build([4, 6], ([i, j]) => at(a, [Math.floor(i / 2), Math.floor(j / 2)]) * at(b, [i % 2, j % 2])),
      },
      {
        inputs: [[2, 3], [3]],
        run: (a, b) => q.vecdot(a, b),
        twin: (a, b) => build([2], ([i]) => total([0, 1, 2].map((j) => at(a, [i, j]) * b.data[j]))),
      },
    ],
    { without: ['huge', 'infinite', 'nan'] },
  ),
}
