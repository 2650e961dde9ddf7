import { InputError } from '../../engine/index.ts'

const header = 'step,active_layers'

/**
 * The layer schedule as CSV, an interval a line: `step,active_layers`, blocks separated by blanks.
 *
 * @example
 * scheduleText([{ step: 0, active: [1, 4] }]) // 'step,active_layers\n0,1 4\n'
 */
export const scheduleText = (intervals: readonly { readonly step: number; readonly active: readonly number[] }[]): string =>
  `${[header, ...intervals.map(({ step, active }) => `${step},${active.join(' ')}`)].join('\n')}\n`

/**
 * The active blocks of each interval from such a text, to be trained by once more.
 *
 * @throws InputError that names the line at fault.
 * @example
 * readSchedule('step,active_layers\n0,1 4\n10,0 2\n', 10) // [[1, 4], [0, 2]]
 */
export function readSchedule(text: string, intervalSteps: number, where = 'schedule'): number[][] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines[0]?.trim() !== header) throw new InputError(`the first line is not '${header}'`, { where })
  return lines.slice(1).map((line, i) => {
    const found = /^(\d+),((?:\d+(?: \d+)*)?)$/.exec(line.trim())
    if (!found) throw new InputError(`line ${i + 2} is '${line}', not a step and blocks such as '${i * intervalSteps},0 3'`, { where })
    if (Number(found[1]) !== i * intervalSteps)
      throw new InputError(`line ${i + 2} is of step ${found[1]}, where an interval of ${intervalSteps} begins at ${i * intervalSteps}`, {
        where,
      })
    return found[2] === '' ? [] : found[2].split(' ').map(Number)
  })
}
