/** The tables of the documentation, from what the comparisons found. */

const small = (value) => (value === 0 ? '0' : value.toExponential(1))

const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

export function interopPage({
  derivatives,
  'onnx-files': files,
  'torch-models': models,
  formats,
  'onnx-node': nodes,
  margins,
  explanations,
  tensorboard,
  mlflow,
  'language-models': languageModels,
  adapters,
  gguf,
  'diffusion-networks': denoising,
}) {
  const titles = { torch: 'PyTorch', jax: 'JAX' }
  const libraries = derivatives.rows.map(({ library, version, programs, primitives, numbers, worst }) => [
    `${titles[library]} ${version}`,
    programs,
    primitives,
    numbers,
    small(worst.value),
    small(worst.gradient),
    small(worst.second),
  ])
  const unasked = derivatives.rows.flatMap(({ library, missing }) =>
    missing.map(([name, why]) => [titles[library], `\`${name}\``, why.replace(/\.$/, '')]),
  )
  const networks = models.rows.map(({ name, value, gradient }) => [
    name,
    small(value),
    gradient === null ? 'integers go in' : small(gradient),
  ])
  const { versions, losses } = files
  return `# Second opinions

Written by \`npm run interop\`, which compares Quire with Python's libraries. Quire, its tests and its CI need no Python. The command needs Python 3.11 or
later and, once, a package index: it installs the pinned versions of \`interop/requirements.txt\` into \`interop/.venv\` (2 GB with the CPU build of PyTorch,
three minutes on a fast line). The comparisons take some ten minutes on two cores. Delete \`interop/.venv\` to start from nothing.

## Values, gradients, second derivatives

All ${derivatives.asked} primitives are asked of both: their samples (in float64, int32, uint32 or bool) where the library takes the same arguments, else a
function of \`interop/functions.ts\` beside the library's own in \`interop/functions.py\` (factorizations, solvers, Fourier transforms of even, odd and prime
lengths, loops, branches, checkpoints, custom rules); and ${derivatives.randomPrograms} random compositions of 4 to 12 primitives (seeded). The scalar Σ w·(y² + y) of all results is
differentiated, and its gradient once more along a direction. Factors that are unique up to signs are compared by their squares and by products in
which signs cancel. Differences are relative to the largest element (or to 1); a run with one above ${small(derivatives.tolerance)} fails.

${table(['against', 'programs', 'primitives', 'numbers', 'worst value', 'worst gradient', 'worst second derivative'], libraries)}

What a library cannot be asked:

${table(['library', 'primitive', 'why'], unasked)}

JAX differentiates \`gammainc\` and \`gammaincc\` in the shape once, no library twice, and none \`betainc\` in its shapes: \`src/engine/special.test.ts\` compares
those with differences of 60-digit values. Counts (\`poissonQuantile\`, \`binomialQuantile\`) are SciPy's, which comes with JAX. \`hostCall\` stands for a
function of the user's own; here it is x³.

## Language models

${languageModelText({ languageModels, adapters, gguf })}

## Files

${table(
  ['what', 'found'],
  [
    [
      `exported models that the checker of \`onnx\` ${versions.onnx} accepts (with full shape inference)`,
      `${files.checked - files.rejected.length} of ${files.checked}`,
    ],
    [
      `exported models that \`onnxruntime\` ${versions.onnxruntime} runs with Quire's results`,
      `${files.run}; worst difference ${small(files.worst)}`,
    ],
    [
      'a training step exported and run by it',
      `${losses.steps} steps, loss ${losses.first.toFixed(4)} to ${losses.last.toFixed(4)}; worst difference ${small(losses.distance)}`,
    ],
    ...formats.rows,
    [
      'the ONNX standard’s own tests of the operators that `importOnnx` reads',
      `${nodes.passed} of ${nodes.total} pass; [by operator](onnx.md)`,
    ],
  ],
)}

${largestMargins(margins)}

${denoisers(denoising)}

## Networks that PyTorch exports, read by \`importOnnx\`

\`torch.onnx.export\` of PyTorch ${models.torch}, by both of its exporters; worst absolute differences in float32.

${table(['network', 'output', "gradient of the output's squares"], networks)}

${explanationsSection(explanations)}
${trackersSection(tensorboard, mlflow)}`
}

