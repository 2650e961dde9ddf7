import { fetchModel } from '../models.ts'
import { readDenoiser, type Turned, type TurnRequest, turner } from './turn.ts'

const file = 'u-turn.safetensors'
let loading: Promise<ReturnType<typeof turner>> | undefined
const load = async () => turner(readDenoiser(await fetchModel(file), file))

export const uTurnTasks = {
  async turn(request: TurnRequest, tell: (share: number) => void, signal: AbortSignal): Promise<Turned> {
    const turn = await (loading ??= load())
    return turn(request, { signal, onStep: (step, steps) => tell(step / steps) })
  },
} as const
export type UTurnTasks = typeof uTurnTasks
