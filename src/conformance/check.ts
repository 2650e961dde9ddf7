import type { VerbGroup } from '../cli/toolboxes.ts'
import type { Method } from '../methods/method.ts'
import type { Setting } from './setting.ts'

/** Something that every method must do, or every command with verbs. It reaches a method only by its card, as users do. */
export interface Check<Group extends VerbGroup = Method> {
  /** Two or three words, such as `resume exact`. */
  readonly name: string
  /** The rule, in one sentence. */
  readonly rule: string
  /** `quick` ones run with the tests; `long` ones train whole smoke runs and have a command of their own, `npm run test:methods`. */
  readonly pace: 'quick' | 'long'
  /** What is wrong, one line each; empty where nothing is. */
  run(group: Group, setting: Setting): Promise<readonly string[]>
}

/** What a check finds wrong with a method or toolbox, each line with the names of both. What the check itself trips over is a finding too. */
export async function violations<Group extends VerbGroup>(check: Check<Group>, group: Group, setting: Setting): Promise<string[]> {
  const named = (problem: string) => `${group.name}, ${check.name}: ${problem}`
  try {
    return (await check.run(group, setting)).map(named)
  } catch (error) {
    return [named(error instanceof Error ? (error.stack ?? error.message) : String(error))]
  }
}
