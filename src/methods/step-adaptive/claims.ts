import type { Claim, ClaimContext, Control, UnitRecord } from '../../experiment/index.ts'
import { underTrained } from './arms.ts'
import type { Config } from './config.ts'

const of =
  (study: Config['study']): Claim['when'] =>
  (config) =>
    (config as unknown as Config).study === study

const loss = ({ measurements }: UnitRecord): number => measurements.epsMse
const fid = ({ measurements }: UnitRecord): number => measurements.fid

/** The best of several models that serve all times. */
const bestUniform =
  (arms: readonly string[]) =>
  ({ unit }: ClaimContext): number =>
    Math.min(...arms.map((arm) => loss(unit(arm))))

/** All with as many training samples as the groups: in one stage, in two, and in two with harder times drawn more often. */
const uniforms = ['uniform/one-cosine', 'uniform/two-stage', 'uniform/two-stage-weighted']

const abstract = 'abstract of v3: FID better by 0.32 on CIFAR-10 with 80 % of the computation'

const capacity: readonly Claim[] = [
  {
    id: 'efficiency',
    statement: {
      en: 'With 80 % of the operations the held-out loss is at least 1 % below that of the best of three uniform models with 100 % and as many training samples',
      zh: '只用 80 % 的计算量，留出损失仍比三个 100 % 计算量、训练样本数相同的统一模型中最好的至少低 1 %',
    },
    paper: { value: 0.99, unit: 'ratio of losses', where: abstract },
    arm: 'weighted/difficulty',
    baseline: { arm: 'uniform/one-cosine', value: loss },
    measure: (own, context) => loss(own) / bestUniform(uniforms)(context),
    threshold: 0.99,
    direction: 'atMost',
    when: of('capacity'),
  },
  {
    id: 'allocation-equal',
    statement: {
      en: 'Sizes by difficulty: the held-out loss is at least 1 % below that of equal sizes with the same operations',
      zh: '按难度分配大小：留出损失比相同计算量的等大小分配至少低 1 %',
    },
    paper: { value: 0.99, unit: 'ratio of losses', where: 'v1: model sizes by the difficulty of time steps' },
    arm: 'weighted/difficulty',
    baseline: { arm: 'weighted/equal', value: loss },
    measure: (own, { baseline }) => loss(own) / loss(baseline),
    threshold: 0.99,
    direction: 'atMost',
    when: of('capacity'),
  },
  {
    id: 'allocation-reversed',
    statement: {
      en: 'and at least 2.5 % below that of the sizes in reversed order',
      zh: '并比大小顺序相反的分配至少低 2.5 %',
    },
    paper: { value: 0.975, unit: 'ratio of losses', where: 'v1: model sizes by the difficulty of time steps' },
    arm: 'weighted/difficulty',
    baseline: { arm: 'weighted/reversed', value: loss },
    measure: (own, { baseline }) => loss(own) / loss(baseline),
    threshold: 0.975,
    direction: 'atMost',
    when: of('capacity'),
  },
  {
    id: 'fid',
    statement: {
      en: 'FID with 80 % of the operations is below that of the uniform model with 100 % (the same noise for both)',
      zh: '80 % 计算量的 FID 低于 100 % 计算量的统一模型（两者使用相同噪声）',
    },
    paper: { value: -0.32, unit: 'difference of FID', where: abstract },
    arm: 'weighted/difficulty',
    baseline: { arm: 'uniform/one-cosine', value: fid },
    measure: (own, { baseline }) => fid(own) - fid(baseline),
    threshold: 0,
    direction: 'atMost',
    when: of('capacity'),
  },
  {
    id: 'fid-resolution',
    statement: {
      en: 'The comparison of FID can tell effects of 0.13 apart from noise: one model sampled twice, with other noise, differs from itself by less',
      zh: 'FID 比较能分辨 0.13 的效应：同一模型用不同噪声采样两次，差异更小',
    },
    paper: { value: 0, unit: 'difference of FID', where: 'our condition; 0.13 is the least effect that is judged here' },
    arm: 'control/same-model',
    baseline: { arm: 'uniform/one-cosine', value: fid },
    measure: (own, { baseline }) => Math.abs(fid(own) - fid(baseline)),
    threshold: 0.13,
    direction: 'atMost',
    when: of('capacity'),
  },
  {
    id: 'naive-recipe',
    statement: {
      en: 'Equal steps for all groups do harm: without any pruning FID is above that of the uniform model',
      zh: '各组步数相同反而有害：即使不剪枝，FID 也高于统一模型',
    },
    paper: { value: 0, unit: 'difference of FID', where: 'our ablation of how steps are shared out, of which the paper says nothing' },
    arm: 'equal/none',
    baseline: { arm: 'uniform/one-cosine', value: fid },
    measure: (own, { baseline }) => fid(own) - fid(baseline),
    threshold: 0,
    direction: 'atLeast',
    when: of('capacity'),
  },
]

