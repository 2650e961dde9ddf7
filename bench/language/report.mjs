/** The results as a page. */
const rate = (count, ms) => (ms === undefined ? '' : Math.round((1000 * count) / ms).toLocaleString('en'))

const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n')

const title = ({ kind, batch, prompt, length, model }, { parameters }) =>
  kind === 'generate'
    ? `Generation, ${model} (${parameters.toLocaleString('en')} parameters), ${batch === 1 ? 'one text' : `${batch} texts`}, prompts of ${prompt} tokens`
    : `Training, ${model} (${parameters.toLocaleString('en')} parameters), ${batch}×${length} tokens a step, Adam`

function jobTable(job) {
  const { kind, batch, prompt, length, results } = job
  const best = results.find(({ id }) => id === 'quire')
  const against = (ms, own) => (ms && own ? `${(ms / own).toFixed(2)}` : '')
  const rows = results.map(({ title, prefillMs, stepMs, peakRssMb, problem }) =>
    problem
      ? [title, problem, ...new Array(kind === 'generate' ? 4 : 2).fill('')]
      : kind === 'generate'
        ? [
            title,
            rate(batch * prompt, prefillMs),
            rate(batch, stepMs),
            against(prefillMs, best?.prefillMs),
            against(stepMs, best?.stepMs),
            Math.round(peakRssMb),
          ]
        : [title, rate(batch * length, stepMs), against(stepMs, best?.stepMs), Math.round(peakRssMb)],
  )
  const head =
    kind === 'generate'
      ? ['', 'prompt tokens/s', 'new tokens/s', "time of the prompt / quire's", "time of a step / quire's", 'MB']
      : ['', 'tokens/s', "time / quire's", 'MB']
  return table(head, rows)
}

/** Generation at growing contexts, one line a context. */
function contextTable(jobs) {
  const peers = jobs[0].results.map(({ id, title }) => ({ id, title }))
  const head = ['context', ...peers.flatMap(({ title }) => [`${title}: prompt, ms`, 'step, ms'])]
  const cell = (ms, digits) => (ms === undefined ? '' : ms.toFixed(digits))
  const rows = jobs.map(({ prompt, results }) => [
    prompt,
    ...peers.flatMap(({ id }) => {
      const { prefillMs, stepMs } = results.find((result) => result.id === id)
      return [cell(prefillMs, 0), cell(stepMs, 1)]
    }),
  ])
  return table(head, rows)
}

export function markdown({ machine, models, jobs }) {
  const own = jobs.filter(({ name }) => !name.startsWith('context-'))
  const contexts = jobs.filter(({ name }) => name.startsWith('context-'))
  const versions = Object.assign({}, ...jobs.flatMap(({ results }) => results.map((result) => result.versions ?? {})))
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    '# Language models: speed',
    '',
    'Written by `npm run bench:language`; [bench/language/README.md](../../bench/language/README.md) says what is measured and how.',
    '',
    `${machine.cpu}, ${machine.threads} threads, Node ${machine.node}${named.length > 0 ? `, ${named.join(', ')}` : ''}, float32; load before the run ${machine.load.toFixed(1)}.`,
    ...own.flatMap((job) => ['', `## ${title(job, models[job.model])}`, '', jobTable(job)]),
    ...(contexts.length > 0 ? ['', `## Cost as the context grows, ${contexts[0].model}, one text`, '', contextTable(contexts)] : []),
    '',
  ].join('\n')
}
