import type { Method } from '../methods/method.ts'
import { QuireCommand } from './command.ts'
import { report } from './failure.ts'
import { addLaunchOptions } from './launch-options.ts'
import type { Terminal } from './terminal.ts'
import { toolboxes, type VerbGroup } from './toolboxes.ts'

/** What every command gets. */
export interface Shell {
  readonly terminal: Terminal
  readonly methods: readonly Method[]
  /** Commands beside the methods; default: all. */
  readonly toolboxes?: readonly VerbGroup[]
}

/** A command's work: loaded when it is called, so that `quire list` does not load the engine. Returns the exit status. */
type Work = () => Promise<number>

const runHelp = `
Presets: smoke walks the whole path in 20 s and judges nothing; small judges the claims in 10 min; paper has the paper's sizes.
Exit status: 0 all claims hold or none was judged, 1 a claim fails or a control does not, 3 undecided, 2 input error, 130 interrupted.

Example: quire run ramda --preset small --seeds 5 --set logreg.epochs=20 --out runs/mine`

const reportHelp = `
A run is named by its folder or by the beginning of its id. A comparison exits with 1 where a claim that holds in the first run does not in the second.

Example: quire report runs/ramda/ID runs/ramda/OTHER --out comparison.html`

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
  addExport(program, shell, set)
  addManifest(program, shell, set)
  addEngine(program, shell, set)
  addLab(program, shell, set)
  if (argv[0] === '--version' || argv[0] === '-V') return printVersion(terminal)
  try {
    await addGroups(program, argv, shell, set)
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
    .command('sample <names...>')
    .description(
      'small generated files to try a command on, written into this folder: digits/, digits.csv, credit.csv, story.txt, intents.jsonl',
    )
    .addHelpText('after', '\nExample: quire sample digits.csv')
    .action((names) => set(async () => (await import('./sample.ts')).sample(shell, names)))
  program
    .command('doctor')
    .description('what works on this machine, and how to get what does not')
    .option('--json', 'one JSON document')
    .action((options) => set(async () => (await import('./doctor.ts')).doctor(shell, options)))
}

function addRun(program: QuireCommand, shell: Shell, set: Set): void {
  const command = program
    .command('run [method]')
    .description("train, compare with the baselines, judge the paper's claims, write a report")
    .option('--preset <name>', 'smoke, small or paper (default: small)')
    .option('--seeds <n>', 'seeds 0 … n-1')
    .option('--seed <k>', 'only this seed')
    .option('--set <key=value...>', 'change a config key; can be repeated (quire info <method> lists them)')
    .option('--out <dir>', "the run's folder (default: runs/<method>/<id>)")
    .option('--resume <dir>', 'go on with an interrupted run')
    .option('--like <run>', 'repeat a run, by its folder or the beginning of its id, and say whether its numbers come again')
    .option('--stop-after <duration>', 'stop after so long, such as 90m, to be gone on with')
    .option('--task <seed>', 'only this seed of a run that several processes share')
    .option('--device <name>', 'cpu, webgpu or cuda (default: cpu)')
    .option('--shards <n>', 'cut batches into n shards that ranks share; fast: a shard a rank; off (default: 8 under mpirun)')
    .option('--data <dir>', 'where the data are (default: QUIRE_DATA)')
    .option('--dry-run', 'print parameters, FLOPs, memory and time; train nothing')
    .option('--json', 'one JSON document')
    .addHelpText('after', runHelp)
    .action((name, options) => set(async () => (await import('./run.ts')).run(shell, name, options)))
  addLaunchOptions(command)
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
    .command('report [runs...]')
    .description('two runs: compare them; one, or none for all under runs: judge it again from its stored files and make its report anew')
    .option('--remake', 'make the reports of all runs named anew')
    .option('--out <file>', 'also write the comparison as a page')
    .option('--json', 'one JSON document')
    .addHelpText('after', reportHelp)
    .action((runs, options) => set(async () => (await import('./report.ts')).report(shell, runs, options)))
}

const exportHelp = `
A run is a folder, or a folder of runs; without one, all complete runs under runs/ are exported. Runs stand before --to.
  tensorboard DIR    event files, one folder a unit; what an earlier export wrote there is replaced
  mlflow URL         a run with a nested run for each unit; what is there already is not logged again. Credentials come from MLFLOW_TRACKING_TOKEN,
                     or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD
  csv [FILE|DIR]     tidy tables in a folder, or one in a file or on standard output; jsonl likewise

Examples: quire export --to tensorboard logs/
          quire export runs/ramda/ID --to mlflow http://127.0.0.1:5000
          quire export runs/ramda --to csv - --table claims`

function addExport(program: QuireCommand, shell: Shell, set: Set): void {
  program
    .command('export [runs...]')
    .description('runs for TensorBoard, MLflow or spreadsheets')
    .option('--to <kind target...>', 'tensorboard DIR, mlflow URL, csv [FILE], jsonl [FILE]')
    .option('--table <name>', 'for csv and jsonl: metrics, measurements, curves, claims, controls or items')
    .option('--timeout <seconds>', 'for mlflow: how long one request may take (default: 30)')
    .option('--json', 'one JSON document')
    .addHelpText('after', exportHelp)
    .action((words, options) => set(async () => (await import('./export.ts')).exportRuns(shell, words, options)))
}

function addManifest(program: QuireCommand, shell: Shell, set: Set): void {
  program
    .command('manifest <kind> <method>')
    .description('print what a cluster is given; k8s: an Indexed Job for kubectl apply -f -, a pod a seed')
    .requiredOption('--image <name>', 'a container image with quire on its path')
    .option('--pvc <name>', 'the claim on which the run is stored; many pods must be able to write it')
    .option('--nfs <server:/path>', 'or a directory of an NFS server')
    .option('--preset <name>', 'smoke, small or paper (default: small)')
    .option('--seeds <n>', 'seeds 0 … n-1, a pod each')
    .option('--set <key=value...>', 'change a config key; can be repeated')
    .option('--data <dir>', 'where the data are, in the container')
    .option('--cpu <quantity>', 'processors of a pod (default: 1)')
    .option('--memory <quantity>', 'memory of a pod (default: 4Gi)')
    .option('--parallelism <n>', 'pods at a time (default: all)')
    .option('--retries <n>', 'how often a seed is tried again after a failure (default: 3)')
    .option('--name <name>', "the job's name, and its folder's on the volume")
    .option('--namespace <name>', 'where it is made')
    .option('--json', 'as JSON, which kubectl takes as well')
    .action((kind, name, options) => set(async () => (await import('./manifest.ts')).manifest(shell, kind, name, options)))
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

function addLab(program: QuireCommand, shell: Shell, set: Set): void {
  program
    .command('lab [folder]')
    .description('a page on the papers and on the runs in a folder (default: runs), at an address of this machine alone')
    .option('--port <n>', 'the port; 0 takes one that is free', '8844')
    .option('--open', 'open it in the browser')
    .addHelpText('after', '\nExample: quire lab --open')
    .action((folder, options) => set(async () => (await import('./lab.ts')).lab(shell, folder, options)))
}

/** Every method is a command, and so is every toolbox; the verbs are loaded only for the one that is called. */
async function addGroups(program: QuireCommand, argv: readonly string[], shell: Shell, set: Set): Promise<void> {
  for (const group of [...shell.methods, ...(shell.toolboxes ?? toolboxes)]) {
    const command = program.command(group.name).description(group.summary.en) as QuireCommand
    if (argv[0] !== group.name) continue
    const { addVerbs } = await import('./verbs.ts')
    await addVerbs(command, group, shell, set, argv.length === 1)
  }
}
