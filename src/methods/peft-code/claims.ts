import type { Claim, Control, UnitRecord } from '../../experiment/index.ts'
import { rivals, shots } from './arms.ts'
import { type Config, isAtEdge, isJudged } from './config.ts'

const bpb = ({ measurements }: UnitRecord): number => measurements.bpb

const study = 'Weyssow et al. 2023, in exact match'
const judged = (config: unknown): boolean => isJudged(config as Config)

/** Bits a byte that an arm needs more than another, which is to be less than nothing. */
const below = (
  id: string,
  arm: string,
  rival: string,
  statement: Claim['statement'],
  when: (config: Config) => boolean = () => true,
): Claim => ({
  id,
  statement,
  paper: { value: 0, unit: 'difference of bits a byte; only its sign follows', where: study },
  arm,
  baseline: { arm: rival, value: bpb },
  measure: (own, { baseline }) => bpb(own) - bpb(baseline),
  threshold: 0,
  direction: 'atMost',
  when: (config) => judged(config) && when(config as Config),
})

const rivalNames = {
  ia3: { en: '(IA)³', zh: '(IA)³' },
  prompt: { en: 'prompt tuning', zh: '提示微调' },
  prefix: { en: 'prefix tuning', zh: '前缀微调' },
}

/** How much better than nothing examples in the prompt must be, before beating them means anything. */
const iclPower = 0.05

const bestIcl = (unit: (arm: string) => UnitRecord): number => Math.min(...shots.map((k) => bpb(unit(`conala/icl-${k}`))))

export const claims: readonly Claim[] = [
  below('lora-beats-small', 'conala/lora', 'conala/slm', {
    en: 'H1: LoRA on q, k, v of the large model needs fewer bits a byte than the small model with all weights tuned',
    zh: 'H1：大模型 q、k、v 上的 LoRA 每字节所需比特少于全参数微调的小模型',
  }),
  below('lora-all-beats-small', 'conala/lora-all', 'conala/slm', {
    en: 'H1: and so does LoRA on all its linear maps',
    zh: 'H1：作用于全部线性层的 LoRA 也是如此',
  }),
  ...rivals.map((name) =>
    below(
      `lora-beats-${name}`,
      'conala/lora',
      `conala/${name}`,
      {
        en: `H2: LoRA needs fewer bits a byte than ${rivalNames[name].en}, each at its best rate`,
        zh: `H2：LoRA 每字节所需比特少于${rivalNames[name].zh}（各取最佳学习率）`,
      },
      // Where the best rate is the last of its grid, a better one may lie beyond: nothing can be said.
      (config) => !isAtEdge(config, name),
    ),
  ),
  {
    id: 'examples-help',
    statement: {
      en: 'H3 can be judged: the best number of examples in the prompt saves 0.05 bits a byte',
      zh: 'H3 的前提：提示中最佳数量的示例每字节节省 0.05 比特',
    },
    paper: { value: iclPower, unit: 'bits a byte saved', where: 'what the comparison takes for granted' },
    arm: 'conala/icl-1',
    baseline: { arm: 'conala/zero-shot', value: bpb },
    measure: (own, { baseline, unit }) => bpb(baseline) - (own.arm === 'conala/icl-1' ? bestIcl(unit) : bpb(own)),
    threshold: iclPower,
    direction: 'atLeast',
    when: judged,
  },
  {
    id: 'lora-beats-examples',
    statement: {
      en: 'H3: LoRA needs fewer bits a byte than the best number of examples in the prompt (says nothing where these do not help)',
      zh: 'H3：LoRA 每字节所需比特少于最佳数量的提示示例（若示例无效则无意义）',
    },
    paper: { value: 0, unit: 'difference of bits a byte; only its sign follows', where: study },
    arm: 'conala/lora',
    measure: (own, { unit }) => bpb(own) - bestIcl(unit),
    threshold: 0,
    direction: 'atMost',
    when: judged,
  },
  {
    id: 'nf4-costs-little',
    statement: {
      en: 'H4: a base in 4 bits costs at most 0.05 bits a byte, both untuned and with LoRA (the larger of the two)',
      zh: 'H4：4 比特底座在未微调与 LoRA 微调后每字节最多多 0.05 比特（取两者较大者）',
    },
    paper: { value: 0, unit: 'bits a byte', where: 'QLoRA, equal or better quality' },
    arm: 'conala/nf4',
    baseline: { arm: 'conala/lora', value: bpb },
    measure: (own, { baseline, unit }) => Math.max(bpb(own) - bpb(baseline), own.measurements.bpbBefore - bpb(unit('conala/zero-shot'))),
    threshold: 0.05,
    direction: 'atMost',
    when: judged,
  },
  {
    id: 'nf4-is-small',
    statement: { en: 'H4: its quantized matrices take at most a third of those in 16 bits', zh: 'H4：量化矩阵至多为 16 比特时的三分之一' },
    paper: { value: 3.88, unit: 'times smaller', where: 'QLoRA, 4.127 bits a weight' },
    arm: 'conala/nf4',
    measure: ({ measurements }) => measurements.halfBytes / measurements.quantizedBytes,
    threshold: 3,
    direction: 'atLeast',
    single: true,
    when: judged,
  },
  {
    id: 'joint-costs-little',
    statement: {
      en: 'H5: one adapter of both sets costs at most 0.05 bits a byte over that of each (the larger of the two)',
      zh: 'H5：两数据集联合的适配器相对各自单独的适配器每字节最多多 0.05 比特（取较大者）',
    },
    paper: { value: 0, unit: 'bits a byte', where: 'joint training costs little' },
    arm: 'joint/lora',
    baseline: { arm: 'mbpp/lora', value: ({ measurements }) => measurements.bpbMbpp },
    measure: (own, { baseline, unit }) =>
      Math.max(own.measurements.bpbMbpp - baseline.measurements.bpbMbpp, bpb(own) - bpb(unit('conala/lora'))),
    threshold: 0.05,
    direction: 'atMost',
    when: (config) => judged(config) && (config as Config).seeds.joint >= 3,
  },
  ...(['lora', 'full'] as const).map(
    (name): Claim => ({
      id: `calls-${name}`,
      statement:
        name === 'lora'
          ? {
              en: 'Of calls that were never trained on, LoRA on all linear maps writes 90 % to the letter',
              zh: '对未训练过的调用，全线性层 LoRA 逐字写对 90 %',
            }
          : { en: 'and so does tuning all weights', zh: '全参数微调亦然' },
      paper: { value: 1, unit: 'exact match', where: 'guards decoding and measuring' },
      arm: `api/${name}`,
      baseline: { arm: 'api/zero-shot', value: ({ measurements }) => measurements.exactMatch },
      measure: ({ measurements }) => measurements.exactMatch,
      threshold: 0.9,
      direction: 'atLeast',
      when: judged,
    }),
  ),
]

