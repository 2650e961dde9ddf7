import type { Figure, Results } from '../../experiment/index.ts'

export const figures = (_: Results): Figure[] => []
