import { useEffect, useRef } from 'preact/hooks'
import { inLanguage } from '../../../../experiment/text.ts'
import { useLanguage, useText } from '../../language/use-language.tsx'
import type { DigitExamples } from '../models.ts'
import { exampleLabel, padTexts } from '../texts.ts'
import { type Picture, side } from './ink.ts'
import { coloursOf, paintInk } from './paint.ts'
import { useColours } from './use-colour.ts'

/** Digits of the test part, as buttons: something to begin with. */
export function Thumbnails({ examples, onChoose }: { readonly examples: DigitExamples; onChoose(picture: Picture): void }) {
  const t = useText()
  const language = useLanguage()
  return (
    <fieldset class="thumbnails">
      <legend>{t(padTexts.examples)}</legend>
      {examples.pixels.map((picture, i) => (
        <button
          key={i}
          type="button"
          class="picture"
          aria-label={inLanguage(exampleLabel(examples.labels[i], (i % 2) + 1), language)}
          onClick={() => onChoose(picture)}
        >
          <SmallPicture picture={picture} />
        </button>
      ))}
    </fieldset>
  )
}

function SmallPicture({ picture }: { readonly picture: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const colours = useColours()
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!
    context.clearRect(0, 0, side, side)
    paintInk(context, picture, { width: side, cell: 1, colour: coloursOf(canvas.current!).ink })
  }, [picture, colours])
  return <canvas ref={canvas} width={side} height={side} />
}
