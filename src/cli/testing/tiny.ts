import type { Experiment } from '../../experiment/definition.ts'

/*
 * Runs of the real methods for tests of what happens around training: the smoke preset, with one arm for each kind of unit that a method has, and with
 * settings that leave next to nothing to compute. All that is written, read and resumed is the method's own.
 */

export interface Tiny {
  /** `key=value`, as for `--set`. */
  readonly settings: readonly string[]
  readonly arms: readonly string[]
}

/** A method without an entry runs its smoke preset as it is. */
export const tiny: Readonly<Record<string, Tiny>> = {
  ramda: {
    settings: ['examples=128', 'epochs.logreg=2', 'epochs.mlp=2', 'minimizerIterations=2'],
    arms: ['logreg/ramda', 'logreg/minimizer', 'mlp/prox-adam-w'],
  },
  'forward-frank-wolfe': {
    settings: [
      'quadratic.steps=20',
      'logistic.steps=4',
      'mlp.steps=4',
      'memory.depths=[1]',
      'memory.width=4',
      'memory.batch=8',
      'memory.process.steps=0',
    ],
    arms: ['quadratic/l2/averaged', 'logistic/l2/averaged', 'mlp/projected-sgd', 'memory/forward'],
  },
  prgd: {
    settings: [
      'plane.warmup=5',
      'plane.steps=10',
      'plane.slowSteps=10',
      'simplex.warmup=5',
      'simplex.steps=10',
      'simplex.slowSteps=10',
      'digits.steps=10',
      'digits.longSteps=20',
      'map.steps=10',
      'map.intervals=[5]',
      'field.steps=4',
      'network.examples=100',
      'network.hidden=4',
      'network.epochs=1',
      'network.steps=2',
      'network.batchEpochs=1',
    ],
    arms: ['plane/prgd', 'digits/prgd', 'field/prgd', 'network/prgd'],
  },
  'aurora-m': {
    settings: [
      'batch=2',
      'context=16',
      'steps.base=2',
      'steps.continual=4',
      'steps.instructions=4',
      'evaluations=2',
      'curveWindows=2',
      'testWindows=2',
    ],
    arms: ['curriculum/cap-cat', 'safety/instructions'],
  },
  lisa: {
    settings: ['batch=2', 'context=16', 'steps.base=2', 'steps.tuning=4', 'evaluations=2', 'curveWindows=2', 'testWindows=2'],
    arms: ['far/lisa', 'far/lora'],
  },
  'peft-code': {
    settings: ['batch=2', 'steps.base=2', 'steps.tuning=3', 'steps.api=3', 'test.conala=2', 'test.mbpp=2', 'test.api=2', 'test.decoded=1'],
    arms: ['conala/lora', 'api/full'],
  },
  'joint-graph': {
    settings: ['batch=4', 'synthetic.train=8', 'synthetic.test=8', 'synthetic.steps=3', 'synthetic.samples=4', 'synthetic.sampleSteps=2'],
    arms: ['balance/joint', 'balance/two-stage', 'traffic/cut'],
  },
  'step-adaptive': {
    settings: [
      'digits7.baseSteps=6',
      'digits7.groupSteps=6',
      'digits7.equalSteps=5',
      'digits7.batch=8',
      'digits7.warmup=1',
      'evaluation.times=5',
      'evaluation.examples=10',
      'sampling.steps=2',
      'sampling.count=40',
      'featureSteps=2',
    ],
    arms: ['base', 'uniform/two-stage', 'weighted/difficulty'],
  },
  'u-turn': {
    settings: [
      'training.steps=4',
      'training.warmup=1',
      'features.steps=4',
      'turns=[1.08,0.035]',
      'steps=8',
      'mixture.steps=2',
      'mixture.sigmas=[1]',
    ],
    arms: ['mixture/sde', 'digits/churn', 'digits/noise-start'],
  },
  pfami: {
    settings: [
      'overfitted.train=26',
      'overfitted.width=8',
      'overfitted.steps=4',
      'overfitted.checkpoints=[]',
      'sweep.sizes=[24]',
      'sweep.width=8',
      'sweep.steps=4',
      'vae.steps=4',
      'scored=16',
      'samples=20',
      'network.epochs=2',
    ],
    arms: ['sweep/m24', 'vae/attack', 'exact/other-bank'],
  },
  r2et: {
    settings: ['table.rows=64', 'table.steps=1', 'table.points=2'],
    arms: ['compas/vanilla', 'compas/at', 'compas/r2et'],
  },
}

/** The experiment with these arms only. */
export function withArms(definition: Experiment, { arms }: Tiny): Experiment {
  return { ...definition, arms: (config) => definition.arms(config).filter(({ id }) => arms.includes(id)) }
}

/** The experiment that reads its data once for all of its runs in this process. */
export function readingOnce(definition: Experiment): Experiment {
  let loaded: ReturnType<Experiment['data']> | undefined
  return { ...definition, data: (context) => (loaded ??= definition.data(context)) }
}
