import { loadOnce } from '../load-once.ts'
import { fetchModel } from '../models.ts'
import { readDenoiser, type Turned, type TurnRequest, turner } from './turn.ts'

const turnerOf = loadOnce(async (file: string) => turner(readDenoiser(await fetchModel(file), file)))

export const uTurnTasks = {
  async turn(request: TurnRequest, tell: (share: number) => void, signal: AbortSignal): Promise<Turned> {
    const turn = await turnerOf('u-turn.safetensors')
    return turn(request, { signal, onStep: (step, steps) => tell(step / steps) })
  },
} as const
export type UTurnTasks = typeof uTurnTasks
