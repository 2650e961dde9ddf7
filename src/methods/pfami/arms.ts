import type { Arm, Text } from '../../experiment/index.ts'
import type { Config } from './config.ts'

/** Ways to break the attack of an arm; its unit scores all of them on the models that it has trained anyway. */
export const ways = [
  'out-model',
  'identity-neighbours',
  'shuffled-membership',
  'fresh-noise',
  'target-as-reference',
  'sorted-split',
] as const
export type Way = (typeof ways)[number]

const wayLabels: Readonly<Record<Way, Text>> = {
  'out-model': { en: 'a model of other records as the target', zh: '以其他记录训练的模型作目标' },
  'identity-neighbours': { en: 'neighbours that are the record', zh: '邻域即记录本身' },
  'shuffled-membership': { en: 'membership shuffled', zh: '成员标签打乱' },
  'fresh-noise': { en: 'fresh noise for every loss', zh: '每次损失都用新噪声' },
  'target-as-reference': { en: 'the target where a stranger is expected', zh: '以目标模型充当参考' },
  'sorted-split': { en: 'records split by their digit', zh: '按数字划分记录' },
}

export const overfitted = 'overfitted/attack'
export const sweepArm = (train: number): string => `sweep/m${train}`

/** The way that an arm names, of those that take the place of the attack. */
export const wayOf = (arm: string): Way | undefined => ways.find((way) => arm === `overfitted/${way}`)

export const dpArm = (noise: number): string => `defence/dp-${noise}`

const attackOn = (train: number): Text => ({ en: `attack on a model of ${train} records`, zh: `攻击以 ${train} 条记录训练的模型` })

export const arms = ({ overfitted: own, sweep, protect, dp }: Config): readonly Arm<Config>[] => [
  { id: overfitted, label: attackOn(own.train), kind: 'method', config: { task: 'overfitted', train: own.train } },
  ...sweep.sizes.map(
    (train): Arm<Config> => ({
      id: sweepArm(train),
      label: attackOn(train),
      kind: 'method',
      config: { task: 'sweep', train },
    }),
  ),
  { id: 'vae/attack', label: { en: 'attack on a VAE', zh: '攻击 VAE' }, kind: 'method', config: { task: 'vae', train: own.train } },
  {
    id: 'exact/attack',
    label: { en: 'attack on a perfect memory', zh: '攻击完美记忆' },
    kind: 'reference',
    config: { task: 'exact', train: own.train },
  },
  // The other bank, scored by the same unit.
  {
    id: 'exact/other-bank',
    label: { en: 'a perfect memory of other records', zh: '其他记录的完美记忆' },
    kind: 'control',
    config: { task: 'control' },
  },
  ...ways.map((way): Arm<Config> => ({ id: `overfitted/${way}`, label: wayLabels[way], kind: 'control', config: { task: 'control' } })),
  ...(protect ? protectedArms(dp.noises, own.train) : []),
]

const protectedArms = (noises: readonly number[], train: number): Arm<Config>[] => [
  ...(['none', 'shifts', 'decay', 'early'] as const).map(
    (defence): Arm<Config> => ({
      id: `defence/${defence}`,
      label: {
        none: { en: 'no defence', zh: '无防御' },
        shifts: { en: 'shifted and mirrored', zh: '平移与镜像' },
        decay: { en: 'weight decay', zh: '权重衰减' },
        early: { en: 'stopped early', zh: '提前停止' },
      }[defence],
      kind: 'baseline',
      config: { task: 'defence', defence, train },
    }),
  ),
  ...noises.map(
    (noise): Arm<Config> => ({
      id: dpArm(noise),
      label: { en: `DP-SGD, noise ${noise}`, zh: `DP-SGD，噪声 ${noise}` },
      kind: 'baseline',
      config: { task: 'defence', defence: 'dp', noise, train },
    }),
  ),
  { id: 'defence/noise-reversed', label: { en: 'noises in reverse', zh: '噪声次序颠倒' }, kind: 'control', config: { task: 'control' } },
]