const boundary: Claim = {
  id: 'boundary',
  statement: {
    en: 'Far from convergence groups do not help: without pruning, and after 60 % of the steps on all times, their held-out loss is no lower than that of a uniform model with as many steps',
    zh: '远未收敛时分组没有帮助：60 % 的步数用于全部时刻且不剪枝，留出损失不低于步数相同的统一模型',
  },
  paper: { value: 1, unit: 'ratio of losses', where: 'our condition: where the claim ends' },
  arm: underTrained('60/equal/none'),
  baseline: { arm: underTrained('uniform/one-cosine'), value: loss },
  measure: (own, { baseline }) => loss(own) / loss(baseline),
  threshold: 1,
  direction: 'atLeast',
  when: of('under-trained'),
}

const convolutionalArm = (name: string): string => `convolutional/${name}`

/** Of one seed, and in their direction only. */
const convolutional: readonly Claim[] = [
  {
    id: 'convolutional-efficiency',
    statement: {
      en: 'U-Net: with 80 % of the operations the held-out loss is no higher than that of the better of two uniform models',
      zh: 'U-Net：80 % 计算量的留出损失不高于两个统一模型中较好者',
    },
    paper: { value: 1, unit: 'ratio of losses', where: abstract },
    arm: convolutionalArm('weighted/difficulty'),
    baseline: { arm: convolutionalArm('uniform/one-cosine'), value: loss },
    measure: (own, context) => loss(own) / bestUniform(uniforms.slice(0, 2).map(convolutionalArm))(context),
    threshold: 1,
    direction: 'atMost',
    single: true,
    when: of('convolutional'),
  },
  {
    id: 'convolutional-allocation',
    statement: {
      en: 'U-Net: sizes by difficulty have no higher loss than equal sizes and than reversed ones',
      zh: 'U-Net：按难度分配的损失不高于等大小分配，也不高于相反顺序',
    },
    paper: { value: 1, unit: 'larger ratio of losses', where: 'v1: model sizes by the difficulty of time steps' },
    arm: convolutionalArm('weighted/difficulty'),
    baseline: { arm: convolutionalArm('weighted/equal'), value: loss },
    measure: (own, { unit }) =>
      Math.max(...['weighted/equal', 'weighted/reversed'].map((arm) => loss(own) / loss(unit(convolutionalArm(arm))))),
    threshold: 1,
    direction: 'atMost',
    single: true,
    when: of('convolutional'),
  },
]

export const claims: readonly Claim[] = [...capacity, boundary, ...convolutional]

const untrained = { en: 'copies are pruned and not fine-tuned', zh: '剪枝后的副本不做微调' }
const reversed = { en: 'groups with little noise get the small copies', zh: '低噪声的组得到小副本' }

export const controls: readonly Control[] = [
  {
    id: 'shuffled-groups',
    arm: 'control/shuffled-groups',
    breaks: ['efficiency'],
    broken: {
      en: 'groups are random sets of steps, as large, with the same sizes and steps',
      zh: '组由随机时刻组成，大小与步数不变',
    },
  },
  { id: 'no-stage-2', arm: 'control/no-stage-2', breaks: ['efficiency', 'fid', 'fid-resolution'], broken: untrained },
  { id: 'reversed-sizes', arm: 'weighted/reversed', breaks: ['allocation-equal', 'allocation-reversed'], broken: reversed },
  {
    id: 'weighted-steps',
    arm: 'weighted/none',
    breaks: ['naive-recipe'],
    broken: { en: 'harder groups get more steps', zh: '较难的组得到更多步数' },
  },
  {
    id: 'more-samples',
    arm: underTrained('control/more-samples'),
    breaks: ['boundary'],
    broken: { en: 'the groups’ base alone has as many steps as the uniform model', zh: '仅分组的基础模型就与统一模型步数相同' },
  },
  {
    id: 'convolutional-no-stage-2',
    arm: convolutionalArm('control/no-stage-2'),
    breaks: ['convolutional-efficiency', 'convolutional-allocation'],
    broken: untrained,
  },
]
