import { useEffect, useRef } from 'preact/hooks'
import { texts } from '../../texts.ts'
import { useText } from '../language/use-language.tsx'
import { inSteps, oneStep } from '../steps.ts'
import { fileBytes, largest, useLoaded } from './files.ts'
import { spectrogram, spectrogramPixels } from './spectrogram.ts'
import { sampleRateIn } from './wav.ts'

interface SoundProps {
  readonly source: string
  readonly name: string
  readonly bytes: number
}

/** A sound with its spectrogram; it never begins by itself. */
export function Sound({ source, name, bytes }: SoundProps) {
  const t = useText()
  const canvas = useRef<HTMLCanvasElement>(null)
  const sound = useLoaded((signal) => (bytes > largest ? Promise.reject() : decoded(source, signal)), [source, bytes])
  useEffect(() => {
    if (sound) return inSteps(oneStep(() => draw(canvas.current!, sound.getChannelData(0))))
  }, [sound])
  return (
    <div class="sound">
      {sound === null ? (
        <p class="note">{t(bytes > largest ? texts.fileTooLarge : texts.spectrogramFailed)}</p>
      ) : (
        <>
          <canvas ref={canvas} width="600" height="160" role="img" aria-label={`${t(texts.spectrogram)}: ${name}`} />
          <p class="note numbers">{sound ? `${sound.duration.toFixed(2)} s · 0 – ${(sound.sampleRate / 2000).toFixed(1)} kHz` : ' '}</p>
        </>
      )}
      {/* biome-ignore lint/a11y/useMediaCaption: what a method makes has no words */}
      <audio controls preload="none" src={source} aria-label={name} />
    </div>
  )
}

/** At the file's own rate, where it says it: the spectrogram then ends where the sound does. */
async function decoded(source: string, signal: AbortSignal): Promise<AudioBuffer> {
  const bytes = await fileBytes(source, signal)
  return new OfflineAudioContext(1, 1, sampleRateIn(bytes) ?? 44_100).decodeAudioData(bytes)
}

function draw(canvas: HTMLCanvasElement, samples: Float32Array): void {
  const shown = spectrogram(samples)
  canvas.width = shown.frames
  canvas.height = shown.bins
  canvas.getContext('2d')!.putImageData(new ImageData(spectrogramPixels(shown), shown.frames, shown.bins), 0, 0)
}
