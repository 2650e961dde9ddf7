import type { Experiment } from '../experiment/definition.ts'
import { presetNames } from '../experiment/definition.ts'
import { messages } from '../experiment/report/messages.ts'
import { barText, paperText, settingWords } from '../experiment/report/rows.ts'
import { schemaKeys } from '../experiment/schema.ts'
import type { Method, Verb } from '../methods/method.ts'
import type { Shell } from './cli.ts'
import { findMethod } from './find-method.ts'
import { aligned, painter, wrapped } from './style.ts'

/** `quire info <method>` */
export async function info({ terminal, methods }: Shell, name: string, { json }: { json?: boolean }): Promise<number> {
  const method = findMethod(methods, name)
  const [experiment, verbs] = await Promise.all([method.experiment(), method.verbs()])
  if (json) terminal.out(JSON.stringify(document(method, experiment, verbs), null, 2))
  else for (const line of lines(method, experiment, verbs, painter(terminal))) terminal.out(line)
  return 0
}

function document(method: Method, { config, presets, claims, controls }: Experiment, verbs: readonly Verb[]) {
  const { number, name, title, arxiv, area, summary } = method
  return {
    number,
    name,
    title,
    arxiv,
    area,
    summary,
    config: schemaKeys(config).map(({ key, kind, fallback, description, choices }) => ({
      key,
      kind,
      default: fallback,
      description,
      choices,
    })),
    presets,
    claims: claims.map(({ id, statement, paper, arm, threshold, direction, provisional, added }) => ({
      id,
      statement,
      paper,
      arm,
      threshold,
      direction,
      provisional,
      added,
    })),
    controls,
    verbs: verbs.map((verb) => ({ name: verb.name, summary: verb.summary, example: verb.example })),
  }
}

function lines(
  method: Method,
  { config, presets, claims, controls }: Experiment,
  verbs: readonly Verb[],
  paint: ReturnType<typeof painter>,
): string[] {
  const heading = (text: string) => ['', paint('bold', text)]
  const keys = schemaKeys(config).map(({ key, fallback, description, choices }) => [
    `  ${key}`,
    JSON.stringify(fallback),
    description + (choices ? ` (${choices.join(', ')})` : ''),
  ])
  return [
    `${paint('bold', method.name)}  ${method.title} (arXiv ${method.arxiv}, ${method.area})`,
    ...wrapped(method.summary.en),
    ...heading('Config keys, for --set key=value'),
    ...aligned(keys),
    ...heading('Presets'),
    ...aligned(
      presetNames.map((name) => [
        `  ${name}`,
        `${presets[name].seeds} seeds`,
        settingWords(presets[name].config ?? {}).join(' ') || 'as above',
      ]),
    ),
    ...heading('Claims'),
    ...claims.flatMap((claim) => [
      `  ${claim.id}: ${claim.statement.en}`,
      `    bar ${barText(claim)}; paper ${paperText(claim)}, ${claim.paper.where}`,
      ...(claim.added ? [`    ${messages.added.en}: ${claim.added.en}`] : []),
      ...controls.filter(({ breaks }) => breaks.includes(claim.id)).map(({ id, broken }) => `    must fail in control ${id}: ${broken.en}`),
    ]),
    ...(verbs.length ? heading('On your own data') : []),
    ...aligned(verbs.map((verb) => [`  ${verb.name}`, verb.summary.en])),
    ...verbs.map(({ example }) => `    ${example}`),
  ]
}
