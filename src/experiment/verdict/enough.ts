import type { Estimate } from './estimate.ts'

export const enough = ({ statistic, n }: Estimate, _rivals: number): boolean => statistic === 'mean' || n >= 5
