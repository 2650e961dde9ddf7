import { sha256 } from '../files.ts'
import { type LocateOptions, locate } from '../locate.ts'
import type { Provenance, Source } from '../sources.ts'
import { generateTasks } from './generated-programs.ts'
import { recordsOf } from './lines.ts'

/**
 * HumanEval: 164 Python functions to complete, with tests.
 *
 * @example
 * humanEvalSource.licence // 'MIT (OpenAI, 2021)'
 */
export const humanEvalSource: Source = {
  name: 'humaneval',
  folder: 'humaneval',
  real: true,
  licence: 'MIT (OpenAI, 2021)',
  files: [
    {
      names: ['HumanEval.jsonl'],
      urls: ['https://raw.githubusercontent.com/openai/human-eval/6d43fb980f9fee3c892a914eda09951f772ad10d/data/HumanEval.jsonl.gz'],
      bytes: 214_438,
      sha256: '1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2',
    },
  ],
}

/** A task of HumanEval. The code is other people's: run it in a sandbox only. */
export interface HumanEvalTask {
  /** `HumanEval/0` to `HumanEval/163`. */
  readonly id: string
  /** Imports, signature and docstring. */
  readonly prompt: string
  /** The function's name. */
  readonly entry: string
  /** The function's body. */
  readonly solution: string
  /** Defines `check(candidate)`. */
  readonly test: string
}

interface Row {
  task_id: string
  prompt: string
  entry_point: string
  canonical_solution: string
  test: string
}

/**
 * HumanEval's tasks, found as `loadMnist` finds its files; where they are not to be had, as many tasks are generated (`real: false`).
 *
 * @throws InputError for a `data` that holds none, or a wrong checksum.
 * @example
 * const { tasks } = await loadHumanEval()
 * tasks[0].id // 'HumanEval/0'
 */
export async function loadHumanEval(options: LocateOptions = {}): Promise<{ tasks: readonly HumanEvalTask[]; provenance: Provenance }> {
  const found = await locate(humanEvalSource, options)
  if (!found) return generated(options.log)
  const tasks = recordsOf<Row>(found.contents[0], found.provenance.source).map((row) => ({
    id: row.task_id,
    prompt: row.prompt,
    entry: row.entry_point,
    solution: row.canonical_solution,
    test: row.test,
  }))
  return { tasks, provenance: found.provenance }
}

function generated(log: LocateOptions['log']): { tasks: readonly HumanEvalTask[]; provenance: Provenance } {
  log?.(`${humanEvalSource.name}: not available; tasks are generated instead (real: false)`)
  const tasks = generateTasks({ count: 164, seed: 1 }).map((task, i) => completionTask(`HumanEval/${i}`, task))
  const sum = sha256(new TextEncoder().encode(JSON.stringify(tasks)))
  const source = 'generateTasks({ count: 164, seed: 1 })'
  return { tasks, provenance: { name: `generated-${humanEvalSource.name}`, real: false, source, sha256: sum } }
}

/** A generated task in HumanEval's form: the text becomes the docstring, the assertions the body of `check`. */
function completionTask(id: string, { text, code, tests }: { text: string; code: string; tests: readonly string[] }): HumanEvalTask {
  const [signature, ...body] = code.split('\n')
  const entry = /^def (\w+)/.exec(signature)![1]
  const checks = tests.map((test) => `    ${test.replaceAll(`${entry}(`, 'candidate(')}`)
  return {
    id,
    prompt: `${signature}\n    """ ${text}\n    """\n`,
    entry,
    solution: `${body.join('\n')}\n`,
    test: `\n\ndef check(candidate):\n${checks.join('\n')}\n`,
  }
}
