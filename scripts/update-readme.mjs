// Puts a run's measured claims into its method's README, and its first figure into docs/images: node scripts/update-readme.mjs RUN
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
const bar = (id, threshold) =>
  `${definition.claims.find((claim) => claim.id === id).direction === 'atLeast' ? '≥' : '≤'} ${number(threshold)}`
const claims = report.claims.map(
  ({ id, statement, paper, measured, baseline, threshold, verdict }) =>
    `| ${statement.en ?? statement} | ${number(paper.value)} | ${number(measured.mean)}${interval(measured.ci95)} | ${number(baseline?.mean)} | ${bar(id, threshold)} | ${verdict} |`,
)
const controls = report.controls.map((control) => `| ${control.id} | ${control.claim} | ${control.failsAsItShould ? 'yes' : '**no**'} |`)
const table = [
  `Preset ${report.preset}, seeds ${report.seeds.join(', ')}, data ${report.data.name}${report.data.real ? '' : ' (generated)'}, ${Math.round(report.cost.seconds)} s.`,
  `Made by \`npx quire run ${report.method}${report.preset === 'small' ? '' : ` --preset ${report.preset}`}\`.`,
  '',
  '| claim | paper | ours, mean [95 %] | baseline | bar | verdict |',
  '|---|---|---|---|---|---|',
  ...claims,
  '',
  '| control | claim | fails as it should |',
  '|---|---|---|',
  ...controls,
].join('\n')

const readme = join('src/methods', report.method, 'README.md')
const marked = /(<!-- measured -->\n)[\s\S]*?(\n<!-- \/measured -->)/
writeFileSync(
  readme,
  readFileSync(readme, 'utf8').replace(marked, (_, open, close) => open + table + close),
)
mkdirSync('docs/images', { recursive: true })
for (const figure of readdirSync(join(run, 'artifacts')).filter((name) => name.endsWith('.svg') && !name.endsWith('.zh.svg'))) {
  copyFileSync(join(run, 'artifacts', figure), join('docs/images', `${report.method}-${figure}`))
}
console.log(`${readme} holds the numbers of ${record.id ?? run}`)
