import { configureRuntime } from '../src/engine/index.ts'
import { trainDigits } from './digits.ts'

self.onmessage = async ({ data: { steps, threads } }: MessageEvent<{ steps: number; threads: number }>) => {
  configureRuntime({ threads })
  self.postMessage(await trainDigits(steps))
}
self.postMessage('ready')
