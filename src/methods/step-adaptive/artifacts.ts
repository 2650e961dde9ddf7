import type { UnitContext } from '../../experiment/index.ts'
import { encodeBundle, encodeModel, modelFile } from '../../kits/diffusion/index.ts'
import { bundleOf } from './bundle.ts'
import type { TrainedArm } from './train-arm.ts'

/** Arms whose models other methods may want: the method's bundle, which stands for the run, and the uniform model beside it. */
const kept = /^(convolutional\/|)(weighted\/difficulty|uniform\/one-cosine)$/

/** Keeps what the first seed of those arms has trained among the run's artifacts. */
export async function keepModels(
  { members, models }: TrainedArm,
  { arm, seed, artifact }: Pick<UnitContext<unknown, unknown>, 'arm' | 'seed' | 'artifact'>,
): Promise<void> {
  if (seed !== 0 || !kept.test(arm.id)) return
  if (!members) await artifact(modelFile, await encodeModel(models[0]))
  else for (const [name, bytes] of await encodeBundle(bundleOf(members))) await artifact(name, bytes)
}
