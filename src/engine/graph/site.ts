const enginePart = /\/(src|dist)\/(engine|nn|optim|train)\//

/** The first line of a stack outside the floors that build graphs: the user's own, as `file:line`. Tests count as users. */
export function userLine(error: Error): string | undefined {
  for (const frame of (error.stack ?? '').split('\n').slice(1)) {
    const position = /\(?((?:file:\/\/)?[^()\s]+:\d+):\d+\)?$/.exec(frame.trim())?.[1]
    if (!position || position.startsWith('node:') || frame.includes('node:internal')) continue
    if (enginePart.test(position) && !/\.test\.[tj]s:/.test(position)) continue
    return position.replace(/^file:\/\//, '').replace(`${globalThis.process?.cwd?.() ?? ''}/`, '')
  }
  return undefined
}
