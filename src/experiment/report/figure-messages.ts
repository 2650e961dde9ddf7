import type { Text } from '../text.ts'

/** How a chart is told in words. */
export const figureMessages = {
  axes: (y: string, x: string): Text => ({ en: `${y} against ${x}.`, zh: `${x} — ${y}。` }),
  fromTo: (from: string, at: string, to: string, then: string): Text => ({
    en: `from ${from} at ${at} to ${to} at ${then}`,
    zh: `从 ${at} 处的 ${from} 到 ${then} 处的 ${to}`,
  }),
  lowest: (value: string, at: string): Text => ({ en: `lowest ${value} at ${at}`, zh: `最低 ${value}（${at} 处）` }),
  highest: (value: string, at: string): Text => ({ en: `highest ${value} at ${at}`, zh: `最高 ${value}（${at} 处）` }),
  cloud: (count: number, [left, right]: [string, string], [low, high]: [string, string]): Text => ({
    en: `${count} points, from ${left} to ${right} across and from ${low} to ${high} up`,
    zh: `${count} 个点，横向 ${left} 至 ${right}，纵向 ${low} 至 ${high}`,
  }),
  cells: (count: number, [low, high]: readonly { value: string; x: string; y: string }[]): Text => ({
    en: `${count} cells, lowest ${low.value} at (${low.x}, ${low.y}), highest ${high.value} at (${high.x}, ${high.y})`,
    zh: `${count} 个单元格，最低 ${low.value}（${low.x}，${low.y}），最高 ${high.value}（${high.x}，${high.y}）`,
  }),
  arrows: (count: number): Text => ({ en: `${count} arrows`, zh: `${count} 个箭头` }),
  noPoints: { en: 'nothing measured', zh: '无测量值' },
  comma: { en: ', ', zh: '，' },
  semicolon: { en: '; ', zh: '；' },
  colon: { en: ': ', zh: '：' },
  stop: { en: '. ', zh: '。' },
} satisfies Record<string, Text | ((...given: never[]) => Text)>
