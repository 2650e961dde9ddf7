import type { Text } from '../../experiment/text.ts'

/** The areas in which papers are filed, as cards name them, in Chinese. */
const inChinese = {
  'hardware design': '硬件设计',
  'language models': '语言模型',
  optimization: '优化',
  alignment: '对齐',
  privacy: '隐私',
  biology: '生物信息',
  AutoML: '自动机器学习',
  vision: '视觉',
  generation: '生成',
  robotics: '机器人',
  'knowledge graphs': '知识图谱',
  'diffusion models': '扩散模型',
  'scientific computing': '科学计算',
  audio: '音频',
  explanation: '可解释性',
} as const

export type Area = keyof typeof inChinese

/** An area in both languages; one that is not listed keeps its name. */
export const areaOf = (area: string): Text => ({ en: area, zh: Object.hasOwn(inChinese, area) ? inChinese[area as Area] : area })
