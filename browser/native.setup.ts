import type { TestProject } from 'vitest/node'
import { configureRuntime } from '../src/engine/index.ts'
import { type Losses, trainDigits } from './digits.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    native: Losses
  }
}

const steps = 200
let training: Promise<Losses> | undefined

/** Runs in Node, before the page, once for every project: the same training on the native runtime. */
export default async function setup({ provide }: TestProject): Promise<void> {
  if (!training) {
    configureRuntime({ prefer: 'native' })
    training = trainDigits(steps)
  }
  provide('native', await training)
}
