import { bars, curve, type Figure, type FigureSeries, type Results, summarize, type Text, unitsOf } from '../../experiment/index.ts'
import { rivals } from './claims.ts'
import { type PublishedLevel, published } from './published.ts'

const sigma: Text = { en: 'σ of the U-turn', zh: '折返的 σ' }

const has = (results: Results, ...arms: string[]): boolean => arms.every((arm) => unitsOf(results, arm).length > 0)

/** A named series of an arm, without single seeds. */
const line = (results: Results, arm: string, name: string, label: Text): FigureSeries => ({
  ...curve(results, arm, name),
  label,
  seeds: undefined,
})

/** A vertical line at the mean of a measurement. */
function mark(results: Results, arm: string, name: string, label: Text, height: number): FigureSeries[] {
  const values = unitsOf(results, arm).flatMap(({ measurements }) => (Number.isFinite(measurements[name]) ? [measurements[name]] : []))
  if (values.length === 0) return []
  const { mean } = summarize(values)
  return [
    {
      label,
      points: [
        [mean, 0],
        [mean, height],
      ],
    },
  ]
}

const alongSigma = (id: string, title: Text, yLabel: Text, series: readonly FigureSeries[], ariaDescription: Text): Figure => ({
  id,
  title,
  kind: 'line',
  xLabel: sigma,
  xScale: 'log',
  yLabel,
  series,
  ariaDescription,
})

function correlations(results: Results): Figure[] {
  const arms = [
    ['digits/churn', 'stochastic', '随机'],
    ['digits/ode', 'probability flow', '概率流'],
  ] as const
  if (!has(results, ...arms.map(([arm]) => arm))) return []
  return [
    alongSigma(
      'correlation',
      { en: 'How much of a digit comes back: the network and the Gaussian test', zh: '数字保留多少：网络与高斯检验' },
      { en: 'centred correlation of x₀ and y₀', zh: 'x₀ 与 y₀ 的中心化相关' },
      [
        ...arms.flatMap(([arm, en, zh]) => [
          line(results, arm, 'correlation', { en, zh }),
          line(results, arm, 'gaussian', { en: `${en}, Gaussian`, zh: `${zh}，高斯` }),
        ]),
        ...mark(results, 'digits/ode', 'memorisation', { en: 'T_m', zh: 'T_m' }, 1),
        ...mark(results, 'digits/ode', 'speciation', { en: 'T_s', zh: 'T_s' }, 1),
      ],
      {
        en: 'Correlations fall from 1 to 0 with σ; the probability flow keeps more. Above T_s network and Gaussian lie on each other, between T_m and T_s they part a little',
        zh: '相关随 σ 从 1 降到 0，概率流保留更多；T_s 以上网络与高斯重合，T_m 与 T_s 之间略有分离',
      },
    ),
  ]
}

function memory(results: Results): Figure[] {
  const arm = 'digits/ode'
  if (!has(results, arm)) return []
  return [
    alongSigma(
      'memory',
      { en: 'Same digit, same image, copies (probability flow)', zh: '同类、同图与复制（概率流）' },
      { en: 'share of samples', zh: '样本比例' },
      [
        line(results, arm, 'sameClass', { en: 'of the class of its start', zh: '与起点同类' }),
        line(results, arm, 'self', { en: 'nearest to its own start', zh: '最近邻为自身起点' }),
        line(results, arm, 'copyRate', { en: 'copies', zh: '复制' }),
        ...mark(results, arm, 'memorisation', { en: 'T_m', zh: 'T_m' }, 1),
        ...mark(results, arm, 'speciation', { en: 'T_s', zh: 'T_s' }, 1),
      ],
      {
        en: 'Memory of the single image ends at T_m, that of the class later, at T_s',
        zh: '对单个图像的记忆在 T_m 结束，对类别的记忆在其后的 T_s 结束',
      },
    ),
  ]
}

function quality(results: Results): Figure[] {
  const arms = ['digits/churn', 'digits/ode'].filter((arm) => has(results, arm))
  if (arms.length === 0) return []
  return [
    alongSigma(
      'fid',
      { en: 'FID rewards copying: it is best where nothing new comes back', zh: 'FID 奖励复制：不产生新样本时最佳' },
      { en: 'FID', zh: 'FID' },
      [
        ...arms.map((arm) => ({ ...curve(results, arm, 'fid'), seeds: undefined })),
        ...arms.map((arm) => line(results, arm, 'copyRate', { en: `copies, ${arm.split('/')[1]}`, zh: `复制率，${arm.split('/')[1]}` })),
      ],
      { en: 'FID is lowest at the least σ, where the rate of copies is 1', zh: 'σ 最小时 FID 最低，而复制率为 1' },
    ),
  ]
}

