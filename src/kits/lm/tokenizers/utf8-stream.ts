const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const nothing = new Uint8Array(0)

/** UTF-8 that comes in pieces, which may end within a character. Bytes that are no UTF-8 become U+FFFD. */
export interface Utf8Stream {
  /** The text that these bytes complete. */
  push(bytes: Uint8Array): string
  /** What was held back, as it is. */
  flush(): string
}

/** Holds back the last bytes while they may begin a character. (A `TextDecoder` does so too, at twenty times the cost for a byte.) */
export function utf8Stream(): Utf8Stream {
  let held = nothing
  return {
    push(bytes) {
      const all = held.length > 0 ? joined(held, bytes) : bytes
      const whole = all.length - unfinished(all)
      held = whole < all.length ? all.slice(whole) : nothing
      if (whole === 1 && all[0] < 0x80) return String.fromCharCode(all[0])
      return whole > 0 ? utf8.decode(all.subarray(0, whole)) : ''
    },
    flush() {
      const text = utf8.decode(held)
      held = nothing
      return text
    },
  }
}

/** How many of the last bytes begin a character and do not end it. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}

const lengthOf = (lead: number): number => (lead >= 0xf8 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2)

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}
