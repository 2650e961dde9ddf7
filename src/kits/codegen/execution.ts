import type { HumanEvalTask, MbppTask } from '../../data/index.ts'
import { InputError } from '../../engine/index.ts'
import { passAtK } from './pass-at-k.ts'
import type { Outcome } from './sandbox/outcome.ts'
import { runPython, type SandboxOptions } from './sandbox/sandbox.ts'

/**
 * MBPP's protocol: the answer, the task's setup, which uses it, the three assertions.
 *
 * @example
 * mbppProgram({ setup: '', tests: ['assert f(1) == 2'] }, 'def f(x): return x + 1').endsWith('assert f(1) == 2') // true
 */
export const mbppProgram = ({ setup, tests }: Pick<MbppTask, 'setup' | 'tests'>, answer: string): string =>
  [answer, setup, ...tests].filter((part) => part !== '').join('\n')

/**
 * HumanEval's protocol: the prompt, its continuation, the task's `check` of the function.
 *
 * @example
 * const task = { prompt: 'def f(x):\n', test: 'def check(g):\n    assert g(1) == 2', entry: 'f' }
 * humanEvalProgram(task, '    return x + 1').endsWith('check(f)') // true
 */
export const humanEvalProgram = ({ prompt, test, entry }: Pick<HumanEvalTask, 'prompt' | 'test' | 'entry'>, continuation: string): string =>
  `${prompt}${continuation}\n${test}\ncheck(${entry})`

/**
 * Where a continuation of a HumanEval prompt ends: at the next thing that is no part of its function (Chen et al. 2021).
 *
 * @example
 * humanEvalStops.includes('\ndef') // true
 */
export const humanEvalStops: readonly string[] = ['\nclass', '\ndef', '\n#', '\nif', '\nprint']

export interface ExecutionOptions extends SandboxOptions {
  /** How many programs run at a time (default: 2). */
  readonly parallel?: number
  onProgress?(done: number, total: number): void
}

/**
 * Runs programs in the sandbox, in the order of the list.
 *
 * @throws InputError as `runPython`; the rest is not run then.
 * @example
 * const outcomes = await runPrograms(['assert 1 + 1 == 2', 'import sys; sys.exit()'], { isolation: 'limits' })
 * outcomes.map(({ reason }) => reason) // ['passed', 'exit']
 */
export async function runPrograms(
  programs: readonly string[],
  { parallel = 2, onProgress, ...sandbox }: ExecutionOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(programs.length)
  let [next, done] = [0, 0]
  const work = async () => {
    while (next < programs.length) {
      const own = next++
      try {
        outcomes[own] = await runPython(programs[own], sandbox)
      } catch (error) {
        next = programs.length
        throw error
      }
      onProgress?.(++done, programs.length)
    }
  }
  // All end before any error is told, so that nothing goes on running behind it.
  const ended = await Promise.allSettled(Array.from({ length: parallel }, work))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return outcomes
}

/** What of several answers to each task passes. */
export interface PassTable {
  readonly tasks: number
  /** Answers to each task, the fewest. */
  readonly samples: number
  /** pass@k, the mean over tasks, 0 to 100. */
  readonly passAtK: Readonly<Record<number, number>>
  /** How many answers ended for which reason. */
  readonly reasons: Readonly<Partial<Record<Outcome['reason'], number>>>
}

/**
 * pass@k of tasks with several answers each, for every k that no task has fewer answers than.
 *
 * @throws InputError where there are no tasks, or one without an answer.
 * @example
 * const [yes, no] = [{ passed: true, reason: 'passed' }, { passed: false, reason: 'time' }] as const
 * passTable([[yes, no]], [1, 2]).passAtK // { 1: 50, 2: 100 }
 */
export function passTable(outcomes: readonly (readonly Pick<Outcome, 'passed' | 'reason'>[])[], ks: readonly number[]): PassTable {
  const samples = outcomes.reduce((least, answers) => Math.min(least, answers.length), Number.POSITIVE_INFINITY)
  if (outcomes.length === 0 || samples === 0) throw new InputError('pass@k needs an answer to each of at least one task')
  const reasons: Partial<Record<Outcome['reason'], number>> = {}
  for (const { reason } of outcomes.flat()) reasons[reason] = (reasons[reason] ?? 0) + 1
  const at = (k: number) => {
    const chances = outcomes.map((answers) =>
      passAtK({ samples: answers.length, correct: answers.filter(({ passed }) => passed).length, k }),
    )
    return (100 * chances.reduce((sum, chance) => sum + chance, 0)) / outcomes.length
  }
  return {
    tasks: outcomes.length,
    samples,
    passAtK: Object.fromEntries(ks.filter((k) => k <= samples).map((k) => [k, at(k)])),
    reasons,
  }
}
