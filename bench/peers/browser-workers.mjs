/**
 * The JavaScript peers start their threads as a browser does, a `Worker` from a `blob:` address, which Node's workers refuse; in Node they would
 * therefore run with one thread. This lends them what they miss, so that the comparison meets them at their best: scripts put into a Blob are
 * written to files, `URL.createObjectURL` gives the file's path, and (for jax-js) `Worker` is Node's, dressed as a browser's.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Worker as NodeWorker } from 'node:worker_threads'

/** @param {string} folder @param {(script: string, paths: string[]) => string} [adapt] changes a script, given the paths of those before it */
export function lendBlobFiles(folder, adapt = (script) => script) {
  const workers = resolve(folder, 'workers')
  mkdirSync(workers, { recursive: true })
  const paths = []
  const files = new WeakMap()
  const NativeBlob = globalThis.Blob
  globalThis.Blob = class extends NativeBlob {
    constructor(parts, options) {
      super(parts, options)
      if (!options?.type?.endsWith('javascript')) return
      const path = join(workers, `${process.pid}-${paths.length}.cjs`)
      writeFileSync(path, adapt(parts.join(''), paths))
      paths.push(path)
      files.set(this, path)
    }
  }
  const createObjectURL = URL.createObjectURL
  const revokeObjectURL = URL.revokeObjectURL
  URL.createObjectURL = (blob) => files.get(blob) ?? createObjectURL(blob)
  URL.revokeObjectURL = (url) => paths.includes(url) || revokeObjectURL(url)
}

export function lendWorkers(folder, threads) {
  const dress = `const { parentPort } = require('node:worker_threads')
globalThis.self = globalThis
globalThis.postMessage = (message) => parentPort.postMessage(message)
parentPort.on('message', (data) => self.onmessage({ data }))
`
  lendBlobFiles(folder, (script) => dress + script)
  Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: threads }, configurable: true })
  globalThis.Worker = class {
    constructor(path) {
      this.worker = new NodeWorker(path)
      this.worker.on('message', (data) => this.onmessage?.({ data }))
      this.worker.on('error', (error) => this.onerror?.(error))
    }
    postMessage(message) {
      this.worker.postMessage(message)
    }
    terminate() {
      this.worker.terminate()
    }
  }
}
