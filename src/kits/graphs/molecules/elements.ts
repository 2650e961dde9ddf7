/**
 * The elements that molecules are made of here, and how many bonds each may have when it is neutral: the smallest that fits decides the hydrogens.
 *
 * @example
 * valences.C[0] // 4
 */
export const valences = {
  B: [3],
  C: [4],
  N: [3],
  O: [2],
  F: [1],
  P: [3, 5],
  S: [2, 4, 6],
  Cl: [1],
  Br: [1],
  I: [1],
} as const satisfies Readonly<Record<string, readonly number[]>>

export type ElementSymbol = keyof typeof valences

/**
 * Whether this is the symbol of an element that molecules are made of here.
 *
 * @example
 * isElement('Xx') // false
 */
export const isElement = (symbol: string): symbol is ElementSymbol => Object.hasOwn(valences, symbol)

/**
 * The most bonds of a neutral atom.
 *
 * @example
 * mostBonds('S') // 6
 */
export const mostBonds = (element: ElementSymbol): number => valences[element].at(-1)!

/**
 * Heavy atoms of QM9, and of small organic molecules in general.
 *
 * @example
 * qm9Elements.join('') // 'CNOF'
 */
export const qm9Elements = ['C', 'N', 'O', 'F'] as const satisfies readonly ElementSymbol[]

/**
 * Bonds as an edge's category: order 1, 2, 3.
 *
 * @example
 * bondNames.join() // 'single,double,triple'
 */
export const bondNames = ['single', 'double', 'triple'] as const
