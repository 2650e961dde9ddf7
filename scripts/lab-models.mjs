// Makes the models of the lab's demos from run folders, and says of each where it comes from and how good it is:
// npm run build && node scripts/lab-models.mjs --r2et RUN --u-turn RUN --aurora-m RUN
// A kind whose run is not given stays as it is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { digitModels } from './lab-models/digits.mjs'
import { textModels } from './lab-models/text.mjs'
import { uTurnModel } from './lab-models/u-turn.mjs'

const folder = 'src/lab/page/public/models/'
const list = `${folder}models.json`
const option = { type: 'string' }
const { values: runs } = parseArgs({ options: { r2et: option, 'u-turn': option, 'aurora-m': option } })
const log = (line) => console.error(line)
/** What is written stands at once: kinds may be made side by side. */
function keep(kind, { data, models }) {
  const found = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {}
  const about = models.map(({ file, bytes, about }) => {
    writeFileSync(`${folder}${file}`, bytes)
    log(`${file}: ${bytes.length} bytes`)
    return { file, bytes: bytes.length, ...about }
  })
  const command = 'node scripts/lab-models.mjs --r2et RUN --u-turn RUN --aurora-m RUN'
  writeFileSync(list, `${JSON.stringify({ ...found, command, [kind]: { data, models: about } }, null, 2)}\n`)
}

if (runs.r2et) {
  const { examples, ...found } = await digitModels({ run: runs.r2et, log })
  keep('digit', found)
  writeFileSync(`${folder}digits.json`, `${JSON.stringify({ data: found.data, ...examples })}\n`)
}
if (runs['u-turn']) keep('u-turn', await uTurnModel({ run: runs['u-turn'], log }))
if (runs['aurora-m']) keep('text', await textModels({ run: runs['aurora-m'], log }))
