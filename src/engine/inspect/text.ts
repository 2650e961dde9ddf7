/** A count with three digits and a suffix: 1.23 G. */
export function countText(count: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P']
  const unit = count < 1000 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), units.length - 1)
  return `${unit === 0 ? count : (count / 1000 ** unit).toPrecision(3)}${units[unit]}`
}

/** Bytes in binary units: 1.50 MiB. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const unit = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return `${unit === 0 ? bytes : (bytes / 1024 ** unit).toFixed(2)} ${units[unit]}`
}

/** Which tables of an explanation or a profile to show, and how many lines of each. */
export interface TableOptions {
  readonly most?: number
  readonly by?: readonly ('operation' | 'line')[]
}

/** Columns for a terminal: the first aligned left, the others right. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')
  return all.map(line).join('\n')
}
