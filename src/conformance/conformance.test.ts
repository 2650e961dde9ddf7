import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ndarray } from '../engine/array.ts'
import { jit, mul, type Tensor, zeros } from '../engine/index.ts'
import { writeSafetensors } from '../engine/safetensors.ts'
import type { Arm, Experiment } from '../experiment/index.ts'
import { methods } from '../methods/index.ts'
import type { Method, Verb } from '../methods/method.ts'
import { checks, makeSetting, violations } from './index.ts'
import { incomplete, tooSlow } from './smoke.ts'
import { descent, fitVerb, repositoryWith, showVerb, type ToyConfig, toy, toyExperiment } from './testing/toy.ts'

const repository = join(import.meta.dirname, '..', '..')
const setting = makeSetting(repository)
afterAll(() => setting.close())

const isBuilt = existsSync(join(repository, 'dist', 'engine', 'index.js'))
const runnable = checks.filter(({ name }) => name !== 'code blocks' || isBuilt)
const named = (name: string) => checks.find((check) => check.name === name)!

describe.each(methods.map((method) => [method.name, method] as const))('%s', (_, method) => {
  test.each(checks.filter(({ pace }) => pace === 'quick').map((check) => [check.name, check] as const))('%s', async (_, check) => {
    expect(await violations(check, method, setting)).toEqual([])
  })
})

type Change = Parameters<typeof repositoryWith>[1]

/** What a check finds wrong with a toy, in a repository that holds its README and its stored run. */
async function found(check: string, method: Method, change?: Change): Promise<string> {
  // A smoke run that breaks down leaves no run to store.
  const root = await repositoryWith(check === 'smoke' ? toy() : method, change)
  return (await violations(named(check), method, { ...setting, repository: root, built: repository })).join('\n')
}

describe('a sound toy passes', () => {
  const method = toy()
  test.each(runnable.map(({ name }) => [name]))('%s', async (name) => expect(await found(name, method)).toBe(''))
})

const { arms, unit } = toyExperiment()
const [method, slow, control] = arms({}) as readonly Arm<ToyConfig>[]
const changed = (changes: Partial<Experiment<ToyConfig, number>>): Method => toy(changes)

const claimOf = (measure: (loss: number) => number): Partial<Experiment<ToyConfig, number>> => ({
  claims: toyExperiment().claims.map((claim) => ({ ...claim, measure: ({ measurements }) => measure(measurements.loss) })),
})

/** A verb like `fit` whose run is another. */
const fitting = (run: Verb['run'], example = fitVerb.example): Method => toy(undefined, [{ ...fitVerb, example, run }, showVerb])

const optionsOf = (schema: z.ZodType): Partial<Experiment<ToyConfig, number>> => ({ config: schema as z.ZodType<ToyConfig> })

const toyConfig = toyExperiment().config as unknown as z.ZodObject

/** Of another size whenever it is run: what this process has compiled before is not compiled again. */
let sizes = 0

