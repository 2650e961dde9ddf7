import { countText, type Text } from '../../text.ts'
import type { Comparison } from './comparison.ts'
import type { Method } from './difference.ts'

/** The texts of a comparison of two runs. */
export const comparisonMessages = {
  title: (method: string): Text => ({ en: `${method}: two runs compared`, zh: `${method}：两次运行的比较` }),
  a: { en: 'A', zh: 'A' },
  b: { en: 'B', zh: 'B' },
  run: { en: 'Run', zh: '运行' },
  runs: { en: 'The two runs', zh: '两次运行' },
  folder: { en: 'Folder', zh: '文件夹' },
  outcome: { en: 'Outcome', zh: '结果' },
  difference: { en: 'B − A [95 % interval]', zh: 'B − A [95 % 区间]' },
  verdicts: { en: 'Verdict', zh: '结论' },
  verdictsSame: { en: 'No verdict is another one.', zh: '结论均相同。' },
  verdictsChanged: (count: number): Text => ({
    en: `${count} ${count === 1 ? 'verdict is' : 'verdicts are'} not the same.`,
    zh: `${count} 项结论不同。`,
  }),
  identical: (numbers: number): Text => ({
    en: `All ${countText(numbers).en} numbers of both are the same, bit for bit.`,
    zh: `两次运行的 ${countText(numbers).zh} 个数字逐位相同。`,
  }),
  differing: ({ numbers, differing, onlyA, onlyB }: Comparison['agreement']): Text => {
    if (numbers === 0)
      return { en: 'The runs have no number in common: other seeds, or other arms.', zh: '两次运行没有共同的数字：种子或实验臂不同。' }
    const alone = onlyA + onlyB > 0
    return {
      en: `Of ${countText(numbers).en} numbers that both have, ${countText(differing).en} differ${alone ? `; ${countText(onlyA).en} are only in A, ${countText(onlyB).en} only in B` : ''}.`,
      zh: `共有的 ${countText(numbers).zh} 个数字中有 ${countText(differing).zh} 个不同${alone ? `；仅 A 有 ${countText(onlyA).zh} 个，仅 B 有 ${countText(onlyB).zh} 个` : ''}。`,
    }
  },
  how: {
    en: 'The interval of a difference is Student’s t over seeds: paired, seed by seed, where both runs have the same seeds; else Welch’s, for two independent samples. An interval that holds 0 shows no difference. It is one of many: some of a hundred exclude 0 by chance alone.',
    zh: '差值的区间为各种子上的学生 t 区间：两次运行种子相同时逐种子配对，否则用 Welch 区间（两个独立样本）。区间包含 0 即未显出差异；区间众多，百个之中总有几个仅因偶然而不含 0。',
  },
  controls: { en: 'Controls with another answer', zh: '结果不同的负对照' },
  config: { en: 'Configuration that differs', zh: '不同的配置' },
  setup: { en: 'Setup that differs', zh: '不同的环境' },
  same: { en: 'Nothing differs.', zh: '没有不同。' },
  absent: { en: 'not there', zh: '无' },
  quantities: { en: 'All measurements of both', zh: '两次运行共有的测量值' },
  ratio: { en: 'B / A', zh: 'B / A' },
  fails: { en: 'fails', zh: '失败' },
  doesNotFail: { en: 'does not fail', zh: '未失败' },
  onlyIn: (side: 'A' | 'B'): Text => ({ en: `only in ${side}`, zh: `仅 ${side} 有` }),
} satisfies Record<string, Text | ((...given: never[]) => Text)>

/** How a difference got its interval. */
export const differenceMethods: Readonly<Record<Method, Text>> = {
  paired: { en: 'paired by seed', zh: '按种子配对' },
  welch: { en: 'Welch', zh: 'Welch' },
  exact: { en: 'both deterministic', zh: '均为确定值' },
  point: { en: 'no mean, so without an interval', zh: '非均值，无区间' },
  none: { en: 'no interval: too few seeds, or one without a finite number', zh: '无区间：种子太少，或有种子未给出有限数值' },
}
