import { InputError } from '../../../engine/index.ts'

/**
 * Which linear maps an adapter changes: the ends of their names in the files of their family (`q_proj`, `mlp.c_proj`) or their places here
 * (`attention.query`); an expression that matches the whole name (`model.layers.0.self_attn.q_proj`); or all of the blocks.
 */
export type Targets = readonly string[] | RegExp | 'all-linear'

/** Low-rank adaptation (Hu et al. 2022): y = W x + (alpha / rank) B A x. */
export interface LoraConfig {
  readonly kind: 'lora'
  /** r, default 16. */
  readonly rank?: number
  /** Default 32. */
  readonly alpha?: number
  /** Share of A's inputs that are left out in training, default 0.05. */
  readonly dropout?: number
  /** Default: those of the family, see `defaultTargets`. */
  readonly targets?: Targets
  /** Blocks that are changed; default all. */
  readonly layers?: readonly number[]
  /** Divide by √rank instead of the rank (Kalajdzievski 2023). */
  readonly rankStabilized?: boolean
  /** Learn lengths and directions of the weights apart: DoRA (Liu et al. 2024). */
  readonly dora?: boolean
  /** Train biases that the base has, too: all of them, or those of the targets. */
  readonly bias?: 'none' | 'all' | 'loraOnly'
  /** Modules trained whole beside it, by the ends of their names: `lm_head`, `embed_tokens`, `norm`. */
  readonly modulesToSave?: readonly string[]
  /** Adapt the embedding as well; the head of a tied model stays as it was. */
  readonly embedding?: boolean
  /** Ranks and alphas of single maps, by the ends of their names. */
  readonly rankPattern?: Readonly<Record<string, number>>
  readonly alphaPattern?: Readonly<Record<string, number>>
  /** Train B alone; A stays a random projection. */
  readonly freezeA?: boolean
}

/** (IA)³ (Liu et al. 2022): learned factors of the outputs of attention's maps, and of the inputs of the network's. */
export interface Ia3Config {
  readonly kind: 'ia3'
  readonly targets?: Targets
  /** Those of the targets whose inputs are scaled. Default: the family's, or with `targets` those in the blocks' networks. */
  readonly feedForward?: Targets
}

/** Prompt tuning (Lester et al. 2021): embeddings of virtual tokens before the text. */
export interface PromptConfig {
  readonly kind: 'prompt'
  /** Virtual tokens, default 20. */
  readonly tokens?: number
  /** Start from a text's embeddings (default), from N(0, 1), or from embeddings of random tokens. */
  readonly init?: 'text' | 'random' | 'vocabulary'
  readonly text?: string
}

/** Prefix tuning (Li and Liang 2021): keys and values of virtual tokens before the text, in each layer. */
export interface PrefixConfig {
  readonly kind: 'prefix'
  /** Virtual tokens, default 10. */
  readonly tokens?: number
  /** Train them as the outputs of a network with this inner width, which is dropped afterwards. */
  readonly projection?: number
}

/** P-tuning (Liu et al. 2021): prompt tuning, with a network that makes the prompt while it is trained. */
export interface PTuningConfig {
  readonly kind: 'p-tuning'
  /** Virtual tokens, default 20. */
  readonly tokens?: number
  readonly encoder?: 'mlp' | 'lstm'
  /** Width of the network, default 128. */
  readonly hidden?: number
}

/** Parts of the base itself: all of it, biases (BitFit, Ben Zaken et al. 2022), norms, or the last block with the last norm. */
export interface PartConfig {
  readonly kind: 'full' | 'biases' | 'norms' | 'last-layer'
}

export type PeftConfig = LoraConfig | Ia3Config | PromptConfig | PrefixConfig | PTuningConfig | PartConfig
export type PeftKind = PeftConfig['kind']

/** The prompt of the study, whose embeddings prompt tuning starts from. */
export const instructionText = 'Generate Python code given a natural language instruction.'

/**
 * LoRA's settings where none are given: those of the study.
 *
 * @example
 * loraDefaults.alpha / loraDefaults.rank // 2
 */
export const loraDefaults = { rank: 16, alpha: 32, dropout: 0.05 } as const

const whole = (where: string, name: string, value: number | undefined): void => {
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw new InputError(`${name} is ${value}, not a whole number of at least 1`, { where })
}

/** @throws InputError for ranks, shares and counts out of their range. */
export function checkPeft(config: PeftConfig): void {
  const where = config.kind
  switch (config.kind) {
    case 'lora': {
      const { rank, alpha = loraDefaults.alpha, dropout = 0, rankPattern = {}, alphaPattern = {} } = config
      for (const value of [rank, ...Object.values(rankPattern)]) whole(where, 'the rank', value)
      const bad = [alpha, ...Object.values(alphaPattern)].find((value) => !(value > 0 && Number.isFinite(value)))
      if (bad !== undefined) throw new InputError(`alpha is ${bad}, not a positive number`, { where })
      if (!(dropout >= 0 && dropout < 1)) throw new InputError(`dropout is ${dropout}, not a share below 1`, { where })
      return
    }
    case 'prompt':
    case 'prefix':
    case 'p-tuning':
      whole(where, 'the number of virtual tokens', config.tokens)
      if (config.kind === 'prefix') whole(where, 'the width of the projection', config.projection)
      if (config.kind === 'p-tuning') whole(where, 'the width of the encoder', config.hidden)
  }
}
