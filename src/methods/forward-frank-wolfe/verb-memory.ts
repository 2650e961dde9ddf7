import { join } from 'node:path'
import { z } from 'zod'
import { bytesText, textTable } from '../../engine/inspect/text.ts'
import { makeFolder, writeAtomically } from '../../experiment/index.ts'
import { drawFigures } from '../../experiment/report/draw.ts'
import { verb } from '../method.ts'
import { memoryPlan } from './memory.ts'
import { memoryFigure, modes } from './memory-figure.ts'

export const memoryVerb = verb({
  name: 'memory',
  summary: {
    en: 'Shows what a training step of a deep network holds in memory, by forward and by reverse mode',
    zh: '比较深层网络一个训练步在前向与反向模式下占用的内存',
  },
  options: z.object({
    depths: z.array(z.number().int().positive()).default([4, 16, 64]).describe('hidden layers'),
    width: z.number().int().positive().default(256).describe('units of a layer'),
    batch: z.number().int().positive().default(512).describe('examples a step'),
    out: z.string().optional().describe('folder for the picture (SVG)'),
  }),
  example: 'quire forward-frank-wolfe memory --depths 4,16,64 --width 256 --batch 512 --out runs/forward-frank-wolfe/memory',
  async run({ options: { depths, width, batch, out } }) {
    const rows = depths.flatMap((depth) => modes.map((mode) => ({ depth, mode, ...memoryPlan({ depth, width, batch }, mode) })))
    const columns = rows.map(({ depth, mode, activationBytes, parameterBytes, stateBytes }) => [
      String(depth),
      mode,
      bytesText(activationBytes),
      bytesText(parameterBytes),
      bytesText(stateBytes),
    ])
    const lines = [
      'bytes of one step at the worst moment: activations grow with the batch, the rest is as large as parameters',
      textTable(['layers', 'mode', 'activations', 'other intermediates', 'parameters and state'], columns),
    ]
    if (out) {
      makeFolder(out)
      const { files } = await drawFigures([memoryFigure(rows)])
      for (const { file, svg } of files) writeAtomically(join(out, file), svg)
      lines.push(`written: ${files.map(({ file }) => join(out, file)).join(', ')}`)
    }
    return { lines, json: { width, batch, rows } }
  },
})
