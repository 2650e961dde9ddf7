import { sha256 } from '../files.ts'
import { type LocateOptions, locate } from '../locate.ts'
import type { Provenance, Source } from '../sources.ts'
import { generateTasks } from './generated-programs.ts'
import { recordsOf } from './lines.ts'

/**
 * MBPP: 974 small tasks in English with a Python solution and tests.
 *
 * @example
 * mbppSource.name // 'mbpp'
 */
export const mbppSource: Source = {
  name: 'mbpp',
  folder: 'mbpp',
  real: true,
  licence: 'CC BY 4.0 (J. Austin et al., 2021)',
  files: [
    {
      names: ['mbpp.jsonl'],
      urls: [
        'https://raw.githubusercontent.com/muitiiifruckt/ASE/83fa3f7963561b898623e8ade6e017d448ddca98/mbpp.jsonl',
        'https://raw.githubusercontent.com/google-research/google-research/master/mbpp/mbpp.jsonl',
      ],
      bytes: 564_715,
      sha256: '143559fa164408d45cab058238471288b0e447507ce55db3057c56113d9dccb4',
    },
  ],
}

/** A task of MBPP. The code is other people's: run it in a sandbox only. */
export interface MbppTask {
  /** 1 to 974. */
  readonly id: number
  readonly text: string
  /** A solution, without carriage returns. */
  readonly code: string
  /** Python that the tests need, after the solution; mostly empty. */
  readonly setup: string
  /** `assert …` statements. */
  readonly tests: readonly string[]
  readonly challengeTests: readonly string[]
}

interface Row {
  text: string
  code: string
  task_id: number
  test_setup_code: string
  test_list: string[]
  challenge_test_list: string[]
}

/**
 * MBPP's tasks by increasing id, found as `loadMnist` finds its files; where they are not to be had, as many tasks are generated (`real: false`).
 *
 * @throws InputError for a `data` that holds none, or a wrong checksum.
 * @example
 * const { tasks } = await loadMbpp()
 * tasks.length // 974
 */
export async function loadMbpp(options: LocateOptions = {}): Promise<{ tasks: readonly MbppTask[]; provenance: Provenance }> {
  const found = await locate(mbppSource, options)
  if (!found) return generated(options.log)
  const tasks = recordsOf<Row>(found.contents[0], found.provenance.source).map((row) => ({
    id: row.task_id,
    text: row.text.replaceAll('\r', ''),
    code: row.code.replaceAll('\r', ''),
    setup: row.test_setup_code.replaceAll('\r', ''),
    tests: row.test_list.map((test) => test.replaceAll('\r', '')),
    challengeTests: row.challenge_test_list.map((test) => test.replaceAll('\r', '')),
  }))
  return { tasks, provenance: found.provenance }
}

function generated(log: LocateOptions['log']): { tasks: readonly MbppTask[]; provenance: Provenance } {
  log?.(`${mbppSource.name}: not available; tasks are generated instead (real: false)`)
  const tasks = generateTasks({ count: 974, seed: 0 }).map((task, i) => ({ id: i + 1, ...task, setup: '', challengeTests: [] }))
  const sum = sha256(new TextEncoder().encode(JSON.stringify(tasks)))
  const source = 'generateTasks({ count: 974, seed: 0 })'
  return { tasks, provenance: { name: `generated-${mbppSource.name}`, real: false, source, sha256: sum } }
}

export type MbppPart = 'prompt' | 'test' | 'validation' | 'train'

/**
 * The official part of a task: 1 to 10 are for prompts, 11 to 510 to test on, 511 to 600 to validate on, 601 to 974 to train on.
 * @example
 * mbppPart({ id: 11 }) // 'test'
 */
export const mbppPart = ({ id }: Pick<MbppTask, 'id'>): MbppPart =>
  id <= 10 ? 'prompt' : id <= 510 ? 'test' : id <= 600 ? 'validation' : 'train'
