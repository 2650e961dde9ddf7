export { type AnimationOptions, animation } from './animation.ts'
export { type GridOptions, imageGrid, type PictureOptions } from './grid.ts'
export { type ImageRow, imageRows, type RowsOptions, trajectories } from './rows.ts'
