import { expect, test } from 'vitest'
import { key, leavesWithPaths, mapTree, type Tensor } from '../../../engine/index.ts'
import { importOnnx } from '../../../engine/onnx/index.ts'
import { forward } from '../decoder.ts'
import { initAdapter } from './adapter.ts'
import type { PeftConfig } from './config.ts'
import { exportWithAdapter } from './export.ts'
import { idsOf, largest, llama, modelOf, stirred } from './testing/models.ts'
import { withAdapter } from './with-adapter.ts'

const small = { ...llama, layers: 1 }

test.each<PeftConfig>([{ kind: 'lora' }, { kind: 'prefix', tokens: 3 }])('one model serves several adapters: $kind', async (peft) => {
  const base = modelOf(small)
  const adapters = [1, 2].map((seed) => {
    const adapter = initAdapter(peft, base, key(seed))
    return {
      ...adapter,
      params: mapTree<typeof adapter.params>(adapter.params, (x: Tensor, path) =>
        x.kind === 'buffer' ? x : stirred({ x }, seed * 1000 + path.length).x,
      ),
    }
  })
  const model = importOnnx(await exportWithAdapter(base, adapters[0], { length: 9 }))
  const answers = adapters.map((adapter) => {
    const inputs = Object.fromEntries(leavesWithPaths(adapter.params).map(([path, x]) => [`adapter.${path}`, x as Tensor]))
    return (ids: Tensor) => model.apply(model.parameters, { ids, ...inputs }).logits
  })
  // More rows than it was exported with.
  const ids = idsOf(3, [3, 9])
  for (const [i, adapter] of adapters.entries())
    expect(await largest(answers[i](ids), forward(small, withAdapter(base.params, adapter), { ids }))).toBeLessThan(1e-4)
  expect(await largest(answers[0](ids), answers[1](ids))).toBeGreaterThan(1e-3)
})
