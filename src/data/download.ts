import { gunzipIfNeeded, sha256 } from './files.ts'
import type { SourceFile } from './sources.ts'

/** Called as bytes arrive; `total` is undefined where the server does not say. */
export type DownloadProgress = (progress: { name: string; received: number; total: number | undefined }) => void

export interface DownloadOptions {
  fetch: typeof fetch
  log: (line: string) => void
  onProgress?: DownloadProgress
  /** Give up on an address when nothing arrives for so long. */
  idleMilliseconds?: number
}

/**
 * The checked content of a file from the first of its addresses that has it, or undefined: without a network (or behind a page that answers everything)
 * that is no error, since there is still the generator.
 */
export async function download(file: SourceFile, options: DownloadOptions): Promise<Uint8Array | undefined> {
  for (const url of file.urls) {
    try {
      const received = gunzipIfNeeded(await receive(url, file, options), url, 2 * file.bytes + 65536)
      const content = file.restore?.(received) ?? received
      const sum = sha256(content)
      if (sum === file.sha256) return content
      options.log(`${url}: its content has the SHA-256 ${sum} instead of ${file.sha256}; not used`)
    } catch (cause) {
      const { message, cause: inner } = cause as Error
      options.log(`${url}: ${inner instanceof Error ? `${message} (${inner.message})` : message}`)
    }
  }
  return undefined
}

async function receive(
  url: string,
  file: SourceFile,
  { fetch, onProgress, idleMilliseconds = 6000 }: DownloadOptions,
): Promise<Uint8Array> {
  const controller = new AbortController()
  const stop = () => controller.abort(new Error(`nothing arrived for ${idleMilliseconds / 1000} s`))
  let timer = setTimeout(stop, idleMilliseconds)
  try {
    const response = await fetch(url, { signal: controller.signal })
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`)
    const total = Number(response.headers.get('content-length')) || undefined
    const parts: Uint8Array[] = []
    let received = 0
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      clearTimeout(timer)
      timer = setTimeout(stop, idleMilliseconds)
      received += part.length
      // An answer much larger than the content (compressed or not) is something else; do not fill the memory with it.
      if (received > 2 * file.bytes + 65536) throw new Error('the answer is larger than the file')
      parts.push(part)
      onProgress?.({ name: file.names[0], received, total })
    }
    return Buffer.concat(parts)
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}
