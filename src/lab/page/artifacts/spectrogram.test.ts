import { expect, test } from 'vitest'
import { spectrogram, spectrogramPixels } from './spectrogram.ts'
import { sampleRateIn } from './wav.ts'

const tone = (length: number, period: number) => Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * i) / period))

const loudestBin = ({ bins, decibels }: ReturnType<typeof spectrogram>, frame: number) => {
  const column = decibels.subarray(frame * bins, (frame + 1) * bins)
  return column.indexOf(Math.max(...column))
}

test('a tone of 16 samples a period is in the bin size/16, in every frame, and 40 dB below it four bins away', () => {
  const shown = spectrogram(tone(8192, 16))
  for (const frame of [0, 10, shown.frames - 1]) {
    expect(loudestBin(shown, frame)).toBe(512 / 16)
    expect(shown.decibels[frame * shown.bins + 36]).toBeLessThan(-40)
  }
})

test('powers are those of the definition', () => {
  const size = 64
  const samples = Float32Array.from({ length: size }, (_, i) => Math.cos(i * i * 0.01) - 0.3)
  const power = Array.from({ length: size / 2 }, (_, k) => {
    let [re, im] = [0, 0]
    samples.forEach((sample, i) => {
      const weighted = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
      re += weighted * Math.cos((2 * Math.PI * k * i) / size)
      im -= weighted * Math.sin((2 * Math.PI * k * i) / size)
    })
    return re * re + im * im
  })
  const { decibels } = spectrogram(samples, size)
  const most = Math.max(...power)
  for (const [k, value] of power.entries()) expect(decibels[k]).toBeCloseTo(Math.max(-80, 10 * Math.log10(value / most)), 2)
})

test('long sounds have no more columns than asked for, short and silent ones have one', () => {
  expect(spectrogram(tone(100_000, 16), 512, 50).frames).toBe(50)
  expect(spectrogram(new Float32Array(10)).frames).toBe(1)
  expect(Math.max(...spectrogram(new Float32Array(0)).decibels)).toBe(0)
})

test('high frequencies are at the top', () => {
  const shown = spectrogram(tone(512, 8))
  const pixels = spectrogramPixels(shown)
  const brightness = Array.from({ length: shown.bins }, (_, row) => pixels[row * 4] + pixels[row * 4 + 1])
  expect(brightness.indexOf(Math.max(...brightness))).toBe(shown.bins - 1 - 64)
})

test('the rate of a WAV file, behind other chunks too; none of what is cut short or no WAV', () => {
  const wav = (...chunks: [string, number[]][]) =>
    Uint8Array.from([
      ...Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'),
      ...chunks.flatMap(([tag, bytes]) => [...Buffer.from(tag), bytes.length, 0, 0, 0, ...bytes]),
    ]).buffer
  const format = [1, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0, 0, 0]
  expect(sampleRateIn(wav(['fmt ', format]))).toBe(16_000)
  expect(sampleRateIn(wav(['LIST', [1, 2]], ['fmt ', format]))).toBe(16_000)
  expect(sampleRateIn(wav(['fmt ', format.map(() => 255)]))).toBeUndefined()
  for (const length of [0, 4, 12, 20, 23]) expect(sampleRateIn(wav(['fmt ', format]).slice(0, length))).toBeUndefined()
  expect(sampleRateIn(new Uint8Array(1000).buffer)).toBeUndefined()
})
