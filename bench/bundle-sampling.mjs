// What a bundle of pruned copies saves as time: sampling by it and by one model for all steps, in one process and in turns, beside the operations that are
// counted. Weights are fresh: what a step costs does not depend on them.
//   npm run build && node bench/bundle-sampling.mjs [--threads N]
import { configureRuntime, key } from '../dist/engine/index.js'
import { bundleDenoiser, denoiserOf, initModel, processOf, timeGrid } from '../dist/kits/diffusion/index.js'
import { networkSized } from '../dist/kits/diffusion/networks/index.js'
import { importance } from '../dist/kits/diffusion/surgery/index.js'
import {
  bundleOf,
  importanceAdvisor,
  planGroups,
  prunableNetwork,
  pruneGroup,
  retainedFor,
  sampledShare,
  sharesOf,
} from '../dist/methods/step-adaptive/index.js'
import { samplingSeconds } from '../dist/methods/step-adaptive/sampling-time.js'

const at = process.argv.indexOf('--threads')
if (at > 0) configureRuntime({ threads: Number(process.argv[at + 1]) })
const steps = 50
const models = {
  'MLP, 7 × 7': { network: networkSized('mlp', 'tiny', [1, 7, 7]), shape: [1, 7, 7], count: 256 },
  'U-Net tiny, 28 × 28': { network: networkSized('unet', 'tiny', [1, 28, 28]), shape: [1, 28, 28], count: 64 },
  'U-Net small, 28 × 28': { network: networkSized('unet', 'small', [1, 28, 28]), shape: [1, 28, 28], count: 64 },
}

for (const [name, { network, shape, count }] of Object.entries(models)) {
  const config = { network, process: { kind: 'discrete', steps: 1000, schedule: 'cosine' }, predict: 'eps', shape, range: [-1, 1] }
  const base = initModel(config, key(0))
  const noise = processOf(config.process)
  const groups = planGroups(noise, { count: 5, by: 'uniform' })
  const shares = sharesOf(groups, 'difficulty', retainedFor(0.8, 5))
  const { total } = prunableNetwork(base)
  const scores = await importance(base, 'magnitude')
  const members = []
  for (const [group, { from, to }] of groups.entries()) {
    const { model, report } = await pruneGroup(base, {
      group,
      target: shares[group] * total,
      advisor: importanceAdvisor('magnitude'),
      rounds: 1,
      scores,
      evaluate: async () => 0,
    })
    members.push({ from, to, model, macs: report?.macs ?? total })
  }
  const kept = members.map(({ macs }) => macs / total)
  const counted = sampledShare(groups, kept, timeGrid(noise, steps).slice(0, -1))
  const seconds = await samplingSeconds(bundleDenoiser(bundleOf(members)), denoiserOf(base), steps, count)
  const ratio = seconds.bundle / seconds.uniform
  const each = [seconds.bundle, seconds.uniform].map((value) => value.toFixed(2)).join(' and ')
  console.log(
    `${name.padEnd(22)} operations ${counted.toFixed(3)}, time ${ratio.toFixed(3)}: ${each} s for 1,000 samples by ${steps} steps`,
  )
}
