import type { Method } from './method.ts'

export { type Method, type Verb, type VerbContext, type VerbResult, verb } from './method.ts'

/** Every method that works, by number. The command line, the page and the README's table are made from this list. */
export const methods: readonly Method[] = []