function gaussianTests(results: Results): Figure[] {
  const arm = 'digits/churn'
  if (!has(results, arm)) return []
  return [
    {
      ...alongSigma(
        'run',
        { en: 'A full run, level by level (stochastic)', zh: '完整运行逐级观察（随机）' },
        { en: 'share, or relative to the end', zh: '比例，或相对终点' },
        [
          line(results, arm, 'run-ks', { en: 'pixels that are not Gaussian', zh: '非高斯像素' }),
          line(results, arm, 'run-reverse', { en: 'correlation with the end', zh: '与终点的相关' }),
          line(results, arm, 'run-forward', { en: 'correlation with the beginning', zh: '与起点的相关' }),
          line(results, arm, 'run-scoreNorm', { en: 'σ‖s‖/√d', zh: 'σ‖s‖/√d' }),
          line(results, arm, 'run-estimateNorm', { en: '‖D‖ / ‖D‖ at the end', zh: '‖D‖ / 终点 ‖D‖' }),
        ],
        {
          en: 'Pixels stay Gaussian down to σ of about 1, while much of the image’s correlation is fixed above',
          zh: '像素直到 σ 约 1 仍为高斯，而图像的大部分相关在此之上已确定',
        },
      ),
      xLabel: { en: 'σ of the run', zh: '运行中的 σ' },
    },
  ]
}

/** This run beside the authors' on ImageNet-64. */
function besidePublished(results: Results): Figure[] {
  const arm = 'digits/churn'
  if (!has(results, arm)) return []
  const theirs = (name: keyof PublishedLevel, label: Text): FigureSeries => ({
    label,
    points: published.map((level) => [level.sigma, level[name]] as const),
  })
  return [
    {
      ...alongSigma(
        'published',
        {
          en: 'The paper’s ImageNet-64 and these digits: not Gaussian, and fixed, at which σ',
          zh: '论文的 ImageNet-64 与本实验数字：在哪个 σ 非高斯、已确定',
        },
        { en: 'share', zh: '比例' },
        [
          theirs('ks', { en: 'not Gaussian, ImageNet-64', zh: '非高斯，ImageNet-64' }),
          line(results, arm, 'run-ks', { en: 'not Gaussian, digits on their way', zh: '非高斯，采样途中的数字' }),
          line(results, arm, 'ks', { en: 'not Gaussian, noised digits', zh: '非高斯，加噪的数字' }),
          theirs('reverse', { en: 'correlation with the end, ImageNet-64', zh: '与终点的相关，ImageNet-64' }),
          line(results, arm, 'run-reverse', { en: 'correlation with the end, digits', zh: '与终点的相关，数字' }),
        ],
        {
          en: 'Both become non-Gaussian below σ of about 0.5, long after their correlation with the end has grown',
          zh: '二者均在 σ 约 0.5 以下才变为非高斯，而与终点的相关早已增长',
        },
      ),
      xLabel: { en: 'σ of the run', zh: '运行中的 σ' },
    },
  ]
}

function identity(results: Results): Figure[] {
  const arm = 'digits/sde'
  if (!has(results, arm)) return []
  return [
    alongSigma(
      'identity',
      { en: 'Raw correlation and E‖D‖²/E‖x₀‖²', zh: '原始相关与 E‖D‖²/E‖x₀‖²' },
      { en: 'share of the second moment', zh: '二阶矩占比' },
      [
        line(results, arm, 'raw', { en: 'correlation, Euler-Maruyama', zh: '相关，Euler-Maruyama' }),
        line(results, arm, 'identity', { en: 'of the network alone', zh: '仅由网络' }),
        ...(has(results, 'digits/ode')
          ? [line(results, 'digits/ode', 'raw', { en: 'correlation, probability flow', zh: '相关，概率流' })]
          : []),
      ],
      { en: 'The stochastic curve lies on the network’s, the deterministic one above', zh: '随机曲线与网络曲线重合，确定性曲线在其上' },
    ),
  ]
}

/** FID at equal NFE. */
function equalCost(results: Results): Figure[] {
  const arms = ['digits/churn', ...rivals, 'digits/ode', 'digits/gaussian-samples', 'digits/starts'].filter((arm) => has(results, arm))
  if (arms.length < 3) return []
  return [
    {
      id: 'equal-cost',
      title: { en: 'FID with as many evaluations as the judged U-turn', zh: '与所判 U 形折返同等求值数的 FID' },
      kind: 'bar',
      xLabel: { en: 'what is sampled', zh: '采样方式' },
      yLabel: 'FID',
      series: [bars(results, arms, 'fid')],
      ariaDescription: {
        en: 'FID of the U-turn, its baselines and copies of real digits, with 95 % intervals',
        zh: 'U 形折返、基线与真实数字副本的 FID 及 95 % 区间',
      },
    },
  ]
}

function flipping(results: Results): Figure[] {
  if (!has(results, 'mixture/sde')) return []
  return [
    alongSigma(
      'mixture',
      { en: 'A mixture of two modes: how often a U-turn ends in the other', zh: '双模式混合：折返落入另一模式的频率' },
      { en: 'probability', zh: '概率' },
      [
        line(results, 'mixture/sde', 'flips', { en: 'Euler-Maruyama', zh: 'Euler-Maruyama' }),
        line(results, 'mixture/sde', 'expected', { en: 'closed form', zh: '闭式解' }),
        ...(has(results, 'mixture/ode') ? [line(results, 'mixture/ode', 'flips', { en: 'probability flow', zh: '概率流' })] : []),
      ],
      {
        en: 'The SDE follows the closed form to one half; the probability flow hardly flips',
        zh: 'SDE 与闭式解一致并趋于一半；概率流几乎不翻转',
      },
    ),
  ]
}

export const figures = (results: Results): readonly Figure[] => [
  ...correlations(results),
  ...memory(results),
  ...quality(results),
  ...equalCost(results),
  ...gaussianTests(results),
  ...besidePublished(results),
  ...identity(results),
  ...flipping(results),
]
