import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { scratch } from '../experiment/testing/comparable.ts'
import { walk } from '../experiment/testing/walk.ts'
import { cli } from './cli.ts'
import { exitStatus } from './failure.ts'
import { shell, walkMethods } from './testing/shell.ts'

let folder = ''

beforeEach(() => {
  folder = scratch()
  process.chdir(folder)
})

const out = () => join(folder, 'run')
const words = (line: string): string[] => line.split(' ').filter(Boolean)
const run = (line: string, more: Parameters<typeof shell>[1] = {}) => shell(['run', 'walk', '--out', out(), ...words(line)], more)

describe('exit statuses', () => {
  test.each([
    ['all claims hold', '', 0],
    ['nothing is judged', '--preset smoke', 0],
    ['a claim fails', '--set drift=0.5', 1],
    ['training diverges', '--set explode=true', 1],
    ['undecided', '--set drift=0.81', 3],
    ['too few seeds', '--seeds 2', 3],
    ['a single seed', '--seed 4', 3],
    ['the dry run', '--dry-run', 0],
    ['an input error', '--seeds none', 2],
  ])('%s', async (_, line, status) => expect((await run(line)).status).toBe(status))

  test('a control that does not fail, and says so plainly', async () => {
    const [method, ...others] = walkMethods()
    const arms = () =>
      walk()
        .arms({})
        .map((arm) => (arm.kind === 'control' ? { ...arm, config: {} } : arm))
    const lines: string[] = []
    const terminal = {
      out: (line: string) => lines.push(line),
      err: () => {},
      errStream: process.stderr,
      outIsTty: false,
      errIsTty: false,
      env: {},
      signal: new AbortController().signal,
    }
    const methods = [{ ...method, experiment: async () => ({ ...walk(), arms }) }, ...others]
    expect(await cli(['run', 'walk', '--out', out()], { terminal, methods })).toBe(1)
    expect(lines.join('\n')).toMatch(/no-drift {2}moves .*DOES NOT FAIL — holds/)
    expect(lines.join('\n')).toContain('A control does not fail, so the check proves nothing.')
  })

  test('a defect shows its stack', async () => {
    const { status, err, out: results } = await shell(['info', 'long-jump'])
    expect(status).toBe(exitStatus.defect)
    expect(err).toMatch(/must not be loaded\n\s+at /)
    expect(results).toBe('')
  })
})

describe('one line on standard error, and nothing on standard output', () => {
  test.each([
    ['run wlk', /unknown method 'wlk'; did you mean 'walk'\?/],
    ['rnu walk', /unknown command 'rnu'; did you mean 'run'\?/],
    ['walk cont-steps', /quire walk: unknown verb 'cont-steps'; did you mean 'count-steps'\?/],
    ['run walk --sedes 3', /quire run: unknown option '--sedes'; did you mean '--seeds'\?/],
    ['run walk --preset smal', /unknown preset 'smal'; did you mean 'small'\?/],
    ['run walk --device webgp', /unknown device 'webgp'; did you mean 'webgpu'\?/],
    ['run walk --set stesp=3', /unknown config key 'stesp'; did you mean 'steps'\?/],
    ['run walk --set scale=3', /unknown config key 'scale'; did you mean 'noise\.scale'\?/],
    ['run walk --set steps=many', /--set steps: 'many' is not a value for it; expected number/],
    ['run walk --set steps', /'steps' is not key=value/],
    ['run walk --seeds 0', /--seeds: '0' is not a whole number of at least 1/],
    ['run walk --seeds 1.5', /'1\.5' is not a whole number/],
    ['run walk --seed -1', /'-1' is not a whole number|argument missing/],
    ['run walk --seeds 3 --seed 1', /--seeds and --seed exclude each other/],
    ['run walk --data /none/such', /no such folder or file/],
    ['run walk --resume /none/such', /no run folder/],
    ['run walk --resume x --preset small', /--resume goes on as the run began, without --preset/],
    ['run walk --out /dev/null/run', /ENOTDIR/],
    ['run', /missing required argument 'method'/],
    ['run walk walk', /too many arguments/],
    ['run walk --seeds', /argument missing/],
    ['list --jsn', /did you mean '--json'/],
    ['info wakl', /did you mean 'walk'/],
    ['report', /there is no complete run/],
    ['report /none/such', /no run folder/],
    ['walk count-steps', /missing required argument 'files'/],
    ['walk count-steps a --step-length none', /--step-length: 'none' is not a value for it/],
    ['walk count-steps a --step-length -1', /Too small|argument missing/],
    ['walk count-steps a --unit miles', /--unit: 'miles' is not a value for it; one of m, km/],
    ['walk count-steps a --step-lenght 2', /did you mean '--step-length'/],
  ])('%s', async (line, message) => {
    const { status, err, out: results } = await shell(words(line))
    expect(err).toMatch(message)
    expect(err).not.toContain('\n')
    expect(err.startsWith('quire: ') || err.startsWith('quire ')).toBe(true)
    expect(status).toBe(2)
    expect(results).toBe('')
  })
})

