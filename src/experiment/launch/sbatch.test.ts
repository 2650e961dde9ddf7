import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from '../../engine/errors.ts'
import { scratch } from '../testing/comparable.ts'
import { parseDuration, ranges, type SlurmJob, type SlurmRequest, sbatchFile, slurmTime } from './sbatch.ts'

const plain: SlurmRequest = { cpus: 1, requeues: 20, options: [] }

/** A folder in which a script of the launcher runs as Slurm would run it, with programs of Quire and of Slurm that write down how they are called. */
function stage(names: { folder?: string; program?: string } = {}) {
  const root = scratch()
  const folder = join(root, names.folder ?? 'run')
  mkdirSync(join(folder, 'tasks'), { recursive: true })
  mkdirSync(join(root, 'bin'))
  const program = (path: string, body: string) => {
    writeFileSync(path, `#!/bin/bash\n${body}\n`)
    chmodSync(path, 0o755)
  }
  /** Words as they came, each ended by a NUL. */
  const calls = (name: string): string[] | undefined => {
    const path = join(root, `${name}.calls`)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\0').slice(0, -1) : undefined
  }
  const record = (name: string) => `printf '%s\\0' "$@" >> '${root}/${name}.calls'`
  program(join(root, 'bin', 'scontrol'), record('scontrol'))
  const quire = join(root, names.program ?? 'quire')
  const job: SlurmJob = { method: 'walk', folder, from: folder, seeds: [0, 1, 2], quire: [quire], workers: 1 }
  return {
    root,
    job,
    calls,
    log: () => readFileSync(join(folder, 'tasks', '2.log'), 'utf8'),
    /** What the task does, in bash; `$$` is its process. */
    task: (body: string) => program(quire, `${record('quire')}\n${body}`),
    run(script: string, env: Record<string, string> = {}) {
      const path = join(root, 'script')
      writeFileSync(path, script)
      const given = { SLURM_ARRAY_JOB_ID: '77', SLURM_ARRAY_TASK_ID: '2', ...env }
      const options = { env: { PATH: `${root}/bin:${process.env.PATH}`, ...given }, cwd: folder, timeout: 20_000 }
      return spawnSync('bash', [path], options).status
    },
  }
}

describe('the file', () => {
  test('is one that a person can read', () => {
    const job = { method: 'ramda', folder: '/home/me/runs/ramda/20260101-120000-abcdef', from: '/home/me', seeds: [0, 1, 2, 3], workers: 4 }
    const request = {
      partition: 'p',
      account: 'a',
      cpus: 4,
      mem: '8G',
      seconds: 7200,
      arrayLimit: 2,
      requeues: 20,
      options: ['gres=gpu:1'],
    }
    const text = sbatchFile({ ...job, quire: ['/usr/bin/node', '/home/me/node_modules/quire/dist/cli/main.js'] }, request)
    expect(text.split('\n').filter((line) => line.startsWith('#SBATCH'))).toEqual([
      '#SBATCH --job-name=quire-ramda',
      '#SBATCH --array=0-3%2',
      '#SBATCH --partition=p',
      '#SBATCH --account=a',
      '#SBATCH --time=02:00:00',
      '#SBATCH --cpus-per-task=4',
      '#SBATCH --mem=8G',
      '#SBATCH --output=/dev/null',
      '#SBATCH --signal=B:USR1@120',
      '#SBATCH --requeue',
      '#SBATCH --gres=gpu:1',
    ])
    expect(text.split('\n').length).toBeLessThan(50)
  })

  test.each([[['a\nb']], [['comment=a\nexec evil']], [['--comment=']], [['-p x']], [['comment=\u0007']]])(
    'refuses the option %j',
    (options) => {
      expect(() => sbatchFile(stage().job, { ...plain, options })).toThrow(InputError)
    },
  )
})

/** Anything that a file system takes as a name, with what shells care about more often. */
const name = fc
  .array(fc.constantFrom(...'\'"`$(){}[]*?!#&;|<>~%\\ \n\ta-é漢'), { minLength: 1, maxLength: 30 })
  .map((letters) => letters.join(''))
  .filter((text) => !['.', '..'].includes(text))

describe('whatever folders and programs are called', () => {
  test('bash passes it on as it is', () => {
    fc.assert(
      fc.property(name, name, (folder, program) => {
        const { job, task, run, calls, log } = stage({ folder, program: `q${program}` })
        task('echo "in $PWD"')
        expect(run(sbatchFile(job, plain))).toBe(0)
        expect(calls('quire')).toEqual(['run', 'walk', '--resume', job.folder, '--task', '2'])
        expect(log()).toBe(`in ${job.folder}\n`)
      }),
      {
        numRuns: 25,
        examples: [
          ['$(touch evil)', '`touch evil`'],
          ["'; touch evil; '", '\n#SBATCH --wrap=evil'],
          ['-rf', '"$HOME"'],
        ],
      },
    )
  })

  test('no name adds a directive', () => {
    fc.assert(
      fc.property(name, (folder) => {
        const text = sbatchFile({ method: 'walk', folder: `/${folder}`, from: `/${folder}`, seeds: [0], quire: ['q'], workers: 1 }, plain)
        // Slurm reads directives up to the first line that is neither a comment nor blank.
        const lines = text.split('\n')
        const head = lines.slice(
          0,
          lines.findIndex((line) => line !== '' && !line.startsWith('#')),
        )
        expect(head.filter((line) => line.startsWith('#SBATCH'))).toHaveLength(6)
      }),
      { examples: [['\n#SBATCH --wrap=evil\n']] },
    )
  })

  test('an unquoted name would not pass: the check can fail', () => {
    const { job, task, run, calls } = stage({ folder: 'a $(echo b)' })
    task('')
    run(sbatchFile(job, plain).replace(`'${job.folder}'`, job.folder))
    expect(calls('quire')).not.toEqual(['run', 'walk', '--resume', job.folder, '--task', '2'])
  })
})

