import { z } from 'zod'
import { verb } from '../method.ts'
import { loadModel, regularizerIn } from './saved-model.ts'
import { structureReport } from './structure.ts'

export const reportVerb = verb({
  name: 'report',
  summary: { en: 'Says layer by layer what training has set to zero', zh: '逐层说明训练把什么置为零' },
  options: z.object({ model: z.string().describe('the folder that train wrote, or its weights file') }),
  positional: 'model',
  example: 'quire ramda report runs/ramda/digits',
  async run({ options }) {
    const { about, arrays } = await loadModel(options.model)
    const structure = structureReport(arrays, regularizerIn(about))
    const lines = structure.layers.map((layer) => {
      const what =
        layer.rank === undefined ? `${layer.zeroCount} of ${layer.groups} groups are zero` : `rank ${layer.rank} of ${layer.groups}`
      return `${layer.path.padEnd(20)} [${layer.shape.join(', ')}]  ${what}  (${(100 * layer.sparsity).toFixed(1)} %)`
    })
    return { lines: [...lines, `in all ${(100 * structure.sparsity).toFixed(1)} % of the regularized weights`], json: structure }
  },
})
