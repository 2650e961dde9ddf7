import { sentences, texts } from '../../texts.ts'
import { localeOf } from '../language/language.ts'
import { useLanguage, useText } from '../language/use-language.tsx'
import { fileBytes, useLoaded } from './files.ts'
import { Scrolled } from './scrolled.tsx'
import { elementsOf, headerLength, tensorsIn } from './tensors.ts'

/** More are not listed. */
const most = 500

async function load(source: string, signal: AbortSignal) {
  const length = headerLength(await fileBytes(source, signal, [0, 7]))
  if (length === undefined) return undefined
  return tensorsIn(new TextDecoder().decode(await fileBytes(source, signal, [8, 7 + length])))
}

/** The tensors of a safetensors file, read from its header alone. */
export function Tensors({ source, path }: { readonly source: string; readonly path: string }) {
  const t = useText()
  const locale = localeOf(useLanguage())
  const found = useLoaded((signal) => load(source, signal).then((tensors) => tensors ?? []), [source])
  if (found === undefined) return <p class="note">{t(texts.loading)}</p>
  if (!found?.length) return <p class="note">{t(texts.noTensors)}</p>
  const all = found.reduce((sum, tensor) => sum + elementsOf(tensor), 0)
  return (
    <>
      <p class="note">{t(sentences.tensorsIn(found.length, all.toLocaleString(locale)))}</p>
      <Scrolled label={path}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t(texts.tensor)}</th>
              <th scope="col">{t(texts.shape)}</th>
              <th scope="col">{t(texts.numberType)}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, most).map(({ name, dtype, shape }) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td class="numbers">{shape.length ? shape.join(' × ') : '–'}</td>
                <td>
                  <code>{dtype}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
      {found.length > most && <p class="note">{t(sentences.rowsShown(most))}</p>}
    </>
  )
}
