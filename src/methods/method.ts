import type { z } from 'zod'
import type { Experiment } from '../experiment/definition.ts'
import type { Text } from '../experiment/text.ts'

/** What a verb may use while it works. */
export interface VerbContext<Options> {
  /** The command line's options, parsed by the verb's schema. */
  readonly options: Options
  readonly signal: AbortSignal
  /** A line for whoever waits (standard error). */
  log(line: string): void
  /** A line of the result, shown at once (standard output; silent with `--json`). */
  out(line: string): void
  /** Text of the result as it comes, without an end of line (standard output; silent with `--json`). Absent where only whole lines can be shown. */
  write?(text: string): void
  /** How far it is. Await it once a step, so that Ctrl-C works. */
  progress(done: number, total: number, note?: string): Promise<void>
}

export interface VerbResult {
  /** The result for people. */
  readonly lines?: readonly string[]
  /** The result for programs: what `--json` prints. */
  readonly json: unknown
  /** Exit status; 0 unless the verb judges something. */
  readonly status?: 0 | 1 | 3
}

/** Something a method does with the user's own data: `quire <method> <verb> …`. Its options come from its schema. */
export interface Verb<Options = Record<string, unknown>> {
  readonly name: string
  readonly summary: Text
  /** One option a key, `learningRate` → `--learning-rate`; `.describe()` is its help, a key without default is required. */
  readonly options: z.ZodType<Options>
  /** The key that is given without an option name; a list takes all remaining words. */
  readonly positional?: string
  /** A command line that can be pasted. */
  readonly example: string
  /** What its option `out` names (default: a folder). */
  readonly out?: 'file'
  /** Set where nothing but Ctrl-C ends it: a server. */
  readonly endless?: true
  run(context: VerbContext<Options>): Promise<VerbResult>
}

/**
 * Types a verb by its schema.
 * @example
 * import { z } from 'zod'
 *
 * const count = verb({
 *   name: 'count',
 *   summary: { en: 'Counts words', zh: '数词' },
 *   example: 'quire words count notes.txt --least 3',
 *   positional: 'file',
 *   options: z.object({ file: z.string().describe('a text'), least: z.number().default(1).describe('shortest word') }),
 *   run: async ({ options }) => ({ lines: [`words of ${options.least} letters: 7`], json: { words: 7 } }),
 * })
 */
export const verb = <Schema extends z.ZodType>(definition: Omit<Verb<z.output<Schema>>, 'options'> & { readonly options: Schema }): Verb =>
  definition as unknown as Verb

/** A method's card. It is light: `quire list` reads only this, everything else is imported when it is asked for. */
export interface Method {
  /** Number of the paper in the catalogue. */
  readonly number: number
  /** Folder, command and subpath, such as `ramda`. */
  readonly name: string
  readonly title: string
  /** Such as `2403.14398`. */
  readonly arxiv: string
  readonly area: string
  /** One sentence. */
  readonly summary: Text
  experiment(): Promise<Experiment>
  /** What each key of the experiment's config is, in Chinese; the schema has it in English. Read for the lab alone. */
  settings(): Promise<Readonly<Record<string, string>>>
  verbs(): Promise<readonly Verb[]>
}
