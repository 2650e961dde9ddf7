import { InputError } from '../../../engine/index.ts'
import type { LanguageModel } from '../model.ts'
import { Continuation, type Ending } from './continuation.ts'
import type { GenerationEvent, GenerationOptions } from './generation.ts'
import type { Scores } from './network.ts'
import { Queue } from './queue.ts'
import { compiled, Rows, tokensBefore } from './rows.ts'
import { checkOptions } from './sample.ts'

/** A text to go on with. */
interface Task {
  readonly prompt: readonly number[]
  readonly continuation: Continuation
  readonly events: Queue<GenerationEvent>
  left: boolean
}

/** What makes a task of a request. */
export interface Submission {
  readonly prompt: readonly number[]
  readonly options: GenerationOptions
  /** Decides, with seed and step, each draw. */
  readonly row: number
  readonly signal?: AbortSignal
}

/** Prompts that are read in one run have this many tokens together at most, but for a single one. */
const mostAtOnce = 1024

/**
 * Continuous batching (Yu et al. 2022): after each step finished texts leave the batch and waiting ones take their places, first come, first served. A text
 * is the same whatever goes on beside it.
 */
export class Batch {
  readonly #model: LanguageModel
  readonly #places: number
  /** In the order in which they came. */
  readonly #waiting: Task[] = []
  /** Task i is row i. */
  readonly #running: Task[] = []
  #loop?: Promise<void>

  constructor(model: LanguageModel, places: number) {
    this.#model = model
    this.#places = places
  }

  get load(): { running: number; waiting: number } {
    return { running: this.#running.length, waiting: this.#waiting.length }
  }

  /** Begins at once, or as soon as there is a place. What comes of it waits to be read; whoever stops reading ends it. @throws InputError */
  submit({ prompt, options, row, signal }: Submission): AsyncIterable<GenerationEvent> {
    const ending = endingOf(this.#model, prompt, options, row)
    const task: Task = { prompt, continuation: new Continuation(prompt, options, ending), events: new Queue(), left: false }
    const leave = () => {
      task.left = true
      task.events.end()
    }
    if (signal?.aborted) leave()
    else this.#waiting.push(task)
    signal?.addEventListener('abort', leave, { once: true })
    this.#loop ??= this.#run()
    return readTo(task.events, () => {
      leave()
      signal?.removeEventListener('abort', leave)
    })
  }

  /** Drops all that run or wait. */
  async close(): Promise<void> {
    for (const task of [...this.#waiting, ...this.#running]) {
      task.left = true
      task.events.end()
    }
    await this.#loop
  }

  async #run(): Promise<void> {
    try {
      const model = await compiled(this.#model)
      // Each time anew: the memory of long texts is not kept for short ones.
      const rows = new Rows(model, this.#places)
      while (this.#running.length + this.#waiting.length > 0) {
        this.#dropLeft(rows)
        while (this.#waiting.length > 0 && rows.count < this.#places) await this.#admit(rows)
        if (rows.count > 0) this.#advance(rows, 0, await rows.step(this.#running.map(({ continuation }) => continuation.next)))
        await turn()
      }
    } catch (error) {
      for (const { events } of [...this.#running.splice(0), ...this.#waiting.splice(0)]) events.end(error)
    } finally {
      this.#loop = undefined
    }
  }

  #dropLeft(rows: Rows): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) if (this.#waiting[i].left) this.#waiting.splice(i, 1)
    for (let row = this.#running.length - 1; row >= 0; row--) if (this.#running[row].left) this.#remove(rows, row)
  }

  /** Reads the next prompt, and with it those behind it of the same length. */
  async #admit(rows: Rows): Promise<void> {
    const { length } = this.#waiting[0].prompt
    const most = Math.max(1, Math.min(this.#places - rows.count, Math.floor(mostAtOnce / length)))
    const other = this.#waiting.findIndex(({ prompt }) => prompt.length !== length)
    const tasks = this.#waiting.splice(0, Math.min(most, other < 0 ? this.#waiting.length : other))
    const first = this.#running.push(...tasks) - tasks.length
    this.#advance(rows, first, await rows.add(tasks.map(({ prompt }) => prompt)))
  }

  /** Tells the tasks from row `first` on what comes next; those that end leave. */
  #advance(rows: Rows, first: number, { logits, best, normalizers }: Scores): void {
    const size = this.#model.config.vocabulary
    best.forEach((id, i) => {
      const { continuation, events } = this.#running[first + i]
      events.push(...continuation.advance({ logits: logits.subarray(i * size, (i + 1) * size), best: id, normalizer: normalizers[i] }))
      if (continuation.finish) events.end()
    })
    for (let row = first + best.length - 1; row >= first; row--) if (this.#running[row].continuation.finish) this.#remove(rows, row)
  }

  #remove(rows: Rows, row: number): void {
    rows.remove(row)
    const last = this.#running.pop()!
    if (row < this.#running.length) this.#running[row] = last
  }
}

/** Lets others run: readers of what has come, and whoever submits or aborts. */
const turn = (): Promise<void> => new Promise((resolve) => ('setImmediate' in globalThis ? setImmediate(resolve) : setTimeout(resolve)))

async function* readTo<T>(events: Queue<T>, done: () => void): AsyncGenerator<T, void> {
  try {
    yield* events.read()
  } finally {
    done()
  }
}

/** @throws InputError for options that mean nothing, and for a prompt that the context does not hold with a next token. */
export function endingOf(model: LanguageModel, prompt: readonly number[], options: GenerationOptions, row: number): Ending {
  checkOptions(options)
  const { config, params, tokenizer } = model
  const open = options.beyondContext && config.positions.kind === 'rope'
  checkPrompt(model, prompt, open ? Number.NEGATIVE_INFINITY : 1)
  const room = open ? Number.POSITIVE_INFINITY : config.context - tokensBefore(params) - prompt.length
  const { maxNewTokens = 64, end = [] } = options
  return { tokenizer, end: new Set([...config.special.end, ...end]), maxNewTokens: Math.min(maxNewTokens, room), row }
}

/** `more`: tokens that the context must hold besides. @throws InputError for a text that the model cannot read. */
export function checkPrompt({ config, params }: LanguageModel, prompt: readonly number[], more = 0): void {
  const unknown = prompt.find((id) => !(Number.isInteger(id) && id >= 0 && id < config.vocabulary))
  if (unknown !== undefined) throw new InputError(`the text has token ${unknown}, where the model knows 0 to ${config.vocabulary - 1}`)
  if (prompt.length === 0) throw new InputError('the text is empty', { fix: 'give at least one token, such as the one that begins a text' })
  const before = tokensBefore(params)
  if (before + prompt.length + more <= config.context) return
  const tokens = `${prompt.length} tokens${before > 0 ? ` and the adapter ${before}` : ''}`
  throw new InputError(`the text has ${tokens}; the context of ${config.context} does not hold ${more > 0 ? 'a next one' : 'them'}`, {
    fix: config.positions.kind === 'rope' && more > 0 ? 'shorten it, or allow going beyond the context' : 'shorten it',
  })
}
