import { draws, permutation, seedKey, uses } from '../../data/draws.ts'
import type { InstructionExample } from '../../kits/lm/sft.ts'

const verbs = ['open', 'close', 'move', 'copy', 'rename', 'delete', 'send', 'fetch', 'merge', 'split'] as const
const nouns = ['file', 'page', 'task'] as const
const words =
  'apple bridge candle desert engine forest garden harbor island jacket kettle ladder magnet needle orange pencil quartz ribbon saddle temple umbrella valley window yellow anchor basket copper dragon eagle feather gravel hammer indigo jungle kernel lemon marble nickel oyster pepper'.split(
    ' ',
  )

const phrases = [
  (verb: string, noun: string, word: string, level: number) => `${verb} the ${noun} ${word} with level ${level}`,
  (verb: string, noun: string, word: string, level: number) => `please ${verb} ${noun} ${word} at level ${level}`,
  (verb: string, noun: string, word: string, level: number) => `${noun} ${word}: ${verb}, level ${level}`,
] as const

interface Call {
  readonly verb: string
  readonly noun: string
  readonly word: string
  readonly level: number
}

const exampleOf = ({ verb, noun, word, level }: Call, phrase: number, id: string): InstructionExample => ({
  id,
  prompt: phrases[phrase](verb, noun, word, level),
  completion: `api.${verb}_${noun}("${word}", ${level})`,
})

export interface ApiTask {
  readonly train: readonly InstructionExample[]
  readonly validation: readonly InstructionExample[]
  readonly test: readonly InstructionExample[]
}

/** Functions of which half of the arguments are only tested. */
const heldFunctions = 6
const testedEach = 20
const validated = 100

/**
 * An interface that nobody has seen: 30 functions with a word and a digit as arguments, three ways to ask for a call. Of six functions half of the 400
 * arguments are never trained on, and 20 each are the test: to get them right the words must be copied from the question.
 *
 * @example
 * apiTask({ seed: 0 }).test.length // 120
 */
export function apiTask({ count = 2000, seed }: { readonly count?: number; readonly seed: number }): ApiTask {
  const key = seedKey(seed, uses.programs)
  const random = draws(key)
  const functions = verbs.flatMap((verb) => nouns.map((noun) => ({ verb, noun })))
  const order = permutation(key, functions.length)
  const held = new Set(Array.from(order.subarray(0, heldFunctions)))
  const isHeld = (fn: number, argument: number) => held.has(fn) && half[argument]
  const half = Array.from({ length: 400 }, () => false)
  for (const argument of permutation(seedKey(seed, uses.order), 400).subarray(0, 200)) half[argument] = true
  const call = (fn: number, argument: number): Call => ({ ...functions[fn], word: words[argument % 40], level: Math.floor(argument / 40) })
  const test = [...held].flatMap((fn) => {
    const unseen = [...half.keys()].filter((argument) => half[argument])
    const drawn = permutation(seedKey(seed + fn + 1, uses.order), unseen.length).subarray(0, testedEach)
    return Array.from(drawn, (k) => exampleOf(call(fn, unseen[k]), random.integer(3), `call-${fn}-${unseen[k]}`))
  })
  const seen = new Set<string>()
  const pool: InstructionExample[] = []
  while (pool.length < count + validated) {
    const [fn, argument, phrase] = [random.integer(30), random.integer(400), random.integer(3)]
    const id = `pair-${fn}-${argument}-${phrase}`
    if (isHeld(fn, argument) || seen.has(id)) continue
    seen.add(id)
    pool.push(exampleOf(call(fn, argument), phrase, id))
  }
  return { train: pool.slice(validated), validation: pool.slice(0, validated), test }
}
