import { type Tensor, zeros } from '../../../engine/index.ts'
import { exportOnnx } from '../../../engine/onnx/index.ts'
import type { DecoderConfig } from '../config.ts'
import { forward } from '../decoder.ts'
import type { DecoderParams } from '../params.ts'
import { type Adapter, finished } from './adapter.ts'
import { withAdapter } from './with-adapter.ts'

/**
 * A base as an ONNX model with an adapter's tensors among its inputs, under their names in the tree (`adapter.maps.0.attention.query.lora.a`): one session
 * serves every adapter of the same shape. Inputs `ids` [n, length] of any n; output `logits` [n, length, V].
 *
 * @example
 * const config = llamaConfig({ ...sizes.tiny })
 * const base = { config, params: initDecoder(config, key(0)) }
 * const bytes = await exportWithAdapter(base, initAdapter({ kind: 'lora' }, base, key(1)), { length: 16 })
 */
export async function exportWithAdapter(
  { config, params }: { readonly config: DecoderConfig; readonly params: DecoderParams },
  adapter: Adapter,
  { length }: { readonly length: number },
): Promise<Uint8Array> {
  const kept = await finished(adapter)
  const logits = (ids: Tensor, own: Adapter['params']) => ({
    logits: forward(config, withAdapter(params, { ...kept, params: own }), { ids }),
  })
  return exportOnnx(logits, [zeros([2, length], 'int32'), kept.params], { arguments: ['ids', 'adapter'], batch: ['ids'] })
}
