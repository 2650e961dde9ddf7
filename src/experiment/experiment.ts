import type { z } from 'zod'
import { type PlainObject, resolveConfig } from './config.ts'
import { type Arm, type Claim, type Experiment, type PresetName, presetNames } from './definition.ts'
import { isNamedBy, schemaKeys, shapeOf } from './schema.ts'
import { languages, type Text } from './text.ts'
import { minimumRuns } from './verdict/enough.ts'
import { judgedIn } from './verdict/judgement.ts'

/**
 * Defines an experiment. Whatever cannot be judged is refused here: a config key without default or description, a claim
 * without a control, a control of an unknown claim, a preset that judges with fewer than three seeds.
 * @example
 * import { z } from 'zod'
 *
 * const coin = experiment({
 *   method: 'coin',
 *   config: z.object({ flips: z.number().int().default(100).describe('flips a seed') }),
 *   presets: { smoke: { seeds: 1, config: { flips: 10 } }, small: { seeds: 3 }, paper: { seeds: 5, config: { flips: 1000 } } },
 *   data: async () => ({ provenance: { name: 'coin', real: false, source: 'generated', sha256: '' }, value: undefined }),
 *   arms: () => [
 *     { id: 'fair', label: 'a fair coin', kind: 'method' },
 *     { id: 'loaded', label: 'a loaded one', kind: 'control' },
 *   ],
 *   unit: async ({ arm, config }) => ({ measurements: { heads: arm.id === 'fair' ? 0.5 : 50 / config.flips } }),
 *   estimate: ({ config }) => ({ parameters: 0, flops: config.flips, bytes: 0 }),
 *   claims: [
 *     {
 *       id: 'fair',
 *       statement: { en: 'Half are heads', zh: '一半是正面' },
 *       paper: { value: 0.5, unit: 'share', where: 'Table 1' },
 *       arm: 'fair',
 *       measure: (own) => Math.abs(own.measurements.heads - 0.5),
 *       threshold: 0.1,
 *       direction: 'atMost',
 *     },
 *   ],
 *   controls: [{ id: 'loaded', arm: 'loaded', breaks: ['fair'], broken: { en: 'lead in it', zh: '灌铅' } }],
 * })
 */
export function experiment<Schema extends z.ZodType, Data>(
  definition: Omit<Experiment<z.output<Schema>, Data>, 'config'> & { readonly config: Schema },
): Experiment<z.output<Schema>, Data> {
  const checked = definition as Experiment<z.output<Schema>, Data>
  checkConfig(checked)
  checkClaims(checked)
  checkSearched(checked)
  for (const preset of presetNames) checkPreset(checked, preset)
  return checked
}

/**
 * The config of a preset, before a user's own settings.
 *
 * @example
 * import { methods } from 'quire/methods'
 *
 * const prgd = await methods.find(({ name }) => name === 'prgd')!.experiment()
 * const config = presetConfig(prgd, 'smoke')
 */
export const presetConfig = <Config>({ config, presets, method }: Experiment<Config>, name: PresetName): Config =>
  resolveConfig(config, [presets[name].config ?? {}], `preset ${name} of ${method}`)

function refuse(condition: boolean, { method }: { method: string }, problem: string): void {
  if (condition) throw new TypeError(`experiment ${method}: ${problem}`)
}

function checkConfig(definition: Experiment): void {
  refuse(!shapeOf(definition.config), definition, 'its config must be a zod object')
  for (const { key, optional, description } of schemaKeys(definition.config)) {
    refuse(!optional, definition, `config key '${key}' has no default`)
    refuse(!description, definition, `config key '${key}' has no description`)
  }
}

/** Whoever says what was searched must mean keys that there are. */
function checkSearched(definition: Experiment): void {
  const known = schemaKeys(definition.config).map(({ key }) => key)
  for (const { keys, chosen } of definition.searched ?? []) {
    const unknown = keys.find((name) => !known.some((key) => isNamedBy(key, name)))
    refuse(unknown !== undefined, definition, `it says that '${unknown}' was searched, which is no config key`)
    checkText(definition, chosen, `how ${keys.join(', ')} was chosen`)
  }
}

