import { expect, test } from 'vitest'
import { blank, centred, halved, inked, isBlank, side } from './ink.ts'
import { freshPen, pressed } from './pen.ts'

const drawn = (dx: number, dy: number) =>
  inked(inked(blank(), { x: 5 + dx, y: 4 + dy }, { x: 5 + dx, y: 14 + dy }), { x: 5 + dx, y: 14 + dy }, { x: 10 + dx, y: 14 + dy })

test('a stroke inks what lies within the pen’s radius, and nothing far from it', () => {
  const line = inked(blank(), { x: 4.5, y: 10.5 }, { x: 20.5, y: 10.5 })
  for (let column = 4; column <= 20; column++) expect(line[10 * side + column]).toBe(1)
  expect(line[10 * side + 1]).toBe(0)
  expect(line[14 * side + 10]).toBe(0)
})

test('a drawing is the same wherever on the sheet it was made', () => {
  const [one, other] = [centred(drawn(0, 0)), centred(drawn(7, 6))]
  for (const [i, value] of one.entries()) expect(other[i]).toBeCloseTo(value, 4)
})

test('a drawing’s larger extent becomes 20 pixels, its centre of mass the middle', () => {
  const picture = centred(drawn(2, 3))
  const rows = Array.from({ length: side }, (_, row) => picture.subarray(row * side, (row + 1) * side).some((value) => value > 0.5))
  expect(rows.filter(Boolean).length).toBeGreaterThanOrEqual(18)
  expect(rows.filter(Boolean).length).toBeLessThanOrEqual(21)
  let [mass, x] = [0, 0]
  for (const [at, value] of picture.entries()) {
    mass += value
    x += value * ((at % side) + 0.5)
  }
  expect(x / mass).toBeCloseTo(side / 2, 0)
})

test('an empty sheet stays empty', () => {
  expect(isBlank(centred(blank()))).toBe(true)
})

test('halving takes means, from −1 to 1', () => {
  const picture = blank()
  picture[0] = picture[1] = picture[side] = picture[side + 1] = 1
  picture[2] = 1
  expect([...halved(picture).subarray(0, 3)]).toEqual([1, -0.5, -1])
})

test('keys draw: the pen goes down, moves and inks, goes up, and stays on the sheet', () => {
  let pen = freshPen()
  pen = pressed(pen, 'ArrowRight')!
  expect(isBlank(pen.picture)).toBe(true)
  pen = pressed(pen, ' ')!
  expect(pen.down).toBe(true)
  for (let i = 0; i < 40; i++) pen = pressed(pen, 'ArrowDown')!
  expect(pen.at.y).toBe(side - 1)
  expect(pen.picture[20 * side + 15]).toBe(1)
  expect(isBlank(pressed(pen, 'Delete')!.picture)).toBe(true)
  expect(pressed(pen, 'Tab')).toBeUndefined()
})
