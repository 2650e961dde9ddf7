// Makes the models of the lab's demos from run folders, and says of each where it comes from and how good it is:
// npm run build && node scripts/lab-models.mjs --r2et RUN --u-turn RUN --aurora-m RUN --plays FOLDER
// A kind whose run is not given stays as it is. FOLDER is where the model on plays is trained (half an hour), or has been.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { digitModels } from './lab-models/digits.mjs'
import { textModels } from './lab-models/text.mjs'
import { uTurnModel } from './lab-models/u-turn.mjs'

const folder = 'src/lab/page/public/models/'
const list = `${folder}models.json`
const command = 'node scripts/lab-models.mjs --r2et RUN --u-turn RUN --aurora-m RUN --plays FOLDER'
const option = { type: 'string' }
const { values: given } = parseArgs({ options: { r2et: option, 'u-turn': option, 'aurora-m': option, plays: option } })
const start = Date.now()
const log = (line) => console.error(`${Math.round((Date.now() - start) / 1000)} s  ${line}`)

/** What is written stands at once: kinds may be made side by side. */
function keep(kind, { data, models }) {
  const found = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {}
  const about = models.map(({ file, bytes, about }) => {
    writeFileSync(`${folder}${file}`, bytes)
    log(`${file}: ${bytes.length} bytes`)
    return { file, bytes: bytes.length, ...about }
  })
  const now = { ...found, command, [kind]: { data, models: about } }
  writeFileSync(list, `${JSON.stringify(now, null, 2)}\n`)
  removeUnlisted(now)
}

/** A model that is offered no longer would still be shipped. */
function removeUnlisted({ command: _, ...kinds }) {
  const listed = Object.values(kinds).flatMap(({ models }) => models.map(({ file }) => file))
  for (const file of readdirSync(folder)) if (file.endsWith('.safetensors') && !listed.includes(file)) rmSync(`${folder}${file}`)
}

function fail(line) {
  console.error(line)
  process.exit(1)
}

if (Object.keys(given).length === 0) fail(`nothing to do: ${command}`)
if (!given['aurora-m'] !== !given.plays) fail('--aurora-m and --plays belong together: both are models of the text demo')
for (const name of ['r2et', 'u-turn', 'aurora-m'])
  if (given[name] && !existsSync(join(given[name], 'run.json'))) fail(`${given[name]}: no run folder; make one by npx quire run ${name}`)

if (given.r2et) {
  const { examples, ...found } = await digitModels({ run: given.r2et, log })
  keep('digit', found)
  writeFileSync(`${folder}digits.json`, `${JSON.stringify({ data: found.data, ...examples })}\n`)
}
if (given['u-turn']) keep('u-turn', await uTurnModel({ run: given['u-turn'], log }))
if (given.plays) keep('text', await textModels({ run: given['aurora-m'], plays: given.plays, log }))
