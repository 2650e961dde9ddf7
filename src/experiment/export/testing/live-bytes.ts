import { collect } from '../../run/collect.ts'

/** What this process holds after garbage is collected: objects and buffers, in bytes. */
export function liveBytes(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
