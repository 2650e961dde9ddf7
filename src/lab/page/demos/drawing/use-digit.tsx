import { useEffect, useState } from 'preact/hooks'
import { type DigitExamples, fetchDigits } from '../models.ts'
import { blank, centred, type Picture } from './ink.ts'
import { Pad } from './pad.tsx'
import { Thumbnails } from './thumbnails.tsx'

/** A digit that is drawn or chosen: as it is `shown` to the models, centred, and what it is made with. `first` is the example that is there at first. */
export function useDigit(first: number, onProblem: (message: string) => void) {
  const [examples, setExamples] = useState<DigitExamples>()
  const [drawn, setDrawn] = useState<Picture>(blank)
  const [shown, setShown] = useState<Picture>(blank)
  const choose = (picture: Picture) => {
    setDrawn(picture)
    setShown(picture)
  }
  const draw = (picture: Picture) => {
    setDrawn(picture)
    setShown(centred(picture))
  }
  useEffect(() => {
    fetchDigits().then(
      (found) => {
        setExamples(found)
        choose(found.pixels[first])
      },
      (error: Error) => onProblem(error.message),
    )
  }, [])
  const tools = (
    <>
      <Pad picture={drawn} onDraw={draw} />
      {examples && <Thumbnails examples={examples} onChoose={choose} />}
    </>
  )
  return { shown, tools }
}