/** What `tensorboard.interop.ts` and `mlflow.interop.ts` found. */
export const trackersSection = (tensorboard, mlflow) => `## Runs for trackers (quire export)

${table(
  ['what', 'found'],
  [
    [
      `event files, read by TensorBoard ${tensorboard.version}'s own readers and asked of its server`,
      `${tensorboard.files} files, ${tensorboard.events} events; ${tensorboard.scalars} scalars equal as float32, with steps and times`,
    ],
    [
      `a run exported to a server of MLflow ${mlflow.version}, read by its own client`,
      `${mlflow.runs} runs, ${mlflow.numbers} points of metrics equal as float64, ${mlflow.params} params, ${mlflow.tags} tags, ${mlflow.files} files; exported again, nothing is there twice`,
    ],
    ['what both sides said, against the recording that `npm test` uses', 'the same'],
  ],
)}
`

/** What `explanations.interop.ts` found. */
export const explanationsSection = ({ version, tolerance, rows }) => `## Explanations and attacks on them (R2ET)

The terms of \`quire/r2et\` against PyTorch ${version}'s double backward in float64, on perceptrons of two and three classes: maps, gaps, norms of the
Hessian, nine objectives with their gradients by all parameters, attacks with their slopes, and a whole attack of 25 steps. Differences are relative to the
largest element; one above ${small(tolerance)} fails (above ${small(1e3 * tolerance)} where gradients are subtracted and divided by 1e-3).

${table(
  ['what', 'numbers', 'worst difference'],
  rows.map(({ name, numbers, distance }) => [name, numbers, small(distance)]),
)}
`

const denoisers = ({ version, tolerance, rows }) => `## Networks that denoise

The parts of the diffusion kit's U-Net and the whole of it beside the same networks of PyTorch ${version}'s modules, in float64: values, and gradients of the input and of all
parameters, relative to the largest element of each tensor. A difference above ${small(tolerance)} fails.

${table(
  ['what', 'tensors', 'worst difference'],
  rows.map(({ name, tensors, worst }) => [
    { norm: 'group norm', block: 'residual block', unet: 'U-Net' }[name] ?? name,
    tensors,
    small(worst),
  ]),
)}`

export function operatorTable({ version, rows, passed, total, other }) {
  const reasons = (faults) => faults.map(({ count, why }) => `${count}: ${why}`).join('; ')
  return `The operators that are read, with the cases of the standard's own tests (\`onnx\` ${version}) that pass: ${passed} of ${total}. Results must agree within
1e-3 of the element (half floats, which are computed in float32: within their own rounding).

${table(
  ['operator', 'passed', 'not passed, and why'],
  rows.map(({ operator, passed, total, faults }) => [operator, `${passed} / ${total}`, reasons(faults)]),
)}

Not in the list: ${other.cases} cases of other operators, of sequences and optionals, of strings and of types below 8 bits.
`
}

export function largestMargins(margins) {
  return `## Largest margins

The exact solver of \`quire/prgd\` against the active sets of Goldfarb and Idnani (\`quadprog\` ${margins.quadprog}) and against scikit-learn ${margins.sklearn}'s hard-margin
\`SVC\` (tolerance ${small(margins.libsvmTolerance)}): relative differences of margins, distances of unit vectors, and the relative gap that our proof leaves; all support
vectors of both lie on our margin. A difference to \`quadprog\` above ${small(margins.tolerance)} fails. \`SVC\` never finds more; its libsvm keeps products of examples in float32, which is its
limit where margins are small.

${table(
  ['sets', 'of them', 'margin, `quadprog`', 'vector, `quadprog`', 'proof', 'margin, `SVC`', 'vector, `SVC`', 'support vectors'],
  margins.rows.map(({ family, count, margin, weights, certificate, libsvmMargin, libsvmWeights, supports }) => [
    family,
    count,
    ...[margin, weights, certificate, libsvmMargin, libsvmWeights].map(small),
    supports,
  ]),
)}`
}

/** The largest differences of logits, read here and written here. */
const worstOf = ({ cases }) => ['read', 'written'].map((side) => small(Math.max(...Object.values(cases).map((one) => one[side]))))

function languageModelText({ languageModels, adapters, gguf }) {
  const rows = [
    [`models, \`transformers\` ${languageModels.version}`, Object.keys(languageModels.cases).length, ...worstOf(languageModels)],
    [`adapters, \`peft\` ${adapters.version}`, Object.keys(adapters.cases).length, ...worstOf(adapters)],
  ]
  const probabilities = Object.entries(gguf.worst).map(([name, error]) => [name, small(error)])
  return `Tiny models of every family with random weights, and adapters of every kind on five of them, go both ways. What is compared are logits: those of the
files that the others write, computed here, and those of the files written here, computed there (in float64, as far as they compute in it). Greedy and
beam search give the same tokens.

${table(['what', 'files', 'worst logit, read', 'worst logit, written'], rows)}

llama.cpp, by \`node-llama-cpp\` (\`interop/llama/\`), reads the GGUF files that are written here and gives the same tokens; the worst difference of a
token's probability is, with keys and values kept as floats (it looks GELU up in a table of halves):

${table(['model', 'worst probability'], probabilities)}`
}
