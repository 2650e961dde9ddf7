import type { ArmKind, PresetName } from '../experiment/definition.ts'
import type { Queue } from '../experiment/launch/queue.ts'
import type { Report } from '../experiment/report/report.ts'
import type { RunSummary } from '../experiment/run/run-list.ts'
import type { Kind } from '../experiment/schema.ts'
import type { Label, Text } from '../experiment/text.ts'
import type { Outcome } from '../experiment/verdict/judgement.ts'
import type { Verdict } from '../experiment/verdict/verdict.ts'

/*
 * What the lab's server says to its page, as JSON. Both sides import these types; the page imports nothing else of the server.
 *
 *   GET  /api/papers                          PaperCard[]
 *   GET  /api/papers/NAME                     PaperPage
 *   GET  /api/runs                            RunCard[]
 *   GET  /api/runs/METHOD/ID                  RunPage
 *   GET  /api/runs/METHOD/ID/events           server-sent events: RunEvent
 *   GET  /api/events?run=METHOD/ID&from=ID&…  of several runs in one stream: OneOfRuns
 *   GET  /api/runs/METHOD/ID/files/PATH       a file of the run folder
 *   POST /api/runs                            StartRequest → Started
 *   POST /api/runs/METHOD/ID/stop|resume      → Started
 *   GET  /api/papers/NAME/figures/FILE        a figure of the run that is kept with the paper
 *
 * What is refused comes back with status 4xx as Problem.
 */

/** What became of a paper's claims: in the run kept with it, or where there is none in the newest judged run; `notBuilt` where the paper is no method yet. */
export type PaperState = Outcome | 'notRun' | 'notBuilt'

export interface PaperCard {
  readonly number: number
  /** Folder, command and subpath. */
  readonly name: string
  readonly title: string
  readonly arxiv: string
  readonly area: Text
  /** One sentence. */
  readonly summary: Text
  /** For whom, and for which job. */
  readonly purpose: Text
  readonly state: PaperState
  /** Verdicts of the claims that the state stands for. */
  readonly verdicts: Readonly<Record<Verdict, number>>
  /** How many runs of it there are in the folder of runs. */
  readonly runs: number
  /** A demo in the page itself. */
  readonly demo?: DemoName
}

export type DemoName = 'digit' | 'u-turn' | 'text'

export interface PaperPage extends PaperCard {
  /** A paragraph or two, with an empty line between them: what the method does. */
  readonly text: Text
  /** Commands on the user's own data. */
  readonly verbs: readonly { readonly name: string; readonly summary: Text; readonly example: string }[]
  /** TypeScript that can be pasted. */
  readonly snippet?: string
  /** The form with which a run is started; absent where nothing can be run yet. */
  readonly form?: RunForm
  readonly claims: readonly ClaimText[]
  readonly controls: readonly { readonly id: string; readonly breaks: readonly string[]; readonly broken: Text }[]
  readonly differences: readonly Text[]
  /** The run that is kept with the paper. */
  readonly kept?: KeptRun
}

export interface ClaimText {
  readonly id: string
  readonly statement: Text
  /** What its baseline is called. */
  readonly baseline?: Text
  readonly paper: Report['claims'][number]['paper']
  readonly threshold: number
  readonly direction: 'atLeast' | 'atMost'
}

type ClaimRow = Report['claims'][number]

/** Without Chinese: the paper's page says it. */
export interface KeptClaim extends Omit<ClaimRow, 'statementZh' | 'baseline' | 'control'> {
  readonly baseline: Omit<NonNullable<ClaimRow['baseline']>, 'nameZh'> | null
}

/** The short form of a report (`measured.json`), with its figures. */
export interface KeptRun {
  readonly id: string
  readonly preset: PresetName
  readonly seeds: readonly number[]
  readonly started: string
  readonly outcome: Outcome
  readonly data: Report['data']
  readonly claims: readonly KeptClaim[]
  readonly controls: readonly Omit<Report['controls'][number], 'broken' | 'brokenZh'>[]
  readonly figures: readonly KeptFigure[]
  /** The command that repeats it. */
  readonly command: string
}

/** A picture that the method's README shows. */
export interface KeptFigure {
  /** For `/api/papers/NAME/figures/`. */
  readonly file: string
  /** What is to be seen. */
  readonly alt: Text
  /** In pixels, so that the page keeps its place before it is there. */
  readonly width: number
  readonly height: number
}

