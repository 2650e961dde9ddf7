import type { RunObserver } from '../experiment/run/request.ts'
import type { Terminal } from './terminal.ts'

/** Shows how far something is; `stop` before anything else is written. */
export interface Progress {
  show(fraction: number, text: string): void
  /** A line of its own, above the bar. */
  line(text: string): void
  stop(): void
}

const every = 4000

/** Without a terminal: plain lines, at most one in a few seconds. */
function lineProgress(terminal: Terminal): Progress {
  let last = Number.NEGATIVE_INFINITY
  return {
    show(fraction, text) {
      const now = performance.now()
      if (now - last < every) return
      last = now
      terminal.err(`${Math.floor(fraction * 100)}% ${text}`)
    },
    line: (text) => terminal.err(text),
    stop() {},
  }
}

async function barProgress(terminal: Terminal): Promise<Progress> {
  const { default: library } = (await import('cli-progress')) as unknown as { default: typeof import('cli-progress') }
  const make = () =>
    new library.SingleBar({
      format: '{bar} {percentage}% {left} {text}',
      stream: terminal.errStream,
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
      barCompleteChar: '━',
      barIncompleteChar: '─',
    })
  let bar: ReturnType<typeof make> | undefined
  const begun = performance.now()
  return {
    show(fraction, text) {
      const payload = { text, left: remaining(fraction, performance.now() - begun) }
      if (!bar) {
        bar = make()
        bar.start(1000, 0, payload)
      }
      bar.update(Math.round(fraction * 1000), payload)
    },
    line(text) {
      bar?.stop()
      bar = undefined
      terminal.err(text)
    },
    stop() {
      bar?.stop()
      bar = undefined
    },
  }
}

function remaining(fraction: number, elapsed: number): string {
  if (fraction < 0.02 || elapsed < 2000) return ''
  const seconds = Math.round(((elapsed / fraction) * (1 - fraction)) / 1000)
  return seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`
}

export const progressOn = async (terminal: Terminal): Promise<Progress> =>
  terminal.errIsTty ? barProgress(terminal) : lineProgress(terminal)

/** Shows a run's events: how much of all units is done, and one of those that train now. */
export function runProgress(progress: Progress): RunObserver {
  const running = new Map<string, number>()
  let finished = 0
  const show = (unit: string, total: number, note?: string) => {
    const done = [...running.values()].reduce((sum, fraction) => sum + fraction, finished)
    const name = unit.replaceAll('_', '/').replace('--seed-', ', seed ')
    progress.show(done / total, [`${Math.min(finished + 1, total)}/${total} ${name}`, note].filter(Boolean).join(' · '))
  }
  return {
    notice: (line) => progress.line(line),
    data: ({ name, real, source }) => progress.line(real ? `data: ${name} (${source})` : `data: ${name} — GENERATED, NOT REAL (${source})`),
    unitStarted({ unit, total }) {
      running.set(unit, 0)
      show(unit, total)
    },
    progress({ unit, total, done, of, note }) {
      running.set(unit, Math.min(1, done / Math.max(1, of)))
      show(unit, total, note)
    },
    unitFinished({ record, total, before }) {
      running.delete(record.unit)
      finished++
      if (!before) show(record.unit, total)
    },
  }
}
