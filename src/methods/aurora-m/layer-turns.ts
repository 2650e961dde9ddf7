import { permutation, seedKey } from '../../data/draws.ts'
import { foldKey } from '../../engine/threefry.ts'
import type { BlockTrainer } from '../../kits/lm/blocks/index.ts'

/** What the seed's key is used for here. */
const use = 0x6c697361

export interface LayerTurns {
  /** Blocks that train at a time. */
  readonly activeLayers: number
  /** Steps between two draws. */
  readonly interval: number
  readonly seed: number
}

/**
 * LISA (paper 03): embedding, norm and head always train, and of the blocks a few that are drawn anew every so many steps; the others' moments are dropped.
 * What is returned is to be called before each step.
 */
export function layerTurns(trainer: BlockTrainer, { activeLayers, interval, seed }: LayerTurns): (step: number) => void {
  const activeIn = (turn: number) =>
    new Set(permutation(foldKey(seedKey(seed, use), turn), trainer.config.layers).subarray(0, activeLayers))
  let current: number | undefined
  return (step) => {
    const turn = Math.floor(step / interval)
    if (turn === current) return
    current = turn
    const active = activeIn(turn)
    const trains = (path: string) => !path.startsWith('blocks.') || active.has(Number(path.split('.')[1]))
    trainer.setTrainable(trains)
    trainer.states.drop((path) => !trains(path))
  }
}
