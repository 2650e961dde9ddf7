import type { Method } from '../methods/method.ts'
import { QuireCommand } from './command.ts'
import { report } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** What every command gets. */
export interface Shell {
  readonly terminal: Terminal
  readonly methods: readonly Method[]
}

/** A command's work: loaded when it is called, so that `quire list` does not load the engine. Returns the exit status. */
type Work = () => Promise<number>

const runHelp = `
Presets: smoke walks the whole path in 20 s and judges nothing; small judges the claims in 10 min; paper has the paper's sizes.
Exit status: 0 all claims hold or none was judged, 1 a claim fails or a control does not, 3 undecided, 2 input error, 130 interrupted.

Example: quire run ramda --preset small --seeds 5 --set logreg.epochs=20 --out runs/mine`

const runsHelp = `
Examples: quire runs --where "method = 'ramda' and accuracy > 0.9" --sort -accuracy
          quire runs --sql "SELECT claim, verdict, count(*) AS n FROM claims GROUP BY ALL"
          quire runs runs/ramda/ID --verify`

/**
 * Runs one command line and returns its exit status; nothing else in Quire writes to the terminal or exits.
 * @example await cli(['run', 'ramda', '--preset', 'smoke'], { terminal: processTerminal(), methods })
 */
export async function cli(argv: readonly string[], shell: Shell): Promise<number> {
  const { terminal } = shell
  let work: Work = async () => 0
  const program = new QuireCommand('quire')
  program
    .description('Recent machine-learning papers: train, check the claim, use it on your own data.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()), writeErr: () => {}, outputError: () => {} })
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .option('-V, --version', 'print the version')
  const set = (next: Work): void => {
    work = next
  }
  addCatalogue(program, shell, set)
  addRun(program, shell, set)
  addRuns(program, shell, set)
  addEngine(program, shell, set)
  if (argv[0] === '--version' || argv[0] === '-V') return printVersion(terminal)
  try {
    await addMethods(program, argv, shell, set)
    if (!argv.length || argv[0] === 'help') return printHelp(program)
    await program.parseAsync([...argv], { from: 'user' })
    return await work()
  } catch (error) {
    return report(error, terminal)
  }
}

function printHelp(program: QuireCommand): number {
  program.outputHelp()
  return 0
}

async function printVersion(terminal: Terminal): Promise<number> {
  const { quireVersion } = await import('../experiment/run/machine.ts')
  terminal.out(quireVersion())
  return 0
}

type Set = (work: Work) => void

function addCatalogue(program: QuireCommand, shell: Shell, set: Set): void {
  program
    .command('list')
    .description('the methods, one line each')
    .option('--json', 'one JSON document')
    .action((options) => set(async () => (await import('./list.ts')).list(shell, options)))
  program
    .command('info <method>')
    .description('a method: its paper, config keys, presets, claims and verbs')
    .option('--json', 'one JSON document')
    .action((name, options) => set(async () => (await import('./info.ts')).info(shell, name, options)))
  program
    .command('doctor')
    .description('what works on this machine, and how to get what does not')
    .option('--json', 'one JSON document')
    .action((options) => set(async () => (await import('./doctor.ts')).doctor(shell, options)))
}

function addRun(program: QuireCommand, shell: Shell, set: Set): void {
  program
    .command('run <method>')
    .description("train, compare with the baselines, judge the paper's claims, write a report")
    .option('--preset <name>', 'smoke, small or paper (default: small)')
    .option('--seeds <n>', 'seeds 0 … n-1')
    .option('--seed <k>', 'only this seed')
    .option('--set <key=value...>', 'change a config key; can be repeated (quire info <method> lists them)')
    .option('--out <dir>', "the run's folder (default: runs/<method>/<id>)")
    .option('--resume <dir>', 'go on with an interrupted run')
    .option('--device <name>', 'cpu, webgpu or cuda (default: cpu)')
    .option('--data <dir>', 'where the data are (default: QUIRE_DATA)')
    .option('--dry-run', 'print parameters, FLOPs, memory and time; train nothing')
    .option('--json', 'one JSON document')
    .addHelpText('after', runHelp)
    .action((name, options) => set(async () => (await import('./run.ts')).run(shell, name, options)))
}

function addRuns(program: QuireCommand, shell: Shell, set: Set): void {
  program
    .command('runs [dir]')
    .description('the runs under a folder (default: runs)')
    .option('--method <name>', 'only those of a method')
    .option('--status <name>', 'only complete, running, interrupted or damaged ones')
    .option('--verdict <name>', 'only those that came out so: holds, fails, undecided, notJudged or controlHolds')
    .option('--where <condition>', 'only those for which it holds, in SQL')
    .option('--sort <column>', 'by a column, a measurement or a config key; -column for the largest first')
    .option('--limit <n>', 'only the first so many')
    .option('--sql <query>', 'the answer to a query on the tables runs and claims, instead of a list')
    .option('--verify', 'compare every file of complete runs with its checksum')
    .option('--json', 'one JSON document')
    .addHelpText('after', runsHelp)
    .action((dir, options) => set(async () => (await import('./runs.ts')).runs(shell, dir, options)))
  program
    .command('report [dirs...]')
    .description('judge finished runs again from their stored files and re-make their reports (default: all under runs)')
    .option('--json', 'one JSON document')
    .action((dirs, options) => set(async () => (await import('./remake.ts')).remake(shell, dirs, options)))
}

function addEngine(program: QuireCommand, shell: Shell, set: Set): void {
  const engine = program.command('engine').description('the engine itself')
  engine
    .command('explain <file>')
    .description('what an ONNX model costs: operations, floating-point work, peak memory')
    .option('--shape <name=AxBxC...>', 'the shape of an input; extents that the file leaves open are 1')
    .option('--profile', 'run it, and show where the time goes')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: quire engine explain small.onnx --shape input=64x784 --profile')
    .action((file, options) => set(async () => (await import('./engine.ts')).engineExplain(shell, file, options)))
}

/** Every method is a command; the verbs are loaded only for the one that is called. */
async function addMethods(program: QuireCommand, argv: readonly string[], shell: Shell, set: Set): Promise<void> {
  for (const method of shell.methods) {
    const command = program.command(method.name).description(method.summary.en) as QuireCommand
    if (argv[0] !== method.name) continue
    const { addVerbs } = await import('./verbs.ts')
    await addVerbs(command, method, shell, set, argv.length === 1)
  }
}