export const controls: readonly Control[] = [
  {
    id: 'untrained-base',
    arm: 'conala/untrained',
    breaks: ['lora-beats-small', 'lora-all-beats-small'],
    broken: { en: 'the base has random weights', zh: '底座为随机权重' },
  },
  {
    id: 'two-bit',
    arm: 'conala/two-bit',
    breaks: ['nf4-costs-little'],
    broken: { en: 'four even levels in the place of NF4', zh: '用四个均匀量化级代替 NF4' },
  },
  {
    id: 'eight-bit',
    arm: 'conala/int8',
    breaks: ['nf4-is-small'],
    broken: { en: 'integers of 8 bits in the place of NF4', zh: '用 8 比特整数代替 NF4' },
  },
  {
    id: 'untuned-rate',
    arm: 'conala/untuned-rate',
    breaks: [...rivals.map((name) => `lora-beats-${name}`), 'lora-beats-examples'],
    broken: { en: 'the learning rate is a thousandth', zh: '学习率缩小为千分之一' },
  },
  {
    id: 'no-examples',
    arm: 'conala/header',
    breaks: ['examples-help'],
    broken: { en: 'the header alone, without an example', zh: '只有提示头，没有示例' },
  },
  {
    id: 'one-set',
    arm: 'conala/lora',
    breaks: ['joint-costs-little'],
    broken: { en: 'the adapter of CoNaLa alone', zh: '仅用 CoNaLa 训练的适配器' },
  },
  {
    id: 'shuffled-pairs',
    arm: 'api/shuffled',
    breaks: ['calls-lora', 'calls-full'],
    broken: { en: 'answers change places among the training examples', zh: '打乱训练样本的答案' },
  },
]
