import { compileOpen, type NDArray, type OpenProgram, type Tensor } from '../../engine/index.ts'

/** A function of float64 matrices, compiled once for all their extents, which have names: `onMatrices((x) => [matmul(swapLast(x), x)], 'n d')`. */
export function onMatrices(fn: (...args: Tensor[]) => Tensor[], ...shapes: string[]): (...args: NDArray[]) => Promise<NDArray[]> {
  let program: Promise<OpenProgram> | undefined
  const extents = (shape: string) => shape.split(' ').map((extent) => (/^\d+$/.test(extent) ? Number(extent) : extent))
  const compiled = () =>
    compileOpen(
      fn,
      shapes.map((shape) => ({ dtype: 'float64', shape: extents(shape) })),
    )
  return async (...args) => {
    program ??= compiled()
    return (await program).run(args)
  }
}
