import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright'

/** What breaks WCAG 2.2 AA, or what axe-core calls best practice, a line each. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    }),
  )
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${impact} ${id}: ${html.slice(0, 160)}: ${failureSummary}`),
  )
}

/** Pixels by which a page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
