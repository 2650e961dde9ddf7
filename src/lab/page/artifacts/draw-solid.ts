import type { Solid } from './solid.ts'

/** From where a shape is seen: radians around its upright axis and over it, and how near. */
export interface Turn {
  readonly around: number
  readonly over: number
  readonly nearness: number
}

/** A shape whose middle is 0 and whose farthest point is at 1. */
export function fittedSolid({ points, faces }: Solid): Solid {
  const ends = [0, 1, 2].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let i = axis; i < points.length; i += 3) [low, high] = [Math.min(low, points[i]), Math.max(high, points[i])]
    return { middle: (low + high) / 2, half: (high - low) / 2 }
  })
  const size = Math.hypot(...ends.map(({ half }) => half)) || 1
  return { points: points.map((value, i) => (value - ends[i % 3].middle) / size), faces }
}

/** Points as they are seen: right, down, and towards the eye. Upright is z, as in the sciences. */
export function turned(points: Float32Array, { around, over }: Turn): Float32Array {
  const [ca, sa, co, so] = [Math.cos(around), Math.sin(around), Math.cos(over), Math.sin(over)]
  const seen = new Float32Array(points.length)
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]]
    const away = x * sa + y * ca
    seen[i] = x * ca - y * sa
    seen[i + 1] = -(z * co + away * so)
    seen[i + 2] = z * so - away * co
  }
  return seen
}

/** Far faces first, each as bright as it looks towards the eye; points alone are dots, the nearer the darker. */
export function drawSolid(canvas: HTMLCanvasElement, { points, faces }: Solid, turn: Turn): void {
  const { width, height } = canvas
  const context = canvas.getContext('2d')!
  const { color: colour, backgroundColor: ground } = getComputedStyle(canvas)
  const seen = turned(points, turn)
  const scale = 0.48 * Math.min(width, height) * turn.nearness
  const at = (i: number): [number, number] => [width / 2 + seen[3 * i] * scale, height / 2 + seen[3 * i + 1] * scale]
  context.clearRect(0, 0, width, height)
  context.fillStyle = context.strokeStyle = colour
  context.lineWidth = 1
  if (!faces.length) for (let i = 0; i < points.length / 3; i++) dot(context, at(i), seen[3 * i + 2])
  for (const face of ordered(faces, seen)) {
    context.beginPath()
    for (const corner of face) context.lineTo(...at(corner))
    context.closePath()
    context.globalAlpha = 1
    if (face.length > 2) {
      context.fillStyle = `color-mix(in oklab, ${colour} ${Math.round(25 + 75 * facing(face, seen))}%, ${ground})`
      context.fill()
      context.globalAlpha = 0.25
    }
    context.stroke()
  }
  context.globalAlpha = 1
}

function dot(context: CanvasRenderingContext2D, [x, y]: readonly [number, number], depth: number): void {
  context.globalAlpha = 0.35 + 0.3 * (1 + depth)
  context.fillRect(x - 1, y - 1, 2.2, 2.2)
}

/** From the farthest to the nearest, by their middles. */
function ordered(faces: Solid['faces'], seen: Float32Array): Solid['faces'] {
  const depths = new Map(faces.map((face) => [face, face.reduce((sum, corner) => sum + seen[3 * corner + 2], 0) / face.length]))
  return [...faces].sort((a, b) => depths.get(a)! - depths.get(b)!)
}

/** How much a face looks towards the eye, from either side: 0 to 1. */
function facing([a, b, c]: readonly number[], seen: Float32Array): number {
  const side = (from: number, to: number) => [0, 1, 2].map((axis) => seen[3 * to + axis] - seen[3 * from + axis])
  const [[ux, uy, uz], [vx, vy, vz]] = [side(a, b), side(a, c)]
  const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx]
  return Math.abs(nz) / (Math.hypot(nx, ny, nz) || 1)
}
