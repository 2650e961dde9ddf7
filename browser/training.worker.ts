import { trainDigits } from './digits.ts'

self.onmessage = async ({ data: steps }: MessageEvent<number>) => self.postMessage(await trainDigits(steps))
self.postMessage('ready')
