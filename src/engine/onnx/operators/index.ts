import type { Operators } from './call.ts'
import { controlOperators } from './control.ts'
import { elementwiseOperators } from './elementwise.ts'
import { indexingOperators } from './indexing.ts'
import { matrixOperators } from './matrix.ts'
import { normalizationOperators } from './normalize.ts'
import { poolOperators } from './pool.ts'
import { reduceOperators } from './reduce.ts'
import { resizeOperators } from './resize.ts'
import { shapeOperators } from './shape.ts'

/** The operators of the ONNX standard that `importOnnx` reads. */
export const operators: Operators = {
  ...controlOperators,
  ...elementwiseOperators,
  ...indexingOperators,
  ...matrixOperators,
  ...normalizationOperators,
  ...poolOperators,
  ...reduceOperators,
  ...resizeOperators,
  ...shapeOperators,
}