describe('--json prints one document and nothing else', () => {
  test.each(['list', 'info walk', 'runs', 'doctor', 'run walk --preset smoke', 'run walk --dry-run', 'walk count-steps a'])(
    '%s',
    async (line) => {
      const own = line.startsWith('run walk') ? ['--out', out()] : []
      const { out: results } = await shell([...words(line), ...own, '--json'])
      expect(() => JSON.parse(results)).not.toThrow()
    },
  )

  test('of a run it is the report', async () => {
    const { out: results, status } = await run('--json')
    const document = JSON.parse(results)
    expect(document).toMatchObject({ method: 'walk', outcome: 'holds', folder: out() })
    expect({ ...document, folder: undefined }).toEqual({
      ...JSON.parse(readFileSync(join(out(), 'report.json'), 'utf8')),
      folder: undefined,
    })
    expect(status).toBe(document.exitStatus)
  })

  test('of a list it has the cards', async () => {
    const cards = JSON.parse((await shell(['list', '--json'])).out)
    expect(cards.map(({ name }: { name: string }) => name)).toEqual(['long-jump', 'walk'])
    expect(cards[1]).toEqual({
      number: 98,
      name: 'walk',
      title: 'Walking',
      arxiv: '0000.00000',
      area: 'feet',
      summary: { en: 'Walks.', zh: '行走。' },
    })
  })
})

