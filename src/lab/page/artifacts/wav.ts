/** Samples a second, as a WAV file says it; undefined for other files, and for rates that no browser takes. */
export function sampleRateIn(bytes: ArrayBuffer): number | undefined {
  const view = new DataView(bytes)
  const tag = (at: number) => (at + 4 <= view.byteLength ? String.fromCharCode(...new Uint8Array(bytes, at, 4)) : '')
  if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') return undefined
  for (let at = 12; at + 16 <= view.byteLength; at += 8 + view.getUint32(at + 4, true)) {
    if (tag(at) !== 'fmt ') continue
    const rate = view.getUint32(at + 12, true)
    return rate >= 8000 && rate <= 96_000 ? rate : undefined
  }
  return undefined
}
