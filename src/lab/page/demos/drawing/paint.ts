/** The colours of a canvas: those of the page. */
export interface Colours {
  readonly ink: string
  readonly ground: string
  readonly strong: string
  readonly other: string
}

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const named = (name: string) => {
    // A custom property may be light-dark(…): what it comes to is known where it is a colour.
    const probe = document.createElement('span')
    probe.style.color = `var(${name})`
    element.parentElement!.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  return { ink: style.color, ground: style.backgroundColor, strong: named('--series-2'), other: named('--series-1') }
}

/** Paints shares of ink, `width` a row; `offset` in cells. */
export function paintInk(
  context: CanvasRenderingContext2D,
  picture: ArrayLike<number>,
  { width, cell, colour, left = 0, top = 0 }: { width: number; cell: number; colour: string; left?: number; top?: number },
): void {
  context.fillStyle = colour
  for (let at = 0; at < picture.length; at++) {
    if (picture[at] <= 0) continue
    context.globalAlpha = Math.min(1, picture[at])
    context.fillRect((left + (at % width)) * cell, (top + Math.floor(at / width)) * cell, cell, cell)
  }
  context.globalAlpha = 1
}
