import { useEffect, useState } from 'preact/hooks'
import type { Text } from '../../../experiment/text.ts'
import type { DemoName } from '../../api.ts'
import { useText } from '../language/use-language.tsx'
import { type DataAbout, fetchModelList, type ModelAbout, type ModelList, type ModelOrigin } from './models.ts'
import { demoTexts } from './texts.ts'
import { Wide } from './wide.tsx'

/** The list of models, once it is there. */
export function useModelList(): ModelList | undefined {
  const [list, setList] = useState<ModelList>()
  useEffect(() => {
    fetchModelList().then(setList, () => {})
  }, [])
  return list
}

export interface AboutProps<Quality> {
  readonly list: ModelList | undefined
  readonly demo: DemoName
  readonly papers: readonly string[]
  qualityText(quality: Quality): Text
}

/** The unit of a run, the last of the commands that made it, or the script that trained it. */
function originText({ method, run, unit, training }: ModelOrigin, t: ReturnType<typeof useText>): string {
  if (run) return `${method}, ${run}, ${unit}`
  return `${method}: ${t(training ? demoTexts.ownTraining : demoTexts.byCommands)}`
}

/** What a demo's models are, from which run and data, and how good. */
export function About<Quality>({ list, demo, papers, qualityText }: AboutProps<Quality>) {
  const t = useText()
  if (!list) return null
  const { models, data } = list[demo] as { models: readonly ModelAbout<Quality>[]; data: DataAbout | readonly DataAbout[] }
  const sets = Array.isArray(data) ? (data as readonly DataAbout[]) : [data as DataAbout]
  const commands = [...new Set(models.flatMap(({ from }) => from.commands ?? []))]
  return (
    <details class="about">
      <summary>{t(demoTexts.about)}</summary>
      <Wide label={t(demoTexts.about)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t(demoTexts.file)}</th>
              <th scope="col">{t(demoTexts.from)}</th>
              <th scope="col">{t(demoTexts.quality)}</th>
            </tr>
          </thead>
          <tbody>
            {models.map(({ file, bytes, from, quality }) => (
              <tr key={file}>
                <th scope="row">
                  <code>{file}</code>
                  <br />
                  <small>{(bytes / 1000).toFixed(0)} kB</small>
                </th>
                <td>{originText(from, t)}</td>
                <td>{t(qualityText(quality))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <p>
        {t(demoTexts.data)}: {sets.map(({ name, real }) => (real ? name : `${name} (${t(demoTexts.generated)})`)).join(' + ')}
      </p>
      {commands.length > 0 && (
        <>
          <p>{t(demoTexts.repeat)}</p>
          <pre>{commands.join('\n')}</pre>
        </>
      )}
      <p>
        {papers.map((paper) => (
          <a key={paper} href={`/papers/${paper}`}>
            {t(demoTexts.paper)}: {paper}
          </a>
        ))}
      </p>
    </details>
  )
}
