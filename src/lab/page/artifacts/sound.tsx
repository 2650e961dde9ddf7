import { useEffect, useRef, useState } from 'preact/hooks'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { spectrogram, spectrogramPixels } from './spectrogram.ts'

/** A sound with its spectrogram; it never begins by itself. */
export function Sound({ source, name }: { readonly source: string; readonly name: string }) {
  const t = useText()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [hasFailed, setFailed] = useState(false)
  const [seconds, setSeconds] = useState<readonly [number, number]>()
  useEffect(() => {
    let isOver = false
    decoded(source).then(
      (sound) => {
        if (isOver) return
        draw(canvas.current!, sound.getChannelData(0))
        setSeconds([sound.duration, sound.sampleRate / 2000])
      },
      () => setFailed(true),
    )
    return () => {
      isOver = true
    }
  }, [source])
  return (
    <div class="sound">
      <canvas ref={canvas} width="600" height="160" role="img" aria-label={`${t(texts.spectrogram)}: ${name}`} />
      <p class="note numbers">
        {hasFailed ? t(texts.spectrogramFailed) : seconds ? `${seconds[0].toFixed(2)} s · 0 – ${seconds[1].toFixed(1)} kHz` : ' '}
      </p>
      {/* biome-ignore lint/a11y/useMediaCaption: what a method makes has no words */}
      <audio controls preload="none" src={source} aria-label={name} />
    </div>
  )
}

async function decoded(source: string): Promise<AudioBuffer> {
  const bytes = await (await fetch(source)).arrayBuffer()
  return new OfflineAudioContext(1, 1, 44_100).decodeAudioData(bytes)
}

function draw(canvas: HTMLCanvasElement, samples: Float32Array): void {
  const shown = spectrogram(samples)
  canvas.width = shown.frames
  canvas.height = shown.bins
  canvas.getContext('2d')!.putImageData(new ImageData(spectrogramPixels(shown), shown.frames, shown.bins), 0, 0)
}
