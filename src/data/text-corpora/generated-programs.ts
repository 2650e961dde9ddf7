import { type Draws, draws, seedKey, uses } from '../draws.ts'

/* A stand-in for collections of small Python programs: tasks with a solution and tests that hold, and one-line intents. */

export interface GeneratedTask {
  readonly text: string
  readonly code: string
  readonly tests: readonly string[]
}

/** A function of a list of whole numbers and one number k. */
interface Operation {
  readonly name: string
  readonly text: (k: number) => string
  /** The body, with `{v}` for the list's name. */
  readonly body: (k: number) => string
  readonly evaluate: (values: readonly number[], k: number) => number | readonly number[]
}

/** Python's remainder, of the divisor's sign. */
const modulo = (a: number, k: number): number => ((a % k) + k) % k

const operations: readonly Operation[] = [
  {
    name: 'add',
    text: (k) => `add ${k} to every element of`,
    body: (k) => `return [item + ${k} for item in {v}]`,
    evaluate: (values, k) => values.map((value) => value + k),
  },
  {
    name: 'scale',
    text: (k) => `multiply each element by ${k} in`,
    body: (k) => `return [item * ${k} for item in {v}]`,
    evaluate: (values, k) => values.map((value) => value * k),
  },
  {
    name: 'keep_above',
    text: (k) => `find all elements greater than ${k} in`,
    body: (k) => `return [item for item in {v} if item > ${k}]`,
    evaluate: (values, k) => values.filter((value) => value > k),
  },
  {
    name: 'count_multiples',
    text: (k) => `count the multiples of ${k} in`,
    body: (k) => `count = 0\n    for item in {v}:\n        if item % ${k} == 0:\n            count += 1\n    return count`,
    evaluate: (values, k) => values.filter((value) => modulo(value, k) === 0).length,
  },
  {
    name: 'sum_powers',
    text: (k) => `sum the elements with remainder ${k - 1} modulo ${k} of`,
    body: (k) => `total = 0\n    for item in {v}:\n        if item % ${k} == ${k - 1}:\n            total = total + item\n    return total`,
    evaluate: (values, k) => values.filter((value) => modulo(value, k) === k - 1).reduce((sum, value) => sum + value, 0),
  },
  {
    name: 'take_first',
    text: (k) => `get the first ${k} elements in sorted order from`,
    body: (k) => `return sorted({v})[:${k}]`,
    evaluate: (values, k) => [...values].sort((a, b) => a - b).slice(0, k),
  },
  {
    name: 'rotate',
    text: (k) => `rotate to the left by ${k}`,
    body: (k) => `shift = ${k} % len({v})\n    return {v}[shift:] + {v}[:shift]`,
    evaluate: (values, k) => [...values.slice(k % values.length), ...values.slice(0, k % values.length)],
  },
  {
    name: 'largest_below',
    text: (k) => `find the largest element below ${10 * k} of`,
    body: (k) => `best = 0\n    for item in {v}:\n        if item < ${10 * k} and item > best:\n            best = item\n    return best`,
    evaluate: (values, k) => Math.max(0, ...values.filter((value) => value < 10 * k)),
  },
]

const listNames = ['nums', 'values', 'items', 'lst', 'data', 'arr', 'numbers', 'test_list'] as const
const objects = ['the given list', 'a list of numbers', 'the list', 'an array of integers', 'the given list of integers'] as const
const openings = ['Write a function to', 'Write a python function to'] as const

const pick = <T>(list: readonly T[], random: Draws): T => list[random.integer(list.length)]

/** `count` tasks, a pure function of (count, seed). The tests hold: their values are computed, not guessed. */
export function generateTasks({ count, seed }: { count: number; seed: number }): GeneratedTask[] {
  const random = draws(seedKey(seed, uses.programs))
  return Array.from({ length: count }, () => {
    const operation = pick(operations, random)
    const k = 2 + random.integer(8)
    const [list, object] = [pick(listNames, random), pick(objects, random)]
    const name = `${operation.name}_${pick(['list', 'all', 'elements', 'of', 'values'], random)}_${k}`
    const tests = Array.from({ length: 3 }, () => {
      const values = Array.from({ length: 3 + random.integer(5) }, () => random.integer(60))
      return `assert ${name}(${python(values)}) == ${python(operation.evaluate(values, k))}`
    })
    return {
      text: `${pick(openings, random)} ${operation.text(k)} ${object}.`,
      code: `def ${name}(${list}):\n    ${operation.body(k).replaceAll('{v}', list)}`,
      tests,
    }
  })
}

const python = (value: number | readonly number[]): string => (typeof value === 'number' ? String(value) : `[${value.join(', ')}]`)

const variables = ['a', 'b', 'my_list', 'x', 'df', 'mydict', 'words', 'result', 'lines', 'd'] as const

/** What is wanted and the Python for it, with `{a}`, `{b}` for variables and `{k}` for a number. */
const intents: readonly (readonly [intent: string, snippet: string])[] = [
  ['sort list `{a}` by its element {k}', '{a}.sort(key=lambda item: item[{k}])'],
  ['get the last {k} items of list `{a}`', '{a}[-{k}:]'],
  ['join the strings of `{a}` with `{b}` between them', '{b}.join({a})'],
  ['remove duplicates from list `{a}` and assign the result to `{b}`', '{b} = list(set({a}))'],
  ['split string `{a}` at every {k} characters', '[{a}[i:i + {k}] for i in range(0, len({a}), {k})]'],
  ['sum the values of dictionary `{a}` that are above {k}', 'sum(v for v in {a}.values() if v > {k})'],
  ['merge dictionaries `{a}` and `{b}`', 'dict({a}, **{b})'],
  ['count how often {k} occurs in `{a}`', '{a}.count({k})'],
  ['create a list of {k} copies of `{a}`', '[{a}] * {k}'],
  ['pair the elements of `{a}` and `{b}`', 'list(zip({a}, {b}))'],
  ['print each element of `{a}` with its index from {k}', 'for (i, item) in enumerate({a}, {k}):\n    print(i, item)'],
  ['check whether any element of `{a}` is in `{b}`', 'any(item in {b} for item in {a})'],
]

/** `count` intents with snippets, a few of them of two lines, one to three to a question; a pure function of (count, seed). */
export function generateIntents({ count, seed }: { count: number; seed: number }): { intent: string; snippet: string; question: number }[] {
  const random = draws(seedKey(seed, uses.intents))
  let question = 1000
  return Array.from({ length: count }, () => {
    if (random.uniform() < 0.7) question += 1 + random.integer(50)
    const [intent, snippet] = pick(intents, random)
    const first = random.integer(variables.length)
    const second = (first + 1 + random.integer(variables.length - 1)) % variables.length
    const values: Record<string, string> = { a: variables[first], b: variables[second], k: String(1 + random.integer(9)) }
    const fill = (text: string) => text.replace(/\{([abk])\}/g, (_, name: string) => values[name])
    return { intent: fill(intent), snippet: fill(snippet), question }
  })
}
