import { areaDifference, type Measured } from '../../kits/metrics/index.ts'
import { verb } from '../method.ts'
import { type Audit, audit, together } from './audit.ts'
import { reportOf, writeAudit } from './audit-files.ts'
import { type AuditChoice, auditOptions, type Given, neighboursFor, subjectsOf } from './audit-inputs.ts'
import { conclusion, tableLines, warnings } from './audit-text.ts'
import { nearDuplicates } from './near-duplicates.ts'
import type { Neighbours } from './neighbours/index.ts'
import type { OwnModel } from './own-model.ts'
import { refuseOverlap, requireScale, textOptions } from './own-records.ts'
import { type AttackName, attackNames } from './table.ts'

export const auditVerb = verb({
  name: 'audit',
  summary: {
    en: 'Tells whether a generative model gives away which records it was trained on, with intervals',
    zh: '判断生成模型是否会泄露其训练记录，并给出区间',
  },
  options: auditOptions,
  positional: 'model',
  example: 'quire pfami audit private --draws 1 --limit 40 --samples 50 --epochs 5 --out audit',
  async run({ options, log, progress }) {
    const given = await subjectsOf(options, log)
    const { target, members, nonMembers, reference, shadow } = given
    refuseOverlap(members, nonMembers)
    await requireScale(members, target)
    const neighbours = neighboursFor(target, options, together(members.x, nonMembers.x))
    const all = attackNames.filter((attack) => attack !== 'logan')
    const attacks = [...new Set(options.attack.flatMap((attack) => (attack === 'all' ? all : [attack])))]
    log(
      `${members.x.shape[0]} members, ${nonMembers.x.shape[0]} non-members${reference ? '' : '; no reference model: attacks are not calibrated'}`,
    )
    const auditOf = (subject: OwnModel['subject']) =>
      audit({
        target: subject,
        ...(reference && { reference: reference.subject }),
        ...(shadow && {
          shadow: { subject: shadow.model.subject, members: shadow.members.x, nonMembers: shadow.nonMembers.x },
          shadowNeighbours: neighboursFor(shadow.model, options, together(shadow.members.x, shadow.nonMembers.x)),
        }),
        members: members.x,
        nonMembers: nonMembers.x,
        attacks,
        neighbours,
        draws: options.draws,
        seed: options.seed,
        samples: options.samples,
        network: { channels: 16, epochs: options.epochs },
        progress,
      })
    const found = await auditOf(target.subject)
    const differences = given.against ? differencesOf(found, await auditOf(given.against.subject)) : undefined
    return results(found, options, { ...given, neighbours, differences })
  },
})

interface Difference {
  readonly attack: AttackName
  /** AUC on the model less AUC on the other version, by the same records (DeLong, paired). */
  readonly difference: Measured
}

/** How much more an attack finds on one version of a model than on another. */
const differencesOf = (own: Audit, other: Audit): Difference[] =>
  own.rows.flatMap(({ attack, scores }) => {
    const beside = other.rows.find((row) => row.attack === attack)
    return beside ? [{ attack, difference: areaDifference(scores, beside.scores, own.labels) }] : []
  })

async function results(found: Audit, options: AuditChoice, given: Given & { neighbours: Neighbours; differences?: Difference[] }) {
  const { target, members, nonMembers, neighbours, referencePath, differences } = given
  const about = {
    model: target.subject.name,
    ...(referencePath && { reference: referencePath }),
    kind: target.subject.oracle?.kind,
    neighbours: { name: neighbours.name, strengths: neighbours.strengths },
    draws: options.draws,
    seed: options.seed,
    ...(target.kind === 'text' && textOptions(options)),
    rows: target.subject.oracle?.rows,
    process: options.process,
    predict: options.predict,
    range: options.range,
  }
  const alike = target.kind === 'images' ? await nearDuplicates(members, nonMembers) : []
  const names = [...members.names, ...nonMembers.names]
  const pictures = target.kind === 'images' ? { records: together(members.x, nonMembers.x), neighbours, range: target.range } : undefined
  const files = await writeAudit(options.out, found, {
    names,
    about: { ...about, nearDuplicates: alike, ...(differences && { against: options.against, differences }) },
    ...(pictures && { pictures }),
  })
  return {
    lines: [
      ...warnings(found).map((line) => `warning: ${line}`),
      ...alike
        .slice(0, 5)
        .map(
          ({ nonMember, member }) => `warning: ${nonMember} is nearly the same as the member ${member}: it may look like a false positive`,
        ),
      conclusion(found),
      '',
      ...tableLines(found),
      ...(differences ?? []).map(
        ({ attack, difference: { value, interval } }) =>
          `${attack}: AUC ${value >= 0 ? '+' : ''}${value.toFixed(3)} [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}] against ${options.against}, by the same records`,
      ),
      `blind test (no model): logistic ${found.blind.logistic.value.toFixed(3)}, 8 nearest ${found.blind.nearest.value.toFixed(3)}`,
      `written to ${options.out}: ${files.join(', ')}`,
    ],
    json: { ...reportOf(found, about), nearDuplicates: alike, ...(differences && { differences }) },
  }
}