describe('run', () => {
  test('settings get their types, and are recorded', async () => {
    await run('--set drift=0.9 noise.scale=0 --set shape=round')
    const record = JSON.parse(readFileSync(join(out(), 'run.json'), 'utf8'))
    expect(record.config).toMatchObject({ drift: 0.9, noise: { scale: 0 }, shape: 'round' })
    expect(record.settings).toEqual({ drift: 0.9, noise: { scale: 0 }, shape: 'round' })
    expect(record.about).toMatchObject({ title: 'Walking', arxiv: '0000.00000' })
    expect(record.command).toEqual([
      'quire',
      'run',
      'walk',
      '--out',
      out(),
      '--set',
      'drift=0.9',
      '--set',
      'noise.scale=0',
      '--set',
      'shape=round',
    ])
  })

  test('--seeds counts, --seed chooses', async () => {
    expect(JSON.parse((await run('--seeds 2 --json')).out).seeds).toEqual([0, 1])
    expect(JSON.parse((await shell(['run', 'walk', '--seed', '5', '--json', '--out', join(folder, 'other')])).out).seeds).toEqual([5])
  })

  test('without --out it goes to runs/<method>/<id> under the working folder', async () => {
    const { out: results } = await shell(words('run walk --preset smoke'))
    expect(results).toMatch(/report: runs\/walk\/\d{8}-\d{6}-[0-9a-f]{6}\/report\.html$/)
    expect((await shell(['runs'])).out).toMatch(/^runs\/walk\/\S+ +complete +smoke/m)
    expect((await shell(['report'])).status).toBe(0)
  })

  test('the data folder comes from --data, else from QUIRE_DATA', async () => {
    const source = async (line: string, env: Record<string, string>) => {
      const name = join(folder, `d${Math.random()}`)
      return JSON.parse((await shell(['run', 'walk', '--preset', 'smoke', '--json', '--out', name, ...words(line)], { env })).out).data
        .source
    }
    expect(await source('', {})).toBe('none')
    expect(await source('', { QUIRE_DATA: folder })).toBe(folder)
    expect(await source('--data /tmp', { QUIRE_DATA: folder })).toBe('/tmp')
  })

  test('generated data are labelled where nobody can miss it', async () => {
    const { out: results, err } = await run('', { hooks: { real: false } })
    expect(results.split('\n')[0]).toMatch(/^GENERATED DATA, NOT REAL: nothing\./)
    expect(err).toContain('GENERATED, NOT REAL')
  })

  test('the verdicts are a table', async () => {
    const { out: results } = await run('')
    expect(results).toMatch(/^claim +ours \[95 %\] +bar +paper +baseline +verdict$/m)
    expect(results).toMatch(/^moves +0\.9924 \[0\.9825, 1\.002\] +≥ 0\.8 +1 m\/s +0\.4924 \[.*\] a slow walk +holds$/m)
    expect(results).toMatch(/^no-drift +moves +.*: fails as it should$/m)
    expect(results.trimEnd().split('\n').at(-1)).toBe(`report: ${out()}/report.html`)
  })

  test('colours only on a terminal that wants them', async () => {
    const coloured = async (tty: boolean, env: Record<string, string> = {}) => {
      const { out: results } = await shell(['run', 'walk', '--set', 'steps=5', '--out', join(folder, String(Math.random()))], { tty, env })
      return results.includes('\x1b[')
    }
    expect(await coloured(false)).toBe(false)
    expect(await coloured(true)).toBe(true)
    expect(await coloured(true, { NO_COLOR: '1' })).toBe(false)
    expect(await coloured(false, { FORCE_COLOR: '1' })).toBe(true)
  })

  test('the dry run trains nothing and writes nothing', async () => {
    const { out: results } = await run('--preset paper --dry-run', { hooks: { step: () => expect.unreachable() } })
    expect(results).toMatch(/^straight\/walk +5 +1 +15000 FLOP|15 KFLOP/m)
    expect(results).toMatch(/together/)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('interrupted', () => {
  const stop = async (more: string[] = []) => {
    const controller = new AbortController()
    const hooks = { step: ({ step }: { step: number }) => (step === 7 ? controller.abort() : undefined) }
    return shell(['run', 'walk', '--out', out(), ...more], { hooks, signal: controller.signal })
  }

  test('exits with 130 and says how to go on, which works', async () => {
    const { status, err } = await stop()
    expect(status).toBe(130)
    const command = /go on with: quire (.*)$/m.exec(err)![1]
    const resumed = await shell(words(command))
    expect(resumed.status).toBe(0)
    expect(resumed.out).toContain('Every claim holds')
  })

  test('with --json it still prints one document', async () => {
    const { out: results } = await stop(['--json'])
    expect(JSON.parse(results)).toEqual({
      method: 'walk',
      status: 'interrupted',
      folder: out(),
      resume: `quire run walk --resume ${out()}`,
    })
  })
})

describe('runs and report', () => {
  test('lists what there is, and says what is damaged', async () => {
    await shell(['run', 'walk', '--out', join(folder, 'runs', 'walk', 'a')])
    await shell(['run', 'walk', '--set', 'drift=0.5', '--out', join(folder, 'runs', 'walk', 'b')])
    mkdirSync(join(folder, 'runs', 'walk', 'c'))
    truncateSync(join(folder, 'runs', 'walk', 'b', 'report.json'), 9)
    const { out: results, status } = await shell(['runs', join(folder, 'runs')])
    expect(status).toBe(0)
    expect(results).toMatch(/a +complete +small +3 seeds +.*moves holds, faster holds/)
    expect(results).toMatch(/b +complete .*report\.json is missing or damaged/)
    expect(results).toMatch(/c +damaged .*no run\.json/)
  })

  test('makes a report again, with its status', async () => {
    await run('--set drift=0.5')
    writeFileSync(join(out(), 'report.html'), '')
    const { status, out: results } = await shell(['report', out()])
    expect(status).toBe(1)
    expect(results).toContain('A claim fails.')
    expect(readFileSync(join(out(), 'report.html'), 'utf8')).toContain('<!doctype html>')
  })

  test('of an unfinished run it says how to finish it', async () => {
    const controller = new AbortController()
    await run('', { hooks: { step: () => controller.abort() }, signal: controller.signal })
    const { status, err } = await shell(['report', out()])
    expect(status).toBe(2)
    expect(err).toMatch(/10 of 10 units are not finished; quire run walk --resume/)
  })
})

describe('the catalogue', () => {
  test('list is one line a method, and loads none of them', async () => {
    expect((await shell(['list'])).out.split('\n')).toEqual([
      '03  long-jump  feet  Jumps. arXiv 0000.00001',
      '98  walk       feet  Walks. arXiv 0000.00000',
    ])
  })

  test('info has keys, presets, claims, controls and verbs', async () => {
    const { out: results } = await shell(['info', 'walk'])
    for (const text of [
      'noise.scale',
      '(straight, round)',
      'smoke',
      'steps=1000',
      'bar ≥ 0.8; paper 1 m/s, Table 1',
      'must fail in control no-drift',
      'quire walk count-steps way.txt',
    ])
      expect(results).toContain(text)
  })

  test('doctor says what runs', async () => {
    const { out: results, status } = await shell(['doctor'])
    expect(status).toBe(0)
    expect(results).toMatch(/ok {2}node/)
    expect(results).toMatch(/onnxruntime-web/)
    expect(results).toMatch(/QUIRE_DATA is not set/)
  })

  test.each([[[]], [['--help']], [['help']]])('help for %j', async (argv) => {
    const { out: results, status } = await shell(argv)
    expect(status).toBe(0)
    expect(results).toContain('long-jump')
  })

  test('--version', async () => expect((await shell(['--version'])).out).toMatch(/^\d+\.\d+\.\d+$/))
})

describe('verbs', () => {
  test('get their options from the schema', async () => {
    const { out: results } = await shell(words('walk count-steps a b --step-length 2 --names 1,b --no-round --verbose --unit km --json'))
    expect(JSON.parse(results)).toEqual({ files: ['a', 'b'], stepLength: 2, names: ['1', 'b'], round: false, verbose: true, unit: 'km' })
  })

  test('have defaults', async () => {
    expect(JSON.parse((await shell(words('walk count-steps a --json'))).out)).toEqual({
      files: ['a'],
      stepLength: 1,
      names: [],
      round: true,
      verbose: false,
      unit: 'm',
    })
  })

  test('write their results', async () => expect((await shell(words('walk count-steps a b'))).out).toBe('counting\n2 files'))

  test('explain themselves with an example', async () => {
    const { out: results } = await shell(words('walk count-steps --help'))
    expect(results).toContain('Example: quire walk count-steps way.txt --step-length 2')
    expect(results).toContain('metres a step (default: 1)')
    expect((await shell(['walk'])).out).toContain('quire walk count-steps way.txt')
  })
})
