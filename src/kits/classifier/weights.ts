import type { z } from 'zod'
import { writeSafetensors } from '../../engine/safetensors.ts'
import { toArrays } from '../../train/index.ts'

/**
 * What the weights are called that a method keeps beside the classifier, for uses of its own.
 *
 * @example
 * weightsFile // 'weights.safetensors'
 */
export const weightsFile = 'weights.safetensors'

/**
 * Parameters as safetensors, with what is needed to use them again in the metadata.
 *
 * @example
 * const bytes = await encodeWeights({ weight: zeros([2]) }, { steps: 3 })
 */
export const encodeWeights = async (params: unknown, about: object): Promise<Uint8Array> =>
  writeSafetensors(await toArrays(params), { quire: JSON.stringify(about) })

/**
 * What the metadata of a file, safetensors or ONNX, say of it in our own words; nothing where somebody else wrote them, or other words.
 *
 * @example
 * import { z } from 'zod'
 *
 * describedBy(z.object({ steps: z.number() }), { quire: '{"steps":3}' })?.steps // 3
 */
export function describedBy<S extends z.ZodType>(schema: S, { quire }: Readonly<Record<string, string>>): z.output<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(quire)).data
  } catch {
    return undefined
  }
}