describe('when the task ends', () => {
  const ended = (status: number, env: Record<string, string> = {}, request: SlurmRequest = plain) => {
    const { job, task, run, calls } = stage()
    task(`exit ${status}`)
    return { status: run(sbatchFile(job, request), env), requeued: calls('scontrol') }
  }

  test('well, so does the job', () => expect(ended(0)).toEqual({ status: 0, requeued: undefined }))
  test('stopped, it is queued again, by the name of the array task', () =>
    expect(ended(130)).toEqual({ status: 0, requeued: ['requeue', '77_2'] }))
  test.each([1, 2, 70, 137])('with %d, that is the status of the job, and nothing is queued again', (status) =>
    expect(ended(status)).toEqual({ status, requeued: undefined }),
  )
  test('stopped for the twentieth time, it is not queued again', () => {
    expect(ended(130, { SLURM_RESTART_COUNT: '19' }).requeued).toBeDefined()
    expect(ended(130, { SLURM_RESTART_COUNT: '20' })).toEqual({ status: 130, requeued: undefined })
    expect(ended(130, {}, { ...plain, requeues: 0 })).toEqual({ status: 130, requeued: undefined })
  })
})

describe('a signal to the script', () => {
  /** The task signals the script, is told TERM by it, and ends as Quire does: at its next step. */
  const during = (signal: string, listening = "trap 'echo stopped; exit 130' TERM;") => {
    const { job, task, run, calls, log } = stage()
    task(`${listening} kill -${signal} $PPID; for i in {1..100}; do sleep 0.05; done; exit 0`)
    return { status: run(sbatchFile(job, plain)), requeued: calls('scontrol'), log: log() }
  }

  test('USR1, the time limit is near: it stops, and is queued again', () =>
    expect(during('USR1')).toMatchObject({ status: 0, requeued: ['requeue', '77_2'], log: expect.stringMatching(/^stopped\n/) }))
  test('USR1 before the task listens: it is queued again as well', () =>
    expect(during('USR1', '')).toMatchObject({ status: 0, requeued: ['requeue', '77_2'] }))
  test('TERM, it is cancelled or preempted: it stops, and Slurm decides', () =>
    expect(during('TERM')).toEqual({ status: 130, requeued: undefined, log: 'stopped\n' }))
})

describe('the clock of its own', () => {
  const stopAfter = (request: SlurmRequest, env: Record<string, string> = {}) => {
    const { job, task, run, calls } = stage()
    task('')
    run(sbatchFile(job, request), env)
    const words = calls('quire')!
    const at = words.indexOf('--stop-after')
    return at < 0 ? undefined : parseDuration('--stop-after', words[at + 1])
  }
  const soon = (seconds: number) => expect.toSatisfy((value: number) => value <= seconds && value > seconds - 15)

  test('stops two minutes before the limit that was asked for', () => expect(stopAfter({ ...plain, seconds: 7200 })).toEqual(soon(7080)))
  test('and before the end that Slurm names, which counts more', () => {
    const end = Math.floor(Date.now() / 1000) + 600
    expect(stopAfter({ ...plain, seconds: 7200 }, { SLURM_JOB_END_TIME: String(end) })).toEqual(soon(480))
    expect(stopAfter(plain, { SLURM_JOB_END_TIME: String(end) })).toEqual(soon(480))
  })
  test('stops at once where there is no time left', () => expect(stopAfter(plain, { SLURM_JOB_END_TIME: '1' })).toBe(1))
  test('does not stop where nobody knows the limit', () => expect(stopAfter(plain)).toBeUndefined())
})

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['2h', 7200],
  ['1d', 86_400],
  ['1h30m', 5400],
  // Slurm's manual: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds
  ['45', 2700],
  ['10:30', 630],
  ['02:00:00', 7200],
  ['1-12', 129_600],
  ['1-12:30', 131_400],
  ['1-12:30:15', 131_415],
])('the duration %s is %d seconds', (text, seconds) => expect(parseDuration('--time', text)).toBe(seconds))

test.each(['', '0', '0s', 'h', '2 h', '1.5h', '-1', '1:2:3:4', '1-', 'unlimited', '2h; rm'])('%j is no duration', (text) =>
  expect(() => parseDuration('--time', text)).toThrow(InputError),
)

test('what Slurm reads as a time is the duration in whole minutes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000_000 }), (seconds) => {
      expect(parseDuration('--time', slurmTime(seconds))).toBe(Math.ceil(seconds / 60) * 60)
    }),
  )
})

test('ranges name each number once', () => {
  const expand = (text: string) =>
    text.split(',').flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60), { minLength: 1 }), (numbers) => {
      expect(expand(ranges(numbers))).toEqual([...numbers].sort((a, b) => a - b))
    }),
  )
  expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8')
})
