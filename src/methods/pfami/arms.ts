import type { Arm } from '../../experiment/index.ts'
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

const wayLabels: Readonly<Record<Way, string>> = {
  'out-model': 'a model of other records as the target',
  'identity-neighbours': 'neighbours that are the record',
  'shuffled-membership': 'membership shuffled',
  'fresh-noise': 'fresh noise for every loss',
  'target-as-reference': 'the target where a stranger is expected',
  'sorted-split': 'records split by their digit',
}

export const overfitted = 'overfitted/attack'
export const sweepArm = (train: number): string => `sweep/m${train}`

/** The way that an arm names, of those that take the place of the attack. */
export const wayOf = (arm: string): Way | undefined => ways.find((way) => arm === `overfitted/${way}`)

export const dpArm = (noise: number): string => `defence/dp-${noise}`

export const arms = ({ overfitted: own, sweep, protect, dp }: Config): readonly Arm<Config>[] => [
  { id: overfitted, label: `attack on a model of ${own.train} records`, kind: 'method', config: { task: 'overfitted', train: own.train } },
  ...sweep.sizes.map(
    (train): Arm<Config> => ({
      id: sweepArm(train),
      label: `attack on a model of ${train} records`,
      kind: 'method',
      config: { task: 'sweep', train },
    }),
  ),
  { id: 'vae/attack', label: 'attack on a VAE', kind: 'method', config: { task: 'vae', train: own.train } },
  { id: 'exact/attack', label: 'attack on a perfect memory', kind: 'reference', config: { task: 'exact', train: own.train } },
  // The other bank, scored by the same unit.
  { id: 'exact/other-bank', label: 'a perfect memory of other records', kind: 'control', config: { task: 'control' } },
  ...ways.map((way): Arm<Config> => ({ id: `overfitted/${way}`, label: wayLabels[way], kind: 'control', config: { task: 'control' } })),
  ...(protect ? protectedArms(dp.noises, own.train) : []),
]

const protectedArms = (noises: readonly number[], train: number): Arm<Config>[] => [
  ...(['none', 'shifts', 'decay', 'early'] as const).map(
    (defence): Arm<Config> => ({
      id: `defence/${defence}`,
      label: { none: 'no defence', shifts: 'shifted and mirrored', decay: 'weight decay', early: 'stopped early' }[defence],
      kind: 'baseline',
      config: { task: 'defence', defence, train },
    }),
  ),
  ...noises.map(
    (noise): Arm<Config> => ({
      id: dpArm(noise),
      label: `DP-SGD, noise ${noise}`,
      kind: 'baseline',
      config: { task: 'defence', defence: 'dp', noise, train },
    }),
  ),
  { id: 'defence/noise-reversed', label: 'noises in reverse', kind: 'control', config: { task: 'control' } },
]
