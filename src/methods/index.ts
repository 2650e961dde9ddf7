import type { Method } from './method.ts'

export { type Method, type Verb, type VerbContext, type VerbResult, verb } from './method.ts'

/**
 * Every method that works, by number. The command line, the page and the README's table are made from this list.
 *
 * @example
 * methods.map(({ name }) => name).includes('ramda') // true
 */
export const methods: readonly Method[] = [
  {
    number: 2,
    name: 'aurora-m',
    title: 'Aurora-M: Open Source Continual Pre-training for Multilingual Language and Code',
    arxiv: '2404.00399',
    area: 'language models',
    summary: {
      en: 'Teaches a language model new languages and a safety policy by training on in two stages, and measures what it forgets',
      zh: '用两阶段继续训练教会语言模型新语言与安全策略，并度量它遗忘了什么',
    },
    experiment: async () => (await import('./aurora-m/experiment.ts')).default,
    settings: async () => (await import('./aurora-m/settings.zh.ts')).settings,
    verbs: async () => (await import('./aurora-m/command.ts')).verbs,
  },
  {
    number: 3,
    name: 'lisa',
    title: 'LISA: Layerwise Importance Sampling for Memory-Efficient Large Language Model Fine-Tuning',
    arxiv: '2403.17919',
    area: 'language models',
    summary: {
      en: 'Fine-tunes language models in full with the memory of a few layers: each interval trains embedding, head and some random blocks',
      zh: '只用少数层的内存完整微调语言模型：每个区间训练嵌入、输出头和若干随机块',
    },
    experiment: async () => (await import('./lisa/experiment.ts')).default,
    settings: async () => (await import('./lisa/settings.zh.ts')).settings,
    verbs: async () => (await import('./lisa/command.ts')).verbs,
  },
  {
    number: 4,
    name: 'ramda',
    title:
      'Regularized Adaptive Momentum Dual Averaging with an Efficient Inexact Subproblem Solver for Training Structured Neural Network',
    arxiv: '2403.14398',
    area: 'optimization',
    summary: {
      en: 'Trains networks whose weights vanish in whole groups, and keeps the zeros where they are, so that a smaller network can be cut out',
      zh: '训练整组权重恰好为零且零的位置稳定的网络，从而可以裁出更小的网络',
    },
    experiment: async () => (await import('./ramda/experiment.ts')).default,
    settings: async () => (await import('./ramda/settings.zh.ts')).settings,
    verbs: async () => (await import('./ramda/command.ts')).verbs,
  },
  {
    number: 5,
    name: 'forward-frank-wolfe',
    title: 'Projected Forward Gradient-Guided Frank-Wolfe Algorithm via Variance Reduction',
    arxiv: '2403.12511',
    area: 'optimization',
    summary: {
      en: 'Trains under constraints (sparse, bounded, low rank) with forward-mode derivatives only: no backward pass, no stored activations, no projections',
      zh: '只用前向模式导数在约束（稀疏、有界、低秩）下训练：无反向传播、不存激活、无需投影',
    },
    experiment: async () => (await import('./forward-frank-wolfe/experiment.ts')).default,
    settings: async () => (await import('./forward-frank-wolfe/settings.zh.ts')).settings,
    verbs: async () => (await import('./forward-frank-wolfe/command.ts')).verbs,
  },
  {
    number: 13,
    name: 'joint-graph',
    title: 'Generative Modeling of Graphs via Joint Diffusion of Node and Edge Attributes',
    arxiv: '2402.04046',
    area: 'generation',
    summary: {
      en: 'Generates whole graphs whose nodes and edges carry data that belong together: molecules, traffic scenes, decision processes',
      zh: '生成节点与边都带有相互关联数据的整张图：分子、交通场景、决策过程',
    },
    experiment: async () => (await import('./joint-graph/experiment.ts')).default,
    settings: async () => (await import('./joint-graph/settings.zh.ts')).settings,
    verbs: async () => (await import('./joint-graph/command.ts')).verbs,
  },
  {
    number: 17,
    name: 'step-adaptive',
    title: 'Adaptive Training Meets Progressive Scaling: Elevating Efficiency in Diffusion Models',
    arxiv: '2312.13307',
    area: 'diffusion models',
    summary: {
      en: 'Cuts the time steps of a diffusion model into groups and gives each a copy of its own, pruned to the group’s difficulty and fine-tuned on it alone',
      zh: '把扩散模型的时间步分组，每组一个按难度剪枝、只在本组上微调的副本',
    },
    experiment: async () => (await import('./step-adaptive/experiment.ts')).default,
    settings: async () => (await import('./step-adaptive/settings.zh.ts')).settings,
    verbs: async () => (await import('./step-adaptive/command.ts')).verbs,
  },
  {
    number: 18,
    name: 'prgd',
    title: 'Achieving Margin Maximization Exponentially Fast via Progressive Norm Rescaling',
    arxiv: '2311.14387',
    area: 'optimization',
    summary: {
      en: 'Finds the linear classifier of the largest margin with gradients alone, exponentially fast, and proves how close it came',
      zh: '只用梯度以指数速度找到最大间隔的线性分类器，并给出与最优差距的证明',
    },
    experiment: async () => (await import('./prgd/experiment.ts')).default,
    settings: async () => (await import('./prgd/settings.zh.ts')).settings,
    verbs: async () => (await import('./prgd/command.ts')).verbs,
  },
  {
    number: 21,
    name: 'pfami',
    title: 'A Probabilistic Fluctuation based Membership Inference Attack for Generative Models',
    arxiv: '2308.12143',
    area: 'privacy',
    summary: {
      en: 'Audits a generative model before it is released: whether an outsider can tell that a record was among its training data, with intervals',
      zh: '在发布前审计生成模型：外人能否看出某条记录曾用于训练，并给出区间',
    },
    experiment: async () => (await import('./pfami/experiment.ts')).default,
    settings: async () => (await import('./pfami/settings.zh.ts')).settings,
    verbs: async () => (await import('./pfami/command.ts')).verbs,
  },
  {
    number: 22,
    name: 'peft-code',
    title: 'Exploring Parameter-Efficient Fine-Tuning Techniques for Code Generation with Large Language Models',
    arxiv: '2308.10462',
    area: 'language models',
    summary: {
      en: 'Adapts a language model to your own code with a small part of its numbers: LoRA, (IA)³, prompts, prefixes, 4-bit bases, compared under one budget',
      zh: '只训练极少参数即可让语言模型适应自己的代码：LoRA、(IA)³、提示、前缀、4 比特底座，在同一预算下比较',
    },
    experiment: async () => (await import('./peft-code/experiment.ts')).default,
    settings: async () => (await import('./peft-code/settings.zh.ts')).settings,
    verbs: async () => (await import('./peft-code/command.ts')).verbs,
  },
  {
    number: 23,
    name: 'u-turn',
    title: 'U-Turn Diffusion',
    arxiv: '2308.07421',
    area: 'diffusion models',
    summary: {
      en: 'Noises real images part of the way and turns round: edits, or fresh samples, and says how far is far enough',
      zh: '将真实图像加噪到中途再折返：用于编辑或生成新样本，并给出需要多远',
    },
    experiment: async () => (await import('./u-turn/experiment.ts')).default,
    settings: async () => (await import('./u-turn/settings.zh.ts')).settings,
    verbs: async () => (await import('./u-turn/command.ts')).verbs,
  },
  {
    number: 26,
    name: 'r2et',
    title: 'Provable Robust Saliency-based Explanations',
    arxiv: '2212.14106',
    area: 'explanation',
    summary: {
      en: 'Trains classifiers whose most salient features stay the same under attack, and says how many of them do',
      zh: '训练最显著特征在攻击下保持不变的分类器，并给出保留的比例',
    },
    experiment: async () => (await import('./r2et/experiment.ts')).default,
    settings: async () => (await import('./r2et/settings.zh.ts')).settings,
    verbs: async () => (await import('./r2et/command.ts')).verbs,
  },
]
