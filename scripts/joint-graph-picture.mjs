// The gallery of the method's README: npm run build && node scripts/joint-graph-picture.mjs RUN
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawGraphs, parseGraphLines, signedBalance, signedBalanceSchema } from '../dist/kits/graphs/index.js'

const [run] = process.argv.slice(2)
const schema = signedBalanceSchema()
const generated = (arm) =>
  parseGraphLines(readFileSync(join(run, 'artifacts', `${arm}--seed-0`, 'samples.jsonl'), 'utf8'), schema).graphs.slice(0, 7)
const rows = [
  { label: 'real', graphs: signedBalance({ count: 7, seed: 99 }) },
  { label: 'joint diffusion', graphs: generated('balance_joint') },
  { label: 'paths cut: two marginal models', graphs: generated('balance_cut') },
]
const title = 'signedBalance: red ties are +, blue ones −; the colour of a node is the mean of its ties'
writeFileSync('docs/images/joint-graph-samples.svg', drawGraphs(title, rows, schema))
