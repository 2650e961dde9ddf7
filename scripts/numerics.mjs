// Measures the accuracy of special functions and Fourier transforms and writes docs/numerics.md: npm run build && node scripts/numerics.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import * as fft from '../dist/engine/fft.js'
import * as quire from '../dist/engine/index.js'
import * as special from '../dist/engine/special.js'

const { evaluate, key, random, tensor } = quire
const published = JSON.parse(readFileSync(new URL('../src/engine/testing/special-values.json', import.meta.url), 'utf8'))
const dataOf = async (x) => [...(await x.data())]
const worst = (errors) => errors.reduce((most, error) => Math.max(most, error), 0).toExponential(1)

async function errorsOf(name) {
  const rows = published[name]
  const run = name === 'erf' ? quire.erf : special[name]
  const columns = rows[0].slice(0, -1).map((_, i) => rows.map((row) => row[i]))
  const values = (type) => run(...columns.map((column) => tensor(type.from(column))))
  const double = await dataOf(values(Float64Array))
  const single = await dataOf(values(Float32Array))
  const atSingle = await dataOf(run(...columns.map((column) => tensor(Float64Array.from(Float32Array.from(column))))))
  const relative = (found, value) => (value === 0 ? Math.abs(found) : Math.abs(found / value - 1))
  const normal = (value) => Math.abs(value) > 1e-37 && Math.abs(value) < 1e38
  return [
    rows.length,
    worst(rows.map((row, i) => relative(double[i], row.at(-1)))),
    worst(atSingle.flatMap((value, i) => (normal(value) ? [relative(single[i], value)] : []))),
  ]
}

async function transformErrors(n) {
  const errors = []
  for (const dtype of ['float64', 'float32']) {
    const x = { re: random.normal(key(n), [n], { dtype }), im: random.normal(key(n + 1), [n], { dtype }) }
    const y = fft.fft(x)
    await evaluate([x, y])
    const [re, im, a, b] = await Promise.all([x.re, x.im, y.re, y.im].map(dataOf))
    let [difference, size] = [0, 0]
    for (let k = 0; k < n; k += Math.ceil(n / 128)) {
      let [c, d] = [0, 0]
      for (let j = 0; j < n; j++) {
        const angle = (-2 * Math.PI * ((j * k) % n)) / n
        c += re[j] * Math.cos(angle) - im[j] * Math.sin(angle)
        d += re[j] * Math.sin(angle) + im[j] * Math.cos(angle)
      }
      difference += (a[k] - c) ** 2 + (b[k] - d) ** 2
      size += c * c + d * d
    }
    errors.push(Math.sqrt(difference / size).toExponential(1))
  }
  return errors
}

const row = (cells) => `| ${cells.join(' | ')} |`
const functions = await Promise.all(Object.keys(published).map(async (name) => row([name, ...(await errorsOf(name))])))
const transforms = []
for (const n of [8, 64, 67, 1000, 1009, 1024, 4096, 44100]) transforms.push(row([n, ...(await transformErrors(n))]))

writeFileSync(
  new URL('../docs/numerics.md', import.meta.url),
  `# Linear algebra, FFT, special functions

This page is written by \`npm run build && node scripts/numerics.mjs\`.

## Special functions (\`quire/special\`)

Most run on the host, in float64 for both dtypes: a compiled graph is cut there, and such a function can be neither exported nor part of
\`whileLoop\`. \`erf\`, \`logSigmoid\`, \`logit\`, \`xlogy\`, \`sinc\` stay in the graph. No derivative is defined for \`n\` of
\`polygamma\` and \`s\` of \`zeta\`: asking for one is an error. The derivatives of \`gammainc\`, \`gammaincc\` and \`betainc\` in their shapes, of any
order, come from the same series and fractions in power series of the shapes; \`src/engine/special.test.ts\` compares the first and second with
differences of 60-digit values (\`src/engine/testing/shape-derivatives.json\`).

The largest error at the points of \`src/engine/testing/special-values.json\` (60 digits, \`scripts/special-values.py\`), relative to each value:
float64 against the published value, float32 against float64 at the rounded argument. The distribution functions are also taken deep in their
tails, at values down to 10⁻²⁶³ and shapes from 10⁻¹⁰ to 10⁸: exponents are summed in double-double there. \`lgamma\` between its negative poles has
zeros that no formula here is tuned to.

| function | points | float64 | float32 |
|---|---|---|---|
${functions.join('\n')}

## Fourier transforms (\`quire/fft\`)

Made of matrix products: whole matrices up to 64, factors up to 64 above, Bluestein's convolution in float64 for long primes. The error against
sums in float64, as a norm relative to the result's:

| length | float64 | float32 |
|---|---|---|
${transforms.join('\n')}

## Linear algebra (\`quire/linalg\`)

Factorizations run on the host in float64 and are rounded to the dtype. A matrix that cannot be factored gives NaN or infinities, each example for
itself. Eigenvectors and singular vectors have a fixed sign; the derivatives of those whose values are equal up to rounding leave out their rotation
among each other, so that gradients are right for functions that do not depend on it.

## Distributions (\`random\`)

Samples made by a smooth function of noise (\`normal\`, \`exponential\`, \`gumbel\`, \`laplace\`, \`logistic\`, \`truncatedNormal\`) pass derivatives to the
numbers they are combined with. \`gamma\`, \`beta\`, \`dirichlet\` (eight proposals each; the last is kept where all are refused, once in 10¹⁰) and
the counts \`poisson\`, \`binomial\` pass none to their parameters.
`,
)
