import { type Figure, type Results, type Text, unitsOf } from '../../experiment/index.ts'
import { type MemoryMethod, memoryPlan } from '../../kits/lm/blocks/index.ts'
import { type Published, published } from './published.ts'

/** As the paper measures it: one text of 1,024 tokens, weights of 16 bits, nothing computed twice. */
const shape = { batch: 1, length: 1024, dtype: 'bfloat16' } as const

/** How each method that processes were measured for is set at the sizes of the paper. */
const atSize: Readonly<Record<Published, Readonly<Record<string, MemoryMethod>>>> = {
  'llama2-7b': {
    full: { kind: 'full' },
    lisa: { kind: 'lisa', activeLayers: 2 },
    lora: { kind: 'lora', rank: 128 },
  },
  'llama2-70b': {
    full: { kind: 'full' },
    lisa: { kind: 'lisa', activeLayers: 4 },
    lora: { kind: 'lora', rank: 256 },
  },
}

const gigabyte = 1e9

/**
 * What the accountant plans for models that no process here could hold. The whisker is its largest relative error for the same method among the processes of
 * this run, as if it did not grow beyond them.
 */
export function extrapolation(results: Results): Figure[] {
  const errorOf = (method: string): number | undefined => unitsOf(results, `process/${method}`)[0]?.measurements.processPlanError
  const methods = ['full', 'lisa', 'lora'].filter((method) => errorOf(method) !== undefined)
  if (methods.length === 0) return []
  const series = (Object.keys(published) as Published[]).map((name) => {
    const planned = methods.map((method) => [method, memoryPlan(published[name], atSize[name][method], shape).total / gigabyte] as const)
    return {
      label: labels[name],
      points: planned,
      band: planned.map(([method, bytes]) => {
        const error = errorOf(method)!
        return [method, bytes * (1 - error), bytes * (1 + error)] as const
      }),
    }
  })
  return [
    {
      id: 'memory-extrapolated',
      title: {
        en: 'Planned memory at the sizes of the paper, with the error of plans measured here',
        zh: '论文规模下的预测内存，附此处测得的预测误差',
      },
      kind: 'bar',
      xLabel: { en: 'method', zh: '方法' },
      yLabel: { en: 'gigabytes (batch 1, 1,024 tokens, weights of 16 bits)', zh: '吉字节（批量 1，1,024 个词元，16 位权重）' },
      yScale: 'log',
      series,
      ariaDescription: {
        en: 'Full tuning takes several times the memory of LISA and of LoRA at both sizes',
        zh: '两种规模下，全量微调的内存都是 LISA 与 LoRA 的数倍',
      },
    },
  ]
}

const labels: Readonly<Record<Published, Text>> = {
  'llama2-7b': { en: 'Llama 2 7B (LISA: 2 blocks, LoRA: rank 128)', zh: 'Llama 2 7B（LISA：2 块，LoRA：秩 128）' },
  'llama2-70b': { en: 'Llama 2 70B (LISA: 4 blocks, LoRA: rank 256)', zh: 'Llama 2 70B（LISA：4 块，LoRA：秩 256）' },
}
