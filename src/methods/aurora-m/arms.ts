import type { Arm } from '../../experiment/index.ts'
import type { Config, CurriculumName, SafetyVariant } from './config.ts'

type Own = Arm<Config>

const curriculum = (
  id: string,
  label: string,
  kind: Own['kind'],
  name: CurriculumName,
  more: Own['config'] = {},
  seeds?: Own['seeds'],
): Own => ({
  id: `curriculum/${id}`,
  label,
  kind,
  ...(seeds && { seeds }),
  config: { task: 'curriculum', curriculum: name, ...more },
})

const safety = (id: string, label: string, kind: Own['kind'], variant: SafetyVariant, seeds?: Own['seeds']): Own => ({
  id: `safety/${id}`,
  label,
  kind,
  ...(seeds && { seeds }),
  config: { task: 'safety', variant },
})

const firstArms: readonly Own[] = [
  curriculum('cap-cat', 'CAP, then CAT', 'method', 'capCat'),
  curriculum('naive', 'new languages only', 'baseline', 'naive'),
  curriculum('replay', 'one mixture, 25 % replay', 'baseline', 'replay'),
  curriculum('wrong-replay', 'replay of Shakespeare', 'control', 'wrongReplay'),
  // Without a learning rate the number of steps makes no difference.
  curriculum('frozen', 'learning rate 0', 'control', 'capCat', { learningRate: { continual: 0 }, steps: { continual: 10 } }),
  curriculum('from-scratch', 'CAP, then CAT, from random weights', 'reference', 'capCat', { start: 'random' }, 'first'),
]

/** Shares of replay that the frontier is drawn through. */
export const frontierShares = [0, 0.01, 0.05, 0.1, 0.25, 0.5] as const

export const frontierArm = (replay: number): string => `curriculum/frontier/replay=${replay}`

/** The curve that a practitioner chooses on, and the cheap remedies on the naive arm. */
const frontierArms: readonly Own[] = [
  ...frontierShares.map((replay) =>
    curriculum(`frontier/replay=${replay}`, `${100 * replay} % replay`, 'ablation', 'replay', { replay }, 'first'),
  ),
  curriculum(
    'frontier/low-rate',
    'new languages, a fifth of the rate',
    'ablation',
    'naive',
    { learningRate: { continual: 4e-4 } },
    'first',
  ),
  curriculum('frontier/anchor', 'new languages, L2 to the base', 'ablation', 'naive', { anchor: 0.01 }, 'first'),
  curriculum('frontier/average', 'new languages, averaged with the base', 'ablation', 'naive', { average: 0.5 }, 'first'),
  curriculum('frontier/lora', 'new languages, low-rank adapters', 'ablation', 'naive', { method: 'lora' }, 'first'),
  curriculum('frontier/lisa', 'new languages, two blocks at a time', 'ablation', 'naive', { method: 'lisa' }, 'first'),
  curriculum('frontier/rewarm', 'CAP, then CAT, warmed up twice', 'ablation', 'capCat', { schedule: 'rewarm' }, 'first'),
  curriculum('frontier/joint', 'all text from the start', 'reference', 'joint', { start: 'random' }, 'first'),
]

const secondArms: readonly Own[] = [
  safety('instructions', 'CAT with instructions', 'method', 'instructions'),
  safety('text-only', 'CAT without instructions', 'baseline', 'textOnly'),
  safety('contrast', 'and look-alikes as a contrast set', 'ablation', 'contrast'),
  safety('labels-shuffled', 'labels drawn for each pair', 'control', 'labelsShuffled'),
  safety('all-bytes', 'instructions within the text, loss on all bytes', 'control', 'allBytes'),
  safety('refuse-all', 'refuses everything', 'control', 'refuseAll'),
]

const extendedArms: readonly Own[] = [
  safety('spread', 'instructions spread over CAP and CAT', 'ablation', 'spread'),
  safety('cap-first', 'CAP, then CAT with instructions', 'ablation', 'capFirst'),
]

/** Everything that is trained: the curriculum and the alignment, what they are compared with, and both with a part taken out. */
export function arms({ part, frontier, extended }: Config): readonly Own[] {
  return [
    ...(part === 'safety' ? [] : [...firstArms, ...(frontier ? frontierArms : [])]),
    ...(part === 'curriculum' ? [] : [...secondArms, ...(extended ? extendedArms : [])]),
  ]
}
