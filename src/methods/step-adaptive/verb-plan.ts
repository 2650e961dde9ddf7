import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { aligned, writeAtomically } from '../../experiment/index.ts'
import { processOf, timeGrid } from '../../kits/diffusion/index.ts'
import { verb } from '../method.ts'
import { sampledShare, sharesOf } from './budget.ts'
import { asksBase, groupsBy } from './grouping.ts'
import { checkBase, readBase, readImages } from './own-model.ts'
import { groupingOf, groupOptions, imageOptions } from './own-options.ts'
import { planText } from './plan-file.ts'
import { countsFor, prunableNetwork } from './pruning-plan.ts'

export const planVerb = verb({
  name: 'plan',
  summary: {
    en: 'Says how the time steps of a diffusion model would be cut into groups, and how large the model of each may be',
    zh: '给出扩散模型时间步的分组方案，以及每组模型可以有多大',
  },
  positional: 'base',
  out: 'file',
  example: 'quire step-adaptive plan bundle --groups 5 --out plan.json',
  options: z.object({
    base: z.string().describe('a trained model of quire diffusion train, or a bundle, for its base'),
    data: z.string().optional().describe('images, for groups by loss or gradients'),
    ...imageOptions,
    ...groupOptions,
    steps: z.number().int().min(1).default(50).describe('of the sampler whose saving is counted'),
    out: z.string().optional().describe('a file for the plan, which train takes by --plan'),
  }),
  async run({ options, log }) {
    const { minWidth, data } = options
    const { by, groups: count, retained, mean } = groupingOf(options)
    const base = await readBase(options.base)
    const process = processOf(base.config.process)
    if (!data && asksBase(by))
      throw new InputError(`grouping by ${by} measures the base on images`, {
        where: '--by',
        fix: 'give --data, or group by uniform or equalSnrDb',
      })
    const images = data === undefined ? undefined : await readImages({ ...options, data }, log)
    if (images) checkBase(base, images, options.base)
    const measured = images && { model: base, data: { ...images.train, centre: base.centre } }
    const groups = await groupsBy(by, process, { count, minWidth, ...measured })
    const shares = sharesOf(groups, 'difficulty', retained)
    const network = prunableNetwork(base)
    const planned = groups.map((group, i) => {
      const counts = countsFor(
        network,
        network.parts.map(() => 1),
        shares[i] * network.total,
      )
      const macs = network.total - network.parts.reduce((sum, part, p) => sum + (part.units - counts[p]) * part.macs, 0)
      return { ...group, share: shares[i], target: shares[i] * network.total, macs }
    })
    const saving = sampledShare(groups, shares, timeGrid(process, Math.min(options.steps, stepsOf(process))).slice(0, -1))
    if (options.out !== undefined) writeAtomically(options.out, planText(process.config, planned))
    const table = aligned([
      ['group', 'from', 'before', 'SNR dB', 'difficulty', 'share', 'target', 'reached'],
      ...planned.map(({ from, to, snrDb, difficulty, share, target, macs }, i) =>
        [i + 1, short(from), short(to), snrDb.toFixed(1), difficulty, share.toFixed(3), Math.round(target), Math.round(macs)].map(String),
      ),
    ])
    return {
      lines: [
        ...table,
        `the base has ${network.total} multiply-accumulates; pruning can leave ${(network.least / network.total).toFixed(3)} of them`,
        `k = ${retained.toFixed(3)}: groups keep ${mean.toFixed(3)} in the mean, and ${saving.toFixed(3)} as ${options.steps} steps of sampling ask for them`,
        ...(options.out === undefined ? [] : [`written to ${options.out}`]),
      ],
      json: { groups: planned, retained, meanShare: mean, sampledShare: saving, macs: network.total, least: network.least },
    }
  },
})

const stepsOf = ({ config }: ReturnType<typeof processOf>): number => (config.kind === 'discrete' ? config.steps : Number.POSITIVE_INFINITY)

const short = (time: number): string => String(Number(time.toPrecision(6)))
