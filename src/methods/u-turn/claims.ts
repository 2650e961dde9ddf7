import type { Claim, Control, Text, UnitRecord } from '../../experiment/index.ts'

const [churn, ode] = ['digits/churn', 'digits/ode']

/** What a U-turn's FID is held against, with as many evaluations of the network and no real start. */
export const rivals = ['digits/reduced', 'digits/gaussian-start', 'digits/noise-start'] as const

const measured = (name: string) => (unit: UnitRecord) => unit.measurements[name]

/** NaN, which no claim survives, where a control does not measure what it is held against. */
const of = ({ measurements }: UnitRecord, name: string): number => measurements[name] ?? Number.NaN

const speciation: Text = {
  en: 'The speciation time of the probability flow is within a factor 2 of √λ of the dominant direction',
  zh: '概率流的物种形成时间与主方向 √λ 相差不超过 2 倍',
}

export const claims: readonly Claim[] = [
  {
    id: 'mixture-flips',
    statement: {
      en: 'Exact score: U-turns by Euler-Maruyama end in the other mode as often as the closed form says, to 0.01 at every σ',
      zh: '精确得分：Euler-Maruyama 的 U 形折返落入另一模式的频率与闭式解在每个 σ 上相差不超过 0.01',
    },
    paper: { value: 0, unit: 'difference of probabilities', where: 'closed form' },
    arm: 'mixture/sde',
    measure: measured('flipError'),
    threshold: 0.01,
    direction: 'atMost',
  },
  {
    id: 'mixture-moments',
    statement: {
      en: 'Exact score: what comes back has the moments of the mixture, to 5 % at every σ',
      zh: '精确得分：折返样本的矩与混合分布一致，每个 σ 上误差不超过 5 %',
    },
    paper: { value: 0, unit: 'relative error', where: 'v3: y₀ ~ p for every T_u' },
    arm: 'mixture/sde',
    measure: measured('momentError'),
    threshold: 0.05,
    direction: 'atMost',
  },
  {
    id: 'speed-up-with-independence',
    statement: {
      en: 'At σ 6.4 a stochastic U-turn takes at most 1/1.35 of the evaluations of a full run, gives independent samples, and an FID of at most 1.10 times the full run’s',
      zh: '在 σ = 6.4 处，随机 U 形折返的网络求值数不超过完整运行的 1/1.35，样本独立，且 FID 不超过完整运行的 1.10 倍',
    },
    paper: { value: 1, unit: 'worst of the criteria over its bar', where: 'v2: 1.35-fold speed-up' },
    arm: churn,
    measure: (own, { unit }) => {
      const full = unit(churn)
      const [quality, cost] = [of(own, 'fid') / of(full, 'fullFid'), of(own, 'nfe') / of(full, 'fullNfe')]
      return Math.max(of(own, 'dependence'), quality / 1.1, cost * 1.35)
    },
    threshold: 1,
    direction: 'atMost',
  },
  {
    id: 'needs-real-start',
    statement: {
      en: 'With as many evaluations its FID is below those of the full run with fewer steps and of starts from N(μ, Σ + σ²) and N(μ, σ²): the real start is what helps',
      zh: '同等求值数下，其 FID 低于步数较少的完整运行以及从 N(μ, Σ + σ²) 和 N(μ, σ²) 出发的结果：起作用的是真实起点',
    },
    paper: { value: 0, unit: 'difference of FID', where: 'not in the paper' },
    arm: churn,
    baseline: { arm: 'digits/gaussian-start', value: measured('fid') },
    measure: (own, { unit }) => Math.min(...rivals.map((rival) => of(unit(rival), 'fid') - of(own, 'fid'))),
    threshold: 0,
    direction: 'atLeast',
  },
  {
    id: 'affine-above',
    statement: {
      en: 'From 1.5 √λ of the dominant direction on, correlations are those of a Gaussian to 0.02, for the stochastic and the deterministic way back',
      zh: '自主方向 1.5 √λ 起，随机与确定性折返的相关均与高斯一致，误差不超过 0.02',
    },
    paper: { value: 0, unit: 'difference of correlations', where: 'v3: the score is affine above T_s' },
    arm: churn,
    measure: (own, { unit }) => Math.max(of(own, 'deviationAbove'), of(unit(ode), 'deviationAbove')),
    threshold: 0.02,
    direction: 'atMost',
  },
  {
    id: 'not-affine-below',
    statement: {
      en: 'Between 0.4 and 0.95 √λ they are off by more than 0.02 somewhere, for both',
      zh: '在 0.4 到 0.95 √λ 之间，二者均在某处偏离超过 0.02',
    },
    paper: { value: 0.02, unit: 'difference of correlations', where: 'v3: only approximately affine below T_s' },
    arm: churn,
    measure: (own, { unit }) => Math.min(of(own, 'deviationInside'), of(unit(ode), 'deviationInside')),
    threshold: 0.02,
    direction: 'atLeast',
  },
  {
    id: 'memorisation-before-speciation',
    statement: {
      en: 'By the probability flow, samples cease to be nearest to their own start at a lower σ than they change class (ln T_s / T_m)',
      zh: '概率流下，样本不再最近邻于自身起点的 σ 低于其改变类别的 σ（ln T_s / T_m）',
    },
    paper: { value: 0, unit: 'ln of a ratio', where: 'v3: T_m < T_s' },
    arm: ode,
    measure: (own) => Math.log(of(own, 'speciation') / of(own, 'memorisation')),
    threshold: 0,
    direction: 'atLeast',
  },
  {
    id: 'speciation-time',
    statement: speciation,
    paper: { value: 0, unit: '|ln| of a ratio', where: 'theory: the dominant direction is no longer resolved' },
    arm: ode,
    measure: (own) => Math.abs(Math.log(of(own, 'speciation') / of(own, 'dominant'))),
    threshold: Math.LN2,
    direction: 'atMost',
  },
  {
    id: 'memorisation-time',
    statement: {
      en: 'The memorisation time of the probability flow lies between σ 0.5 and 1.5 (distance from their geometric mean, in ln σ)',
      zh: '概率流的记忆时间位于 σ 0.5 与 1.5 之间（以 ln σ 计，到其几何平均的距离）',
    },
    paper: { value: 0, unit: '|ln| of a ratio', where: 'pilot: 1.08' },
    arm: ode,
    measure: (own) => Math.abs(Math.log(of(own, 'memorisation') / Math.sqrt(0.5 * 1.5))),
    threshold: Math.log(3) / 2,
    direction: 'atMost',
  },
  {
    id: 'gaussianity',
    statement: {
      en: 'On a full run at most 8 % of pixels are not Gaussian while σ ≥ 1, and at least 30 % from σ 0.55 down (the lesser margin)',
      zh: '完整运行中 σ ≥ 1 时非高斯像素不超过 8 %，σ ≤ 0.55 时不低于 30 %（取较小余量）',
    },
    paper: { value: 0, unit: 'margin of a share', where: 'v1: KS curve' },
    arm: churn,
    measure: measured('ksMargin'),
    threshold: 0,
    direction: 'atLeast',
  },
  {
    id: 'noised-gaussianity',
    statement: {
      en: 'The same of real digits that are noised up to σ',
      zh: '对加噪到 σ 的真实数字同样成立',
    },
    paper: { value: 0, unit: 'margin of a share', where: 'pilot: KS of x_u, 5 % at 1.08 and 39 % at 0.53' },
    arm: churn,
    measure: measured('noisedKsMargin'),
    threshold: 0,
    direction: 'atLeast',
    added: {
      en: 'after the first seed of the first run: its bars come from noised digits, and the claim above holds them against samples on their way, which are smoother',
      zh: '在首次运行的首个种子之后加入：门限来自加噪数字，而上一论断用于采样途中的状态，后者更平滑',
    },
  },
  {
    id: 'identity',
    statement: {
      en: 'By Euler-Maruyama, raw correlations equal E‖D‖²/E‖x₀‖² to 0.03 at σ from 0.53 to 6: sampler and network agree',
      zh: 'Euler-Maruyama 下，σ 从 0.53 到 6，原始相关与 E‖D‖²/E‖x₀‖² 相差不超过 0.03：采样器与网络一致',
    },
    paper: { value: 0, unit: 'difference', where: 'theory: two draws from one posterior' },
    arm: 'digits/sde',
    measure: measured('identityError'),
    threshold: 0.03,
    direction: 'atMost',
  },
]

