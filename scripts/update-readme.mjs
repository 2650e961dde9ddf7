// Puts a run's measured claims and arms into its method's README, and its figures into docs/images: node scripts/update-readme.mjs RUN
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [run] = process.argv.slice(2)
if (!run) {
  console.error('update-readme: which run? node scripts/update-readme.mjs runs/<method>/<id>')
  process.exit(2)
}
const report = JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'))
const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'))
const definition = (await import(`../dist/methods/${report.method}/experiment.js`)).default

const number = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : '')
const interval = (ci) => (ci ? ` [${ci.map(number).join(', ')}]` : '')
const definitionOf = (id) => definition.claims.find((claim) => claim.id === id)
const bar = ({ id, threshold, provisional }) =>
  `${definitionOf(id).direction === 'atLeast' ? '≥' : '≤'} ${number(threshold)}${provisional ? ` (provisional; before the first run ${number(provisional.original)})` : ''}`

const added = ({ added }) => (added ? ` _(added after the first run: ${added.en})_` : '')

const claimRow = (claim) =>
  `| ${claim.statement.en ?? claim.statement}${added(claim)} | ${number(claim.paper.value)} | ${number(claim.measured.mean)}${interval(claim.measured.ci95)} | ${number(claim.baseline?.mean)} | ${bar(claim)} | ${claim.verdict} |`
const controlRow = (control) =>
  `| ${control.id}${added(control)} | ${control.claim} | ${control.failsAsItShould ? 'yes' : `**no** (${control.verdict})`} |`
const claimTable = (claims) => [
  '| claim | paper | ours, mean [95 %] | baseline | bar | verdict |',
  '|---|---|---|---|---|---|',
  ...claims.map(claimRow),
]
const controlTable = (controls) => ['| control | claim | fails as it should |', '|---|---|---|', ...controls.map(controlRow)]

/** Arms with the measurements that all of them have. */
function armTable(arms, { seconds = false } = {}) {
  const names = Object.keys(arms[0].measurements).filter((name) => arms.every(({ measurements }) => name in measurements))
  const columns = [...names, ...(seconds ? ['seconds'] : [])]
  const cells = (arm) =>
    columns.map((name) => number(name in arm.measurements ? arm.measurements[name].mean : arm.seconds / arm.seeds.length))
  const row = (arm) => `| ${arm.label} | ${cells(arm).join(' | ')} |`
  return [`| arm | ${columns.join(' | ')} |`, `|---|${columns.map(() => '---|').join('')}`, ...arms.map(row)]
}

/** Between `<!-- arms PREFIX -->` and `<!-- /arms PREFIX -->` stand the arms whose ids begin so. */
const withArmTables = (text) =>
  text.replace(/(<!-- arms (\S+) -->\n)[\s\S]*?(\n<!-- \/arms \2 -->)/g, (_, before, prefix, after) => {
    const arms = report.arms.filter(({ id }) => id.startsWith(prefix))
    return before + armTable(arms, { seconds: true }).join('\n') + after
  })

// A run with settings of its own fills the section of that name with what an ordinary run does not have.
const settings = Object.entries(report.settings ?? {}).map(([name, value]) => `${name}=${value}`)
const plain = new Set(definition.arms(definition.config.parse({})).map(({ id }) => id))
const own = (id) => settings.length === 0 || !plain.has(id)
const claims = report.claims.filter(({ arm }) => own(arm))
const controls = report.controls.filter(({ arm }) => own(arm))
const command = [
  'npx quire run',
  report.method,
  report.preset === 'small' ? '' : `--preset ${report.preset}`,
  ...settings.map((s) => `--set ${s}`),
]
const minutes =
  record.resumed.length === 0 ? `${Math.round((Date.parse(record.finished) - Date.parse(record.started)) / 1000)} s on the clock, ` : ''
const table = [
  `Preset ${report.preset}, seeds ${report.seeds.join(', ')}, data ${report.data.name}${report.data.real ? '' : ' (generated)'}; ${minutes}${report.cost.atATime} models at a time.`,
  `Made by \`${command.filter(Boolean).join(' ')}\`.`,
  '',
  ...claimTable(claims),
  '',
  ...controlTable(controls),
  ...(settings.length ? ['', ...armTable(report.arms.filter(({ id }) => own(id)))] : []),
].join('\n')

const readme = join('src/methods', report.method, 'README.md')
const name = ['measured', ...settings].join(' ')
const text = readFileSync(readme, 'utf8')
const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`]
const [begin, end] = [text.indexOf(open), text.indexOf(close)]
if (begin < 0 || end < 0) {
  console.error(`update-readme: ${readme} has no section ${open.trim()} … ${close.trim()}`)
  process.exit(2)
}
writeFileSync(readme, withArmTables(text.slice(0, begin + open.length) + table + text.slice(end)))
mkdirSync('docs/images', { recursive: true })
for (const figure of readdirSync(join(run, 'artifacts')).filter((name) => name.endsWith('.svg') && !name.endsWith('.zh.svg'))) {
  copyFileSync(join(run, 'artifacts', figure), join('docs/images', `${report.method}-${figure}`))
}
console.log(`${readme} holds the numbers of ${record.id ?? run}`)