/** A run in the list. */
export interface RunCard extends Omit<RunSummary, 'folder'> {
  /** `METHOD/ID`: its folder below the folder of runs, where one that lies in that folder itself has `-` for METHOD. */
  readonly path: string
  /** From 0 to 1, by the work that its units were estimated to be. */
  readonly done?: number
  /** Seconds until it ends, if it goes on as it went. */
  readonly left?: number
  /** Of the paper. */
  readonly title?: string
}

export interface RunPage {
  readonly card: RunCard
  /** The command that repeats it, and the one that goes on with it. */
  readonly command?: string
  readonly resume?: string
  readonly config: Readonly<Record<string, unknown>>
  readonly settings: Readonly<Record<string, unknown>>
  readonly units: readonly RunUnit[]
  /** What the report says; of a complete run. */
  readonly report?: Report
  readonly artifacts: readonly Artifact[]
  /** Of a run that is shared out in tasks, a seed each, until they are gathered. */
  readonly tasks?: RunTasks
  /** What its process said last, where it was started from the page and has not come to its end. */
  readonly said?: string
  /** Whether it can be stopped, or gone on with, from here. */
  readonly can: { readonly stop: boolean; readonly resume: boolean }
}

/** How it stands with the tasks of a run, as `quire runs` says it. */
export interface RunTasks extends Queue {
  /** It is what the files tell; Slurm's first answer is to come. */
  readonly isProvisional?: true
  /** The command that ends its jobs, where there are some that go on. */
  readonly cancel?: string
  /** The command that submits what is missing again. */
  readonly submit?: string
}

export interface RunUnit {
  readonly unit: string
  readonly arm: string
  readonly label: Label
  readonly kind: ArmKind
  readonly seed: number
  readonly state: 'waiting' | 'training' | 'finished' | 'diverged'
}

/** A file that a run has made for people to look at. */
export interface Artifact {
  /** Below the run folder, for `/api/runs/…/files/`. */
  readonly path: string
  readonly kind: 'image' | 'animation' | 'audio' | 'table' | 'graph' | 'solid' | 'model' | 'text' | 'page' | 'other'
  readonly bytes: number
  /** Of a picture, in pixels, so that the page keeps its place before it is there. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Of a figure of the report. */
  readonly title?: Text
  /** The path of the same figure with Chinese texts. */
  readonly inChinese?: string
}

/** Observations as columns; `units` and `names` are indices into the lists that came before in the stream. */
export interface Observations {
  readonly unit: string
  readonly name: string
  readonly steps: readonly number[]
  readonly values: readonly (number | null)[]
}

/** One event of a run's stream. The id of the event is where in metrics.jsonl, or in those of its tasks, it ends, so that a reader who comes back goes on from there. */
export type RunEvent =
  | { readonly kind: 'observations'; readonly series: readonly Observations[] }
  /** Whenever something else than its curves has changed. */
  | { readonly kind: 'state'; readonly card: RunCard; readonly units: readonly RunUnit[] }
  /** The file of observations is another one than before: begin anew. */
  | { readonly kind: 'anew' }
  /** Nothing more will come. */
  | { readonly kind: 'end' }
  /** Nothing more will come, for there is no such run, or none any more. */
  | { readonly kind: 'gone' }

/** One event of a stream of several runs; its id is that of its run's own stream. */
export type OneOfRuns = RunEvent & { readonly run: string }

/** What can be chosen for a run, made from the experiment's schema. */
export interface RunForm {
  readonly presets: readonly { readonly name: PresetName; readonly seeds: number; readonly config: Readonly<Record<string, unknown>> }[]
  readonly fields: readonly FormField[]
}

export interface FormField {
  /** `logreg.epochs` */
  readonly key: string
  readonly kind: Kind
  readonly description: Text
  readonly fallback: unknown
  readonly choices?: readonly string[]
  readonly least?: number
  readonly most?: number
  readonly whole?: boolean
}

export interface StartRequest {
  readonly method: string
  readonly preset: PresetName
  readonly seeds?: readonly number[]
  /** Words of `--set`, as somebody types them: `{ 'logreg.epochs': '20' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Started {
  /** `METHOD/ID` */
  readonly path: string
}

/** What is wrong, in one line, as the command line says it. */
export interface Problem {
  readonly error: { readonly message: string; readonly where?: string; readonly fix?: string }
}
