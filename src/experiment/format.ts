/**
 * A number for people: four significant digits, powers of ten where they read better.
 * @example formatNumber(0.57812)   // '0.5781'
 */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6 || size < 1e-4)
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  if (Number.isInteger(value)) return String(value)
  if (size >= 10 ** (digits - 1)) return String(Math.round(value))
  return value
    .toPrecision(digits)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}

export const formatInterval = (interval: readonly [number, number] | null | undefined): string =>
  interval ? `[${formatNumber(interval[0])}, ${formatNumber(interval[1])}]` : ''

function scaled(value: number, steps: readonly (readonly [number, string])[]): string {
  const [size, unit] = steps.find(([step]) => value >= step) ?? steps[steps.length - 1]
  return `${formatNumber(value / size, 3)} ${unit}`
}

/** @example formatBytes(1.5e9)   // '1.4 GiB' */
export const formatBytes = (bytes: number): string =>
  scaled(bytes, [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
    [1, 'B'],
  ])

/** @example formatFlops(2.1e12)   // '2.1 TFLOP' */
export const formatFlops = (flops: number): string =>
  scaled(flops, [
    [1e18, 'EFLOP'],
    [1e15, 'PFLOP'],
    [1e12, 'TFLOP'],
    [1e9, 'GFLOP'],
    [1e6, 'MFLOP'],
    [1, 'FLOP'],
  ])

/** @example formatSeconds(75)   // '1 min 15 s' */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${formatNumber(seconds, 2)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const hours = Math.floor(whole / 3600)
  if (hours < 48) return `${hours} h ${Math.round((whole % 3600) / 60)} min`
  return `${formatNumber(whole / 86400, 3)} days`
}

/** A word for a POSIX shell, which reads it as it is. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/**
 * A command that can be pasted into a shell.
 *
 * @example
 * shellCommand(['quire', 'run', 'my method']) // "quire run 'my method'"
 */
export const shellCommand = (words: readonly string[]): string => words.map(quoted).join(' ')

/** Text without line breaks and other control characters: they are written as in JSON. */
export const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * Columns padded to the widest cell; the last one is not padded. Colours are applied after.
 *
 * @example
 * aligned([['name', 'loss'], ['adam', '0.1']]) // ['name  loss', 'adam  0.1']
 */
export function aligned(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i])))
      .join(gap)
      .trimEnd(),
  )
}