export const controls: readonly Control[] = [
  {
    id: 'mixture-ode',
    arm: 'mixture/ode',
    breaks: ['mixture-flips'],
    broken: { en: 'the probability flow in the place of the SDE', zh: '以概率流代替 SDE' },
  },
  {
    id: 'mixture-no-noise',
    arm: 'mixture/no-noise',
    breaks: ['mixture-flips', 'mixture-moments'],
    broken: { en: 'x₀ is not noised, and taken for noisy data', zh: '未加噪，却当作含噪数据' },
  },
  {
    id: 'ode-sampler',
    arm: ode,
    breaks: ['speed-up-with-independence', 'identity'],
    broken: { en: 'the probability flow, which keeps more of the start', zh: '概率流，保留更多起点信息' },
  },
  {
    id: 'identity-copy',
    arm: 'digits/identity-copy',
    breaks: ['speed-up-with-independence'],
    broken: {
      en: 'σ 0.035, from which the starts come back as they were, with the best FID of all',
      zh: 'σ = 0.035：起点原样返回，FID 最佳',
    },
  },
  {
    id: 'half-noise',
    arm: 'digits/half-noise',
    breaks: ['needs-real-start'],
    broken: { en: 'a start from N(μ, (σ/2)²), told σ', zh: '从 N(μ, (σ/2)²) 出发，却告知 σ' },
  },
  {
    id: 'isotropic-gaussian',
    arm: 'digits/isotropic',
    breaks: ['affine-above'],
    broken: { en: 'the Gaussian test with the same variance in all directions', zh: '高斯检验中各方向方差相同' },
  },
  {
    id: 'affine-network',
    arm: 'digits/affine',
    breaks: ['not-affine-below', 'gaussianity'],
    broken: { en: 'the fitted Gaussian’s denoiser in the place of the network', zh: '以拟合高斯的去噪器代替网络' },
  },
  {
    id: 'gaussian-digits',
    arm: 'digits/gaussian-samples',
    breaks: ['noised-gaussianity'],
    broken: { en: 'draws of the fitted Gaussian in the place of digits', zh: '以拟合高斯的抽样代替数字' },
    added: { en: 'with its claim, after the first seed of the first run', zh: '与其论断一同在首次运行的首个种子之后加入' },
  },
  {
    id: 'shuffled-pairs',
    arm: 'digits/shuffled',
    breaks: ['memorisation-before-speciation', 'speciation-time', 'memorisation-time'],
    broken: { en: 'each start beside what came back of another', zh: '每个起点与另一样本的返回结果配对' },
  },
]
