import { join } from 'node:path'
import { z } from 'zod'
import { take } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { aligned, makeFolder, writeAtomically } from '../../experiment/index.ts'
import { saveDiffusionModel } from '../../kits/diffusion/index.ts'
import { importance } from '../../kits/diffusion/surgery/index.ts'
import { fromArrays } from '../../train/index.ts'
import { verb } from '../method.ts'
import { bankText } from './memory-bank.ts'
import { advisorOf, checkBase, readBase, readImages } from './own-model.ts'
import { advisorOptions, endpointOf, imageOptions } from './own-options.ts'
import { equalParts, probe, taylorGradients } from './probe.ts'
import { pruneGroup } from './prune-group.ts'
import { macsOf } from './pruning-plan.ts'
import { lossAfter } from './short-tuning.ts'

export const pruneVerb = verb({
  name: 'prune',
  summary: { en: 'Cuts one diffusion model down to a share of its operations', zh: '把一个扩散模型裁剪到给定比例的计算量' },
  positional: 'base',
  example: 'quire step-adaptive prune bundle --share 0.8 --advisor magnitude --rounds 1 --out small',
  options: z.object({
    base: z.string().describe('a trained model of quire diffusion train, or a bundle, for its base'),
    share: z.number().positive().max(1).default(0.8).describe('share of the multiply-accumulates that stays'),
    data: z.string().optional().describe('images: what search, taylor, llm and more than one round compare by'),
    ...imageOptions,
    ...advisorOptions,
    batch: z.number().int().min(1).default(64).describe('images an update of the short fine-tuning by which proposals are compared'),
    learningRate: z.number().positive().max(1).default(1e-3).describe('its rate'),
    seed: z.number().int().min(0).default(0).describe('of the search'),
    out: z.string().describe('the folder of the smaller model, which is not fine-tuned'),
  }),
  async run({ options, log, progress }) {
    const { share, rounds, seed, out } = options
    const base = await readBase(options.base)
    if (options.data === undefined && (rounds > 1 || options.advisor !== 'magnitude'))
      throw new InputError(`the advisor ${options.advisor} with ${rounds} rounds compares proposals on images`, {
        where: '--data',
        fix: 'give images, or --advisor magnitude --rounds 1',
      })
    const images = options.data === undefined ? undefined : await readImages({ ...options, data: options.data }, log)
    if (images) checkBase(base, images, options.base)
    const data = images && { ...images.train, ...(base.centre && { centre: base.centre }) }
    const exchanges: string[] = []
    const keep = (exchange: unknown) => exchanges.push(`${JSON.stringify(exchange)}\n`)
    const advisor = advisorOf({ ...options, endpoint: endpointOf(options), mayFallBack: options.allowSearch, log, keep })
    const [all] = equalParts(base, 1)
    const gradients = advisor.importance === 'taylor' ? taylorGradients(await probe(base, data!, equalParts(base, 10))) : undefined
    const total = macsOf(base)
    const fineTuning = { batch: options.batch, learningRate: options.learningRate, ema: 0.995, warmup: 5 }
    const { model, report, bank } = await pruneGroup(base, {
      group: 0,
      target: share * total,
      advisor,
      rounds,
      scores: await importance(base, gradients ? { gradients: fromArrays(gradients, base.params) } : 'magnitude'),
      evaluate: (small) => lossAfter(small, all, { fineTuning, data: data!, validation: { ...data!, ...take({ x: data!.x }, 256) }, seed }),
      onTrial: ({ round }) => progress(round, rounds),
    })
    makeFolder(out)
    await saveDiffusionModel(out, model)
    writeAtomically(join(out, 'memory_bank.jsonl'), bankText(bank))
    if (exchanges.length > 0) writeAtomically(join(out, 'transcript.jsonl'), exchanges.join(''))
    const macs = macsOf(model)
    const rows = (report?.parts ?? []).map(({ block, kind, units, kept }) => [block, kind, String(units), String(kept)])
    return {
      lines: [
        ...aligned([['block', 'units of', 'before', 'kept'], ...rows]),
        `${total} → ${macs} multiply-accumulates (target ${Math.round(share * total)})${report && !report.isWithin ? ': units cannot be cut finer' : ''}`,
        `written to ${out}; it is not fine-tuned yet`,
      ],
      json: { total, macs, target: share * total, parts: report?.parts ?? [], out },
    }
  },
})
