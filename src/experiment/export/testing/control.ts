import type { ExportControl } from '../control.ts'

/** An export that nobody watches; `notices` collects what is said. */
export const quietControl = (changes: Partial<ExportControl> = {}, notices: string[] = []): ExportControl => ({
  progress() {},
  notice: (line) => notices.push(line),
  signal: new AbortController().signal,
  ...changes,
})
