import { kindTexts } from '../../../experiment/report/messages.ts'
import { inLanguage } from '../../../experiment/text.ts'
import type { RunUnit } from '../../api.ts'
import { sentences, texts } from '../../texts.ts'
import { groupBy } from '../group-by.ts'
import { useLanguage, useText } from '../language/use-language.tsx'

/** Signs as well as colours. */
const signs: Readonly<Record<RunUnit['state'], string>> = { waiting: '·', training: '▸', finished: '✓', diverged: '✗' }

/** Arms in rows, seeds in columns, and how each training stands. */
export function Units({ units }: { readonly units: readonly RunUnit[] }) {
  const t = useText()
  const language = useLanguage()
  const arms = [...groupBy(units, ({ arm }) => arm)]
  const seeds = [...new Set(units.map(({ seed }) => seed))].sort((a, b) => a - b)
  return (
    <div class="wide">
      <table class="units">
        <thead>
          <tr>
            <th scope="col">{t(texts.arms)}</th>
            {seeds.map((seed) => (
              <th key={seed} scope="col">
                {t(texts.seed)} {seed}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {arms.map(([arm, own]) => (
            <tr key={arm}>
              <th scope="row">
                {t(own[0].label)} <small>{t(kindTexts[own[0].kind])}</small>
              </th>
              {seeds.map((seed) => {
                const unit = own.find((one) => one.seed === seed)
                const words = unit && t(sentences.unitState(inLanguage(unit.label, language), seed, texts[unit.state]))
                return (
                  <td key={seed}>
                    {unit && (
                      <span class={`unit ${unit.state}`} role="img" aria-label={words} title={words}>
                        {signs[unit.state]}
                      </span>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note legend-of-units">
        {(Object.keys(signs) as RunUnit['state'][]).map((state) => (
          <span key={state}>
            <span class={`unit ${state}`} aria-hidden="true">
              {signs[state]}
            </span>{' '}
            {t(texts[state])}
          </span>
        ))}
      </p>
    </div>
  )
}