function checkText(definition: Experiment, text: Text, where: string): void {
  for (const language of languages) refuse(!text[language]?.trim(), definition, `${where} has no text in '${language}'`)
}

function refuseTwins(definition: Experiment, names: readonly string[], kind: string): void {
  const twin = names.find((name, i) => names.indexOf(name) !== i)
  refuse(twin !== undefined, definition, `two ${kind}s are called '${twin}'`)
}

function checkClaims(definition: Experiment): void {
  const { claims, controls } = definition
  refuseTwins(
    definition,
    claims.map(({ id }) => id),
    'claim',
  )
  refuseTwins(
    definition,
    controls.map(({ id }) => id),
    'control',
  )
  for (const claim of claims) {
    refuse(!Number.isFinite(claim.threshold), definition, `claim '${claim.id}' has no finite threshold`)
    checkStatistic(definition, claim)
    refuse(!controls.some(({ breaks }) => breaks.includes(claim.id)), definition, `claim '${claim.id}' has no control, so it cannot fail`)
    checkText(definition, claim.statement, `claim '${claim.id}'`)
    if (claim.added) checkText(definition, claim.added, `what was added as claim '${claim.id}'`)
  }
  for (const control of controls) {
    const unknown = control.breaks.find((id) => !claims.some((claim) => claim.id === id))
    refuse(unknown !== undefined, definition, `control '${control.id}' breaks an unknown claim '${unknown}'`)
    refuse(control.breaks.length === 0, definition, `control '${control.id}' breaks no claim`)
    checkText(definition, control.broken, `control '${control.id}'`)
    if (control.added) checkText(definition, control.added, `what was added as control '${control.id}'`)
  }
}

function checkStatistic(definition: Experiment, { id, statistic, baseline, threshold }: Claim): void {
  if (statistic !== 'improvement') return
  refuse(!baseline, definition, `claim '${id}' is of an improvement over no baseline`)
  refuse(threshold < 0 || threshold > 1, definition, `claim '${id}' has the threshold ${threshold}, which is no probability`)
}

const armName = /^[a-z0-9][a-z0-9.=+-]*(\/[a-z0-9][a-z0-9.=+-]*)*$/

/** The arms of a config, checked. */
export function armsOf<Config>(definition: Experiment<Config>, config: Config): readonly Arm[] {
  const arms = definition.arms(config) as readonly Arm[]
  refuseTwins(
    definition,
    arms.map(({ id }) => id),
    'arm',
  )
  for (const arm of arms) {
    refuse(!armName.test(arm.id), definition, `'${arm.id}' is not a name for an arm`)
    resolveConfig(definition.config, [arm.config ?? {}], `arm ${arm.id} of ${definition.method}`)
  }
  return arms
}

function checkPreset(definition: Experiment, name: PresetName): void {
  const { presets } = definition
  refuse(!presets[name], definition, `it has no preset '${name}'`)
  const { seeds } = presets[name]
  const { claims, controls } = judgedIn(definition, presetConfig(definition, name) as PlainObject)
  const judges = name !== 'smoke' && claims.some((claim) => !claim.single)
  refuse(!Number.isInteger(seeds) || seeds < 1, definition, `preset '${name}' needs a whole number of seeds`)
  refuse(judges && seeds < minimumRuns.mean, definition, `preset '${name}' judges claims with fewer than ${minimumRuns.mean} seeds`)
  for (const { id, statistic = 'mean', single } of name === 'smoke' ? [] : claims) {
    const few = `preset '${name}' judges '${id}' by ${statistic} with fewer than ${minimumRuns[statistic]} seeds`
    refuse(!single && seeds < minimumRuns[statistic], definition, few)
  }
  const arms = armsOf(definition, presetConfig(definition, name))
  if (name === 'smoke') return
  const needed = [...claims.flatMap((claim) => [claim.arm, claim.baseline?.arm ?? claim.arm]), ...controls.map(({ arm }) => arm)]
  const missing = needed.find((id) => !arms.some((arm) => arm.id === id))
  refuse(missing !== undefined, definition, `preset '${name}' has no arm '${missing}', which a claim or a control needs`)
}
