/*
 * The short-time power spectrum of a sound, as a picture: a column a frame, a row a frequency.
 */

export interface Spectrogram {
  readonly frames: number
  readonly bins: number
  /** Decibels below the loudest, from -`range` to 0; frame by frame, low frequencies first. */
  readonly decibels: Float32Array
}

/** Quieter than this below the loudest is silence. */
const range = 80

/** Spectra of frames of `size` samples (a power of two), spread evenly over the sound, no more than `most` of them. */
export function spectrogram(samples: Float32Array, size = 512, most = 600): Spectrogram {
  const frames = Math.max(1, Math.min(most, Math.floor((samples.length - size) / (size / 4)) + 1))
  const hop = frames > 1 ? (samples.length - size) / (frames - 1) : 0
  const bins = size / 2
  const decibels = new Float32Array(frames * bins)
  const window = Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
  for (let frame = 0; frame < frames; frame++) {
    const start = Math.round(frame * hop)
    const real = Float64Array.from(window, (weight, i) => weight * (samples[start + i] ?? 0))
    const imaginary = new Float64Array(size)
    transform(real, imaginary)
    for (let k = 0; k < bins; k++) decibels[frame * bins + k] = 10 * Math.log10(real[k] ** 2 + imaginary[k] ** 2 + 1e-20)
  }
  const loudest = decibels.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return { frames, bins, decibels: decibels.map((value) => Math.max(-range, value - loudest)) }
}

/** Fourier's transform in place, after Cooley and Tukey. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[real[i], real[j]] = [real[j], real[i]]
      ;[imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]]
    }
  }
  for (let length = 2; length <= size; length *= 2)
    for (let k = 0; k < length / 2; k++) {
      const angle = (-2 * Math.PI * k) / length
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
      for (let even = k; even < size; even += length) {
        const odd = even + length / 2
        const re = real[odd] * cosine - imaginary[odd] * sine
        const im = real[odd] * sine + imaginary[odd] * cosine
        real[odd] = real[even] - re
        imaginary[odd] = imaginary[even] - im
        real[even] += re
        imaginary[even] += im
      }
    }
}

/** The picture, a pixel a value, loud is bright; high frequencies at the top. */
export function spectrogramPixels({ frames, bins, decibels }: Spectrogram): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(frames * bins * 4)
  for (let frame = 0; frame < frames; frame++)
    for (let k = 0; k < bins; k++) {
      const share = 1 + decibels[frame * bins + k] / range
      pixels.set(heat(share), 4 * ((bins - 1 - k) * frames + frame))
    }
  return pixels
}

/** Black, violet, orange, pale yellow: brightness grows with loudness, so that it can be read without its hue. */
const heat = (share: number): readonly [number, number, number, number] => [
  255 * Math.min(1, 1.6 * share ** 1.1),
  255 * share ** 2.2,
  255 * (0.45 * Math.sin(Math.PI * Math.min(1, share * 1.3)) + 0.6 * share ** 5),
  255,
]
