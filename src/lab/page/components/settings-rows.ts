import { settingWords } from '../../../experiment/report/rows.ts'

/** A key of several configurations, with its value in each, as it would be typed; undefined where one does not have it. */
export interface SettingRow {
  readonly key: string
  readonly values: readonly (string | undefined)[]
  readonly differs: boolean
}

/** Configurations side by side, in the order of their keys. */
export function settingRows(configs: readonly object[]): SettingRow[] {
  const columns = configs.map(
    (config) => new Map(settingWords(config).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])),
  )
  const keys = [...new Set(columns.flatMap((column) => [...column.keys()]))]
  return keys.map((key) => {
    const values = columns.map((column) => column.get(key))
    return { key, values, differs: values.some((value) => value !== values[0]) }
  })
}
