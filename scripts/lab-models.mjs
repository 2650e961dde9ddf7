// Makes the models of the lab's demos from run folders, and says of each where it comes from and how good it is:
// npm run build && node scripts/lab-models.mjs --r2et RUN --u-turn RUN --aurora-m RUN
// A kind whose run is not given stays as it is.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { digitModels } from './lab-models/digits.mjs'
import { dataOf } from './lab-models/runs.mjs'
import { textModels } from './lab-models/text.mjs'
import { uTurnModel } from './lab-models/u-turn.mjs'

const folder = 'src/lab/page/public/models/'
const list = `${folder}models.json`
const option = { type: 'string' }
const { values: runs } = parseArgs({ options: { r2et: option, 'u-turn': option, 'aurora-m': option } })
const log = (line) => console.error(line)
const found = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : {}

if (runs.r2et) {
  const { models, data, examples } = await digitModels({ run: runs.r2et, log })
  found.digit = { data: dataOf(data), models: written(models) }
  writeFileSync(`${folder}digits.json`, `${JSON.stringify({ data: dataOf(data), ...examples })}\n`)
}
if (runs['u-turn']) {
  const { models, data } = await uTurnModel({ run: runs['u-turn'], log })
  found['u-turn'] = { data, models: written(models) }
}
if (runs['aurora-m']) {
  const { models, data } = await textModels({ run: runs['aurora-m'], log })
  found.text = { data, models: written(models) }
}
writeFileSync(list, `${JSON.stringify({ command: 'node scripts/lab-models.mjs --r2et RUN --u-turn RUN --aurora-m RUN', ...found }, null, 2)}\n`)

function written(models) {
  return models.map(({ file, bytes, about }) => {
    writeFileSync(`${folder}${file}`, bytes)
    log(`${file}: ${bytes.length} bytes`)
    return { file, bytes: bytes.length, ...about }
  })
}
