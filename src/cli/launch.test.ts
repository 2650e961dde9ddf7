import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { comparable, scratch } from '../experiment/testing/comparable.ts'
import { shell } from './testing/shell.ts'

let root = ''
const path = process.env.PATH

beforeEach(() => {
  root = scratch()
  process.chdir(root)
  mkdirSync('bin')
  process.env.PATH = `${root}/bin`
})
afterEach(() => void (process.env.PATH = path))

/** A program of Slurm's that says what a test has it say. */
function program(name: string, body: string): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(root, 'bin', name), 0o755)
}

const launched = (more: readonly string[] = []) => shell(['run', 'walk', '--launcher', 'slurm', '--out', 'run', ...more])
const task = (seed: number) => shell(['run', 'walk', '--resume', 'run', '--task', String(seed)])
const queue = async () => JSON.parse((await shell(['runs', 'run', '--json'])).out)[0]

describe('quire run --launcher slurm', () => {
  beforeEach(() => program('sbatch', `pwd > ${root}/where; echo "$@" > ${root}/words; echo '77;main'`))

  test('submits one file, from the run’s folder, and says what to do next', async () => {
    const { status, out } = await launched(['--seeds', '5', '--time', '2h'])
    expect(status).toBe(0)
    expect(readFileSync('where', 'utf8').trim()).toBe(join(root, 'run'))
    expect(readFileSync('words', 'utf8').trim()).toBe('--parsable tasks/job.sbatch')
    expect(readFileSync('run/tasks/job.sbatch', 'utf8')).toContain('#SBATCH --array=0-4\n')
    const lines = out.split('\n')
    expect(lines[0]).toBe(`job 77, 5 tasks, in ${root}/run`)
    expect(lines.slice(1)).toEqual([`  quire runs ${root}/run`, `  tail -f ${root}/run/tasks/0.log`, '  scancel 77'])
  })

  test('--json', async () => {
    const { out } = await launched(['--json'])
    expect(JSON.parse(out)).toMatchObject({ method: 'walk', job: '77', folder: join(root, 'run'), seeds: [0, 1, 2] })
  })

  test('--print shows the file, makes nothing and submits nothing', async () => {
    const { status, out, err } = await launched(['--print', '--time', '30m'])
    expect(status).toBe(0)
    expect(out).toMatch(/^#!\/bin\/bash\n/)
    expect(out).toContain('#SBATCH --time=00:30:00\n')
    expect(err).toContain(`nothing was made or submitted; the run's folder would be ${root}/run`)
    expect(readdirSync('.')).toEqual(['bin'])
  })

  test('the tasks then make what one process makes', async () => {
    await launched()
    for (const seed of [1, 0]) expect((await task(seed)).out).toContain(`seed ${seed} is done`)
    const last = await task(2)
    expect(last).toMatchObject({
      status: 0,
      out: expect.stringMatching(/seed 2 is done; 3 of 3 tasks are\n[\s\S]*report: run\/report\.html/),
    })
    await shell(['run', 'walk', '--out', 'alone'])
    const own = Object.entries(comparable('run')).filter(([name]) => !name.startsWith('tasks/'))
    expect(Object.fromEntries(own)).toEqual(comparable('alone'))
  })

  test.each([
    ['an unknown key', ['--set', 'stepz=1'], /did you mean 'steps'/],
    ['data that are not there', ['--data', '/none/such'], /no such folder or file/],
    ['a time that is none', ['--time', 'soon'], /--time: 'soon' is not a duration/],
    ['a line break', ['--partition', 'a\nb'], /--partition: 'a\\u000ab' cannot stand in an sbatch file/],
    ['no processors', ['--cpus', '0'], /--cpus: '0' is not a whole number/],
    ['a dry run', ['--dry-run'], /--launcher slurm: it does not go with --dry-run/],
    ['one task', ['--task', '1'], /--launcher slurm: it does not go with --task/],
  ])('%s is refused before anything is submitted or made', async (_, more, message) => {
    const { status, err } = await launched(more)
    expect(status).toBe(2)
    expect(err.split('\n').at(-1)).toMatch(message)
    expect(readdirSync('.')).toEqual(['bin'])
  })

  test('options of a cluster are refused without it', async () => {
    expect(await shell(['run', 'walk', '--partition', 'p'])).toMatchObject({
      status: 2,
      err: expect.stringMatching(/add --launcher slurm/),
    })
  })
})

describe('Slurm', () => {
  test('that is not there is said in one line', async () => {
    const { status, err } = await launched()
    expect(status).toBe(2)
    expect(err.split('\n').at(-1)).toMatch(/^quire: --launcher slurm: there is no sbatch here; /)
    expect(existsSync('run')).toBe(false)
  })

  test('that refuses is quoted', async () => {
    program(
      'sbatch',
      'echo "sbatch: error: invalid partition specified: p" >&2; echo "sbatch: error: Batch job submission failed" >&2; exit 1',
    )
    const { status, err } = await launched()
    expect(status).toBe(2)
    expect(err.split('\n').at(-1)).toBe(
      'quire: sbatch: Slurm refuses: invalid partition specified: p; sbatch: error: Batch job submission failed',
    )
    expect(existsSync('run')).toBe(false)
  })
})

describe('quire runs', () => {
  beforeEach(async () => {
    program('sbatch', 'echo 77')
    await launched(['--seeds', '6'])
  })

  test('without Slurm, by the files alone', async () => {
    await task(0)
    expect((await shell(['runs'])).out).toContain('no runs under runs')
    expect((await shell(['runs', 'run'])).out).toMatch(/run +interrupted .* 1\/6 done, 5 waiting$/m)
  })

  test('with what its queue says', async () => {
    await task(0)
    mkdirSync('run/tasks/3')
    program('squeue', `printf '77|%s\\n' '0|COMPLETED|None' '1|RUNNING|None' '2|PENDING|Priority' '3|PENDING|BeginTime' '4|CANCELLED|None'`)
    program('sacct', `printf '%s\\n' '77_4|CANCELLED by 0' '77_5|TIMEOUT'`)
    const { status, problem, queue: found } = await queue()
    expect(status).toBe('running')
    expect(problem).toBe('1/6 done, 1 running, 1 pending (Priority), 1 requeued (BeginTime), 2 failed (cancelled; timeout)')
    expect(found).toMatchObject({
      jobs: ['77'],
      tasks: [{ seed: 0, state: 'done' }, { state: 'running' }, { state: 'pending', reason: 'Priority' }, {}, {}, {}],
    })
  })

  test('a fresh lock by a start that Slurm has ended elsewhere is no sign of work', async () => {
    for (const [seed, job] of [
      [1, '77_1'],
      [2, '76_2'],
    ] as const) {
      mkdirSync(`run/tasks/${seed}`)
      writeFileSync(`run/tasks/${seed}/lock`, JSON.stringify({ pid: 1, host: 'elsewhere', job: { task: job, restarts: 0 } }))
    }
    program('squeue', `printf '77|%s\\n' '1|PENDING|BeginTime' '2|PENDING|Priority'`)
    expect((await queue()).problem).toBe('0/6 done, 1 running, 1 requeued (BeginTime), 4 waiting')
  })

  test('with a Slurm that has forgotten the job', async () => {
    program('squeue', 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1')
    program('sacct', 'echo "Slurm accounting storage is disabled" >&2; exit 1')
    expect((await queue()).problem).toBe('0/6 done, 6 waiting')
  })

  test('what went wrong in a task, in its own words', async () => {
    const hooks = {
      step: () => {
        throw new Error('the ground gave way')
      },
    }
    await shell(['run', 'walk', '--resume', 'run', '--task', '1'], { hooks })
    expect((await queue()).problem).toBe('0/6 done, 1 failed (the ground gave way), 5 waiting')
  })

  test('and what is missing is submitted again, or done here', async () => {
    await task(0)
    program('squeue', `printf '77|%s\\n' '1|RUNNING|None' '2|PENDING|Priority' '3|FAILED|None'`)
    const { out } = await shell(['run', 'walk', '--resume', 'run', '--launcher', 'slurm', '--json'])
    expect(JSON.parse(out).seeds).toEqual([3, 4, 5])
    expect(readFileSync('run/tasks/job.sbatch', 'utf8')).toContain('#SBATCH --array=3-5\n')
    rmSync('bin/squeue')
    expect((await shell(['run', 'walk', '--resume', 'run'])).status).toBe(0)
    const { status, err } = await shell(['run', 'walk', '--resume', 'run', '--launcher', 'slurm'])
    expect([status, err]).toEqual([2, expect.stringMatching(/all its tasks are done, running or queued/)])
  })
})

test('--stop-after stops a run, which can be gone on with', async () => {
  const hooks = { step: () => new Promise<void>((resolve) => setTimeout(resolve, 100)) }
  const { status, err } = await shell(['run', 'walk', '--out', 'run', '--stop-after', '1s'], { hooks })
  expect(status).toBe(130)
  expect(err).toContain('interrupted; go on with: quire run walk --resume run')
  expect((await shell(['run', 'walk', '--resume', 'run'])).status).toBe(0)
})

describe('quire manifest k8s', () => {
  const manifest = (...more: string[]) => shell(['manifest', 'k8s', 'walk', '--image', 'me/quire:1', ...more])

  test('is a document that kubectl reads, as YAML and as JSON', async () => {
    const { out } = await manifest('--pvc', 'runs', '--set', 'drift=1')
    expect(parse(out)).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job', spec: { completions: 3 } })
    expect(JSON.parse((await manifest('--pvc', 'runs', '--set', 'drift=1', '--json')).out)).toEqual(parse(out))
    expect(out).not.toMatch(/[&*]a\d/)
  })

  test('its pods, each with its index, make what one process makes', async () => {
    const { out } = await manifest('--pvc', 'runs', '--seeds', '4', '--name', 'j', '--set', 'drift=1.25')
    const { command } = parse(out).spec.template.spec.containers[0]
    const here = command.map((word: string) => word.replace(/^\/runs/, `${root}/volume`))
    for (const index of ['2', '0', '3', '1']) {
      const { status } = await shell(here.slice(1).map((word: string) => word.replace('$(JOB_COMPLETION_INDEX)', index)))
      expect(status).toBe(0)
    }
    await shell(['run', 'walk', '--seeds', '4', '--set', 'drift=1.25', '--out', 'alone'])
    const own = Object.entries(comparable('volume/walk/j')).filter(([name]) => !name.startsWith('tasks/'))
    expect(Object.fromEntries(own)).toEqual(comparable('alone'))
  })

  test.each([
    ['no volume', [], /--pvc NAME .* --nfs SERVER:\/PATH/],
    ['two', ['--pvc', 'a', '--nfs', 's:/p'], /one of --pvc/],
    ['a bad claim', ['--pvc', 'A B'], /--pvc: 'A B' is no name in Kubernetes/],
    ['a bad server', ['--nfs', 's'], /--nfs SERVER/],
    ['a bad quantity', ['--pvc', 'a', '--memory', '4 GB'], /--memory: '4 GB' is no quantity/],
    ['an unknown key', ['--pvc', 'a', '--set', 'stepz=1'], /did you mean 'steps'/],
    ['a long name', ['--pvc', 'a', '--name', 'x'.repeat(60)], /at most 52/],
  ])('%s: one line', async (_, more, message) => {
    const { status, out, err } = await manifest(...more)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err).not.toContain('\n')
  })

  test('a line break in a word stays within its line', async () => {
    const { out } = await manifest('--pvc', 'a', '--data', '/x\nkind: Pod')
    expect(parse(out).kind).toBe('Job')
    expect(parse(out).spec.template.spec.containers[0].command).toContain('/x\nkind: Pod')
  })
})
