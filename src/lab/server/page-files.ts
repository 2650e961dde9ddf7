import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileResponse } from './files.ts'
import { notFound, Refusal } from './problems.ts'

/** Where the built page lies, whether this is dist/lab/server or src/lab/server. */
export const pageFolder = fileURLToPath(new URL('../../../dist/lab/page', import.meta.url))

/** The bundler names these by their content. */
const forever = 'public, max-age=31536000, immutable'

/** The files of the page; every other address is the page itself, which knows what to show there. */
export async function pageFile(folder: string, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (!existsSync(join(folder, 'index.html'))) throw new Refusal(503, 'the page is not built', { where: folder, fix: 'npm run build' })
  if (!/\.\w+$/.test(pathname)) return fileResponse(request, join(folder, 'index.html'))
  if (!/^(\/[\w@-][\w@.-]*)+$/.test(pathname)) throw notFound('there is no such file', { where: pathname })
  return fileResponse(request, join(folder, pathname), pathname.startsWith('/assets/') ? { 'cache-control': forever } : {})
}
