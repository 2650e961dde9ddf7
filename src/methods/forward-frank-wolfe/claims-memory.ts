import type { Claim, Control, UnitRecord } from '../../experiment/index.ts'
import { memoryArm } from './arms.ts'
import { measured } from './measured.ts'

const [forward, reverse] = [memoryArm('forward'), memoryArm('reverse')]

/** The number of hidden layers of the shallowest and of the deepest network that a unit measured. */
function depthsOf({ measurements }: UnitRecord): { first: number; last: number } {
  const depths = Object.keys(measurements).flatMap(
    (name) =>
      name
        .match(/^activationMiB-(\d+)$/)
        ?.slice(1)
        .map(Number) ?? [],
  )
  return { first: Math.min(...depths), last: Math.max(...depths) }
}

const activations = (unit: UnitRecord, depth: number): number => unit.measurements[`activationMiB-${depth}`]

/** By what the memory of activations grows from the shallowest network to the deepest. */
function growth(unit: UnitRecord): number {
  const { first, last } = depthsOf(unit)
  return activations(unit, last) / activations(unit, first)
}

const deepest = (unit: UnitRecord): number => activations(unit, depthsOf(unit).last)

const memoryEfficient = 'the title: memory efficient'

export const memoryClaims: readonly Claim[] = [
  {
    id: 'memory-independent-of-depth',
    statement: {
      en: 'Forward mode: with 64 layers the activations take at most 1.1 times the memory of those with 4',
      zh: '前向模式：64 层的激活内存不超过 4 层的 1.1 倍',
    },
    paper: { value: 1, unit: 'ratio', where: memoryEfficient },
    arm: forward,
    baseline: { arm: reverse, value: growth },
    measure: growth,
    threshold: 1.1,
    direction: 'atMost',
    single: true,
  },
  {
    id: 'memory-reverse-grows',
    statement: { en: 'Reverse mode: with 64 layers they take at least 6 times as much', zh: '反向模式：64 层至少为 4 层的 6 倍' },
    paper: { value: 16, unit: 'ratio', where: memoryEfficient },
    arm: reverse,
    baseline: { arm: forward, value: growth },
    measure: growth,
    threshold: 6,
    direction: 'atLeast',
    single: true,
  },
  {
    id: 'memory-saved',
    statement: {
      en: 'With 64 layers forward mode holds at most a quarter of the activations of reverse mode',
      zh: '64 层时，前向模式的激活内存不超过反向模式的四分之一',
    },
    paper: { value: 0.47, unit: 'ratio of memory an epoch', where: 'example on MNIST, 1000 against 2150 MiB; second hand' },
    arm: forward,
    baseline: { arm: reverse, value: () => 1 },
    measure: (unit, { baseline }) => deepest(unit) / deepest(baseline),
    threshold: 0.25,
    direction: 'atMost',
    single: true,
  },
  {
    id: 'memory-process',
    statement: {
      en: 'A process that trains 64 layers by forward mode needs at most half of the memory, above the bare runtime, of one by reverse mode',
      zh: '训练 64 层的进程在裸运行时之上的内存增量，前向模式不超过反向模式的一半',
    },
    paper: { value: 0.47, unit: 'ratio of memory an epoch', where: 'example on MNIST, 1000 against 2150 MiB; second hand' },
    arm: forward,
    baseline: { arm: reverse, value: measured('processMiB') },
    measure: (unit, { baseline }) => unit.measurements.processMiB / baseline.measurements.processMiB,
    threshold: 0.5,
    direction: 'atMost',
    single: true,
    provisional: {
      original: 0.5,
      note: { en: 'from the sizes of the arrays, before any run', zh: '由数组大小推得，早于任何运行' },
    },
  },
]

export const memoryControls: readonly Control[] = [
  {
    id: 'memory-tape-kept',
    arm: memoryArm('tapeKept'),
    breaks: ['memory-independent-of-depth', 'memory-saved'],
    broken: {
      en: 'every layer’s value and tangent is a result of the step, so that nothing can be freed',
      zh: '每层的值和切向量都作为结果保留',
    },
  },
  {
    id: 'memory-by-reverse-mode',
    arm: reverse,
    breaks: ['memory-independent-of-depth', 'memory-saved', 'memory-process'],
    broken: { en: 'gradients by reverse mode', zh: '用反向模式求梯度' },
  },
  {
    id: 'memory-by-forward-mode',
    arm: forward,
    breaks: ['memory-reverse-grows'],
    broken: { en: 'derivatives by forward mode', zh: '用前向模式求导数' },
  },
]
