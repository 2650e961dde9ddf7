import { noteScope } from './scope.ts'

let current: Error | undefined

/** Nodes that `build` makes count as made at `site`: those of a rule belong to the line that asked for the operation it is a rule of. */
export function madeAt<T>(site: Error, build: () => T): T {
  const outer = current
  current = site
  try {
    return build()
  } finally {
    current = outer
  }
}

/** Where the node that is being made comes from. Only the stack's addresses are taken; its text is made when somebody asks. */
export function siteOfNewNode(): Error {
  if (current) return current
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 24
  const site = new Error()
  Error.stackTraceLimit = limit
  noteScope(site)
  return site
}

const enginePart = /\/(src|dist)\/(engine|nn|optim|train)\//

/** The first line of a stack outside the floors that build graphs: the user's own, as `file:line`. Tests count as users. */
export function userLine(error: Error): string | undefined {
  for (const frame of (error.stack ?? '').split('\n').slice(1)) {
    const position = positionOf(frame)
    if (!position || position.startsWith('node:') || frame.includes('node:internal')) continue
    if (enginePart.test(position) && !/\.test\.[tj]s:/.test(position)) continue
    return position.replace(here(), '')
  }
  return undefined
}

/** `file:line` of a frame, without what only its address has: the scheme of a file, the query of a page's module. */
const positionOf = (frame: string): string | undefined =>
  /\(?([^()\s]+:\d+):\d+\)?$/
    .exec(frame.trim())?.[1]
    .replace(/^file:\/\/|^[^@]*@(?=https?:)/, '')
    .replace(/\?[^?]*(?=:\d+$)/, '')

/** What lines are named relative to: the working directory, or a page's origin. */
const here = (): string => `${globalThis.process?.cwd?.() || (globalThis as { location?: { origin: string } }).location?.origin || ''}/`
