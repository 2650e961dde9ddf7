/*
 * A demo's model runs in a worker, so that the page never waits. The page asks for something by name; events may come before the answer; it can stop what it
 * asked for.
 */

export interface Asked {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export type ToWorker = Asked | { readonly id: number; readonly stop: true }

export type FromWorker =
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

/** What a worker can be asked: input, what is told on the way, and the answer. */
// biome-ignore lint/suspicious/noExplicitAny: a record of functions of any kind
export type Tasks = Readonly<Record<string, (input: any, tell: (event: any) => void, signal: AbortSignal) => Promise<unknown>>>

export type InputOf<T extends Tasks, Name extends keyof T> = Parameters<T[Name]>[0]
export type EventOf<T extends Tasks, Name extends keyof T> = Parameters<Parameters<T[Name]>[1]>[0]
export type ResultOf<T extends Tasks, Name extends keyof T> = Awaited<ReturnType<T[Name]>>
