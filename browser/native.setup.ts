import type { TestProject } from 'vitest/node'
import { configureRuntime } from '../src/engine/index.ts'
import { type Losses, trainDigits } from './digits.ts'
import { type Sampled, sampleAll } from './sampling.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    native: Losses
    sampled: Sampled
  }
}

const steps = 200
let done: Promise<[Losses, Sampled]> | undefined

/** Runs in Node, before the page, once for every project: the same training and sampling on the native runtime. */
export default async function setup({ provide }: TestProject): Promise<void> {
  if (!done) {
    configureRuntime({ prefer: 'native' })
    // One after the other: the training's time is told.
    done = trainDigits(steps).then(async (losses) => [losses, await sampleAll()])
  }
  const [losses, sampled] = await done
  provide('native', losses)
  provide('sampled', sampled)
}
