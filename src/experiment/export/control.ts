/** How an export tells how far it is, and is stopped. */
export interface ExportControl {
  progress(fraction: number, text: string): void
  /** A line that the user should see. */
  notice(line: string): void
  readonly signal: AbortSignal
}
