import type { Text } from '../experiment/text.ts'
import type { Verb } from '../methods/method.ts'

/** A command with verbs: a method, or tools that several methods share. */
export interface VerbGroup {
  readonly name: string
  readonly summary: Text
  /** Of the paper, where there is one. */
  readonly title?: string
  readonly arxiv?: string
  verbs(): Promise<readonly Verb[]>
}

/** The commands that are no method's own. */
export const toolboxes: readonly VerbGroup[] = [
  {
    name: 'lm',
    summary: {
      en: 'Language models: train, evaluate, generate, convert and serve them',
      zh: '语言模型：训练、评测、生成、转换与服务',
    },
    verbs: async () => (await import('./lm/index.ts')).verbs,
  },
  {
    name: 'diffusion',
    summary: {
      en: 'Diffusion models: train, sample, evaluate and export them',
      zh: '扩散模型：训练、采样、评测与导出',
    },
    verbs: async () => (await import('./diffusion/index.ts')).verbs,
  },
]
