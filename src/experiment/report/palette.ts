/*
 * How series look. Colours that people with any kind of colour vision tell apart (after Okabe & Ito, each at 3 : 1 or more on white), and never colour
 * alone: lines also differ by dashes, points by shape.
 */
const colours = ['#0072b2', '#d55e00', '#009e73', '#c76a9c', '#ad8200', '#2f95d0', '#7f6a5a', '#888888']
const dashes = ['none', '7 3', '2 2', '8 3 2 3', '12 3', '1 4', '5 2 1 2 1 2', '3 6']
const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross', 'times'] as const

/** The custom properties that a page may set for its own colours, such as those of the dark. */
export const seriesColour = (i: number): string => `var(--series-${(i % colours.length) + 1}, ${colours[i % colours.length]})`

/** After a round of colours dashes and symbols are shifted, so that no two series look alike before the 65th. */
const shifted = (i: number): number => (i + Math.floor(i / colours.length)) % colours.length

export const seriesDash = (i: number): string => dashes[shifted(i)]
export const seriesSymbol = (i: number): (typeof symbols)[number] => symbols[shifted(i)]

/** A drawing with the colours themselves in the place of the properties. */
export const withPlainColours = (svg: string): string => svg.replace(/var\(--series-\d, (#[0-9a-f]{6})\)/g, '$1')
