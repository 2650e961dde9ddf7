import { InputError } from '../../engine/index.ts'
import { experiment, type Results, splitsOf } from '../../experiment/index.ts'
import { areaUnderCurve } from '../../kits/metrics/index.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { type Config, config } from './config.ts'
import { type Digits, loadDigits, splitOf } from './data.ts'
import { estimate } from './estimate.ts'
import { figures } from './figures.ts'
import { searched } from './searched.ts'
import { unit } from './units.ts'

export default experiment<typeof config, Digits>({
  method: 'pfami',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        overfitted: { train: 48, width: 32, steps: 12, checkpoints: [6] },
        sweep: { sizes: [64], width: 32, steps: 12, checkpoints: [6] },
        vae: { steps: 12 },
        scored: 16,
        samples: 32,
        network: { channels: 4, epochs: 5 },
      },
    },
    small: { seeds: 3 },
    paper: {
      seeds: 3,
      config: {
        overfitted: { checkpoints: [250, 500, 1000] },
        sweep: { sizes: [250, 1000, 2000], checkpoints: [250, 500, 1000] },
        draws: 4,
        network: { channels: 64, epochs: 150 },
        logan: true,
        protect: true,
      },
    },
  },
  async data({ config, seeds, data, log }) {
    const { digits, provenance } = await loadDigits({ data, log })
    const sizes = [config.overfitted.train, ...config.sweep.sizes]
    requireRecords(config, digits.x.shape[0])
    const splits = seeds.flatMap((seed) =>
      sizes.flatMap((train) => {
        const { members, nonMembers, reference, shadowMembers, shadowNonMembers } = splitOf(
          digits.x.shape[0],
          { train, scored: Math.min(config.scored, train) },
          seed,
        )
        const parts = { members: { ids: members }, nonMembers: { ids: nonMembers }, reference: { ids: reference } }
        const shadow = { shadowMembers: { ids: shadowMembers }, shadowNonMembers: { ids: shadowNonMembers } }
        return splitsOf(
          `${provenance.name}, models of ${train}`,
          'image',
          train === config.overfitted.train ? { ...parts, ...shadow } : parts,
          seed,
        )
      }),
    )
    return { provenance, value: digits, splits }
  },
  arms,
  unit,
  estimate,
  claims,
  controls,
  from: {
    records: (items) =>
      Object.fromEntries(
        (['loss', 'loss-calibrated', 'pfami-met'] as const).map((attack) => [
          { loss: 'aucLoss', 'loss-calibrated': 'aucLossCalibrated', 'pfami-met': 'aucPfamiMet' }[attack],
          areaUnderCurve(items.numbers(attack), items.numbers('member')),
        ]),
      ),
  },
  figures: (results: Results) => figures(results),
  searched,
  learning: {
    arm: 'vae/attack',
    series: 'loss.target',
    direction: 'down',
    config: { vae: { steps: 60 } },
    without: { vae: { steps: 1 } },
  },
  differences: [
    {
      en: 'Digits of 14 × 14 pixels and perceptrons of one million parameters in the place of CelebA, Tiny-ImageNet and a U-Net of 114 million.',
      zh: '使用 14 × 14 的数字图像和百万参数的感知机，代替 CelebA、Tiny-ImageNet 和 1.14 亿参数的 U-Net。',
    },
    {
      en: 'The same noise serves a record, its neighbours and both models; the authors’ code draws it anew for each. Both are measured.',
      zh: '一条记录及其邻居和两个模型共用同一噪声；作者代码每次重新抽取。两者均有测量。',
    },
    {
      en: 'Strength, orientation and the length of the attack network’s training are chosen on a shadow model alone; in the authors’ history they follow the target’s results.',
      zh: '强度、方向与攻击网络的训练长度只在影子模型上选择；作者的历史版本按目标结果调整。',
    },
    {
      en: 'Crops have real-valued boxes about the centre: on 14 pixels whole ones make several strengths one.',
      zh: '裁剪框取实数并以中心对齐：在 14 像素上取整会使多个强度重合。',
    },
    {
      en: 'One reference model serves the target and the shadow; the authors train one for each.',
      zh: '目标与影子共用一个参考模型；作者各训练一个。',
    },
  ],
})

/** @throws InputError where there are not as many digits as the parts need. */
function requireRecords({ overfitted, sweep, scored }: Config, total: number): void {
  const needs = (train: number, models: number) => models * train + (models - 1) * Math.min(scored, train)
  const most = Math.max(needs(overfitted.train, 3), ...sweep.sizes.map((train) => needs(train, 2)))
  if (most > total)
    throw new InputError(`the parts of the largest size need ${most} records, there are ${total}`, {
      where: 'overfitted.train, sweep.sizes, scored',
      fix: 'lower them',
    })
}