/** Each: the check, what is wrong, the toy that has it, what the check must say. */
const broken: readonly [check: string, what: string, method: Method, says: RegExp | string, change?: Change][] = [
  ['smoke', 'a step throws', changed({ unit: async () => Promise.reject(new TypeError('x is not a function')) }), 'exit status 70'],
  [
    'smoke',
    'a figure throws',
    changed({
      figures: () => {
        throw new TypeError('no such arm')
      },
    }),
    'exit status 70',
  ],
  [
    'graphs',
    'it compiles what is not kept',
    changed({
      unit: async (context) => {
        await jit((x: Tensor) => mul(x, 3))(zeros([++sizes])).data()
        return descent(context)
      },
    }),
    /\+ [0-9a-f]{16} jit\(/,
  ],
  ['learns', 'it never says what it learns', changed({ learning: undefined }), "has no 'learning'"],
  [
    'learns',
    'it gets worse',
    changed({ learning: { arm: 'descent', series: 'loss', direction: 'up', without: { rate: 1e-12 } } }),
    /it does not learn: loss of descent gains -1/,
  ],
  [
    'learns',
    'it learns where it cannot',
    changed({ learning: { arm: 'descent', series: 'loss', direction: 'down', without: { noise: 0 } } }),
    /seems to learn where it cannot: loss gains 1/,
  ],
  [
    'learns',
    'the series is not there',
    changed({ learning: { arm: 'descent', series: 'los', direction: 'down', without: {} } }),
    'it does not learn: los of descent gains NaN',
  ],
  [
    'controls differ',
    'the control changes nothing',
    changed({ arms: () => [method, slow, { ...control, config: {} }] }),
    /control no-steps changes nothing: claim descends measures/,
  ],
  [
    'controls fail',
    'the control holds',
    changed({ arms: () => [method, slow, { ...control, config: {} }] }),
    "does not say under 'Not as claimed' that `descends`",
  ],
  [
    'controls fail',
    'the README is silent about a claim that fails',
    changed(claimOf((loss) => loss + 5)),
    "does not say under 'Not as claimed' that `descends`",
  ],
  [
    'controls fail',
    'the README excuses what holds',
    toy(),
    'says that `descends` is not as it should be; in the stored run it is',
    (readme, stored) => [readme.replace('## Where', '### Not as claimed\n\n- `descends`: noise.\n\n## Where'), stored],
  ],
  [
    'controls fail',
    'a verdict was edited',
    changed(claimOf((loss) => loss + 5)),
    "claim descends is said to be 'holds', its numbers say 'fails'",
    (readme, stored) => [readme, stored.replace('"verdict": "fails"', '"verdict": "holds"')],
  ],
  [
    'controls fail',
    'a number was edited',
    toy(),
    /control no-steps of descends is said to be 'fails'/,
    (readme, stored) => [readme, stored.replace(/("failsAsItShould": true)/, '$1').replace(/(49\.9\d*)/g, '0.4')],
  ],
  [
    'seeds',
    'the seed is not used',
    changed({ unit: (context) => descent({ ...context, seed: 0 }) }),
    'another seed gives the same numbers in descent',
  ],
  [
    'seeds',
    'numbers come from nowhere',
    changed({ unit: (context) => descent({ ...context, seed: Math.random() }) }),
    /the same seed gives other numbers: .*units\/descent--seed-0\.json/,
  ],
  [
    'resume exact',
    'the state is not whole',
    changed({ unit: (context) => descent(forgetful(context)) }),
    /after 3 stops these differ from an undisturbed run: .*units/,
  ],
  [
    'resume exact',
    'it cannot be stopped',
    changed({ unit: (context) => descent({ ...context, progress: async () => {} }) }),
    'units must await progress once a step',
  ],
  [
    'config input',
    'a number has no range',
    changed(optionsOf(toyConfig.extend({ noise: z.number().default(0).describe('spread') }))),
    "config key 'noise' has no least value",
  ],
  [
    'config input',
    'a key takes everything',
    changed(optionsOf(toyConfig.extend({ noise: z.coerce.number().min(0).catch(0).default(0).describe('spread') }))),
    /--set noise=.*: it is taken/,
  ],
  [
    'config input',
    'a schema throws',
    changed(
      optionsOf(
        toyConfig.extend({
          noise: z
            .number()
            .min(0)
            .default(0)
            .describe('spread')
            .refine((x) => {
              if (x !== 0) throw new TypeError('no')
              return true
            }),
        }),
      ),
    ),
    /TypeError: no, which is no error of the user's|ends with TypeError/,
  ],
  [
    'config input',
    'an estimate is no number',
    changed({ estimate: ({ config: { noise } }) => ({ parameters: 1, flops: 0 / noise, bytes: 1 }) }),
    'has an estimate that is no number',
  ],
  [
    'help',
    'the example is misspelled',
    fitting(fitVerb.run, 'quire toy fit credit.csv --targte default --out toy'),
    /`quire toy fit .*` ends with exit status 2: .*did you mean '--target'/,
  ],
  ['help', 'the example is another command’s', fitting(fitVerb.run, 'quire toy show toy'), 'the example of fit is of another command'],
  [
    'dtypes',
    'weights became float64',
    fitting(async (context) => {
      const result = await fitVerb.run(context)
      writeFileSync('toy/weights.safetensors', writeSafetensors({ w: ndarray(Float64Array.of(1), [1], 'float64') }))
      return result
    }),
    "weights.safetensors: 'w' is float64, not float32",
  ],
  [
    'verb input',
    'a missing file is a defect',
    fitting(async (context) => {
      if (context.options.data !== 'credit.csv') throw new TypeError('no such table')
      return fitVerb.run(context)
    }),
    /a defect \(exit status 70\): TypeError: no such table/,
  ],
  [
    'verb input',
    'half of a file stays',
    fitting(async (context) => {
      writeFileSync('half.onnx', String(Math.random()))
      return fitVerb.run(context)
    }),
    /`quire toy fit wrong\/empty\.csv .*`: it leaves half\.onnx behind/,
  ],
  [
    'verb input',
    'the message has several lines',
    fitting(async (context) => {
      context.log('quire: I wonder')
      return fitVerb.run(context)
    }),
    'not one line of error',
  ],
  ['readme', 'there is none', { ...toy(), name: 'other' }, 'it has no README.md'],
  [
    'readme',
    'a part is missing',
    toy(),
    'the README does not say where it differs from the paper',
    (readme, stored) => [readme.replace('## Where it', '## How it'), stored],
  ],
  [
    'readme',
    'a number was typed',
    toy(),
    'tables are not those of measured.json',
    (readme, stored) => [readme.replace('| ≤ 1 |', '| ≤ 2 |'), stored],
  ],
  [
    'readme',
    'a table has no run',
    toy(),
    "section 'measured rate=0.2' has no stored run: node scripts",
    (readme, stored) => [`${readme}\n<!-- measured rate=0.2 -->\n<!-- /measured rate=0.2 -->\n`, stored],
  ],
  [
    'readme',
    'the run is of another bar',
    toy(),
    'claim descends has changed since its stored run',
    (readme, stored) => [readme.replace('| ≤ 1 |', '| ≤ 0.5 |'), stored.replace('"threshold": 1', '"threshold": 0.5')],
  ],
  [
    'code blocks',
    'a command is misspelled',
    toy(),
    /line 7, `quire toy fti .*`: exit status 2/,
    (readme, stored) => [readme.replace('toy fit', 'toy fti'), stored],
  ],
  [
    'code blocks',
    'an option that is not run does not exist',
    toy(),
    'there is no option --targte',
    (readme, stored) => [readme.replace('```sh', '<!-- not run: it takes a day -->\n```sh').replace('--target', '--targte'), stored],
  ],
  [
    'code blocks',
    'types do not fit',
    toy(),
    /Type 'string' is not assignable|not assignable/,
    (readme, stored) => [`${readme}\n\`\`\`ts\nconst n: number = 'one'\n\`\`\`\n`, stored],
  ],
  [
    'code blocks',
    'a program fails',
    toy(),
    /no such key/,
    (readme, stored) => [`${readme}\n\`\`\`ts\nthrow new Error('no such key')\n\`\`\`\n`, stored],
  ],
]

/** A unit whose checkpoints keep the place, and lose the momentum. */
function forgetful<C extends Parameters<typeof unit>[0]>(context: C): C {
  const save: typeof context.checkpoint.save = (step, { state }) =>
    context.checkpoint.save(step, { state: ndarray(Float64Array.of(Number(state.data[0]), 0), [2], 'float64') })
  return { ...context, checkpoint: { ...context.checkpoint, save } }
}

describe('what is broken is found, with the names of the method and the check', () => {
  test.each(broken.filter(([check]) => runnable.some(({ name }) => name === check)))('%s: %s', async (check, _, method, says, change) => {
    const text = await found(check, method, change)
    expect(text).toMatch(new RegExp(`^${method.name}, ${check}: `))
    expect(text).toMatch(says)
  })

  test('smoke: a run that takes too long, unless others kept the machine busy', () => {
    expect(tooSlow({ seconds: 25, processorSeconds: 48 })).toEqual(['it takes 24 s on 2 cores; 20 are allowed'])
    expect(tooSlow({ seconds: 60, processorSeconds: 12 })).toEqual([])
  })

  test.each(['report.md', 'metrics.jsonl', 'artifacts/loss.zh.svg', 'units/slow--seed-0.json'])(
    'smoke: no %s in the folder',
    async (name) => {
      const { folder } = await setting.smoke(toy())
      expect(incomplete(folder)).toEqual([])
      rmSync(join(folder, name))
      expect(incomplete(folder).join()).toMatch(/the run folder has no|is not/)
    },
  )
})
