import { add, evaluate, mapTree, matmul, mul, type Tensor } from '../../engine/index.ts'
import { type DecoderParams, linearAt, linearPlaces } from '../../kits/lm/params.ts'

/** Parameters with LoRA's matrices worked into the weights beside them; others stay. */
export async function mergeParams(params: DecoderParams): Promise<DecoderParams> {
  const merged = mapTree<DecoderParams>(params, (leaf) => leaf)
  for (const block of merged.blocks)
    for (const place of linearPlaces) {
      const linear = linearAt(block, place)
      if (!linear?.lora) continue
      const { a, b, scaling } = linear.lora
      linear.weight = add(linear.weight as Tensor, mul(matmul(a, b), scaling))
      delete linear.lora
    }
  return evaluate(merged)
}
