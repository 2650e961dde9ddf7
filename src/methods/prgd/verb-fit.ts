import { join } from 'node:path'
import { z } from 'zod'
import type { OwnData } from '../../data/index.ts'
import { makeFolder, shellCommand, writeAtomically, writeJson } from '../../experiment/index.ts'
import { type VerbContext, type VerbResult, verb } from '../method.ts'
import { planesFile } from './classifier-file.ts'
import { fitPictures } from './fit-figures.ts'
import { curveLines, type FittedPlane, factsOf, fitPlane, marginLine, scaleOf, speedWarnings } from './fit-plane.ts'
import { separatorNames } from './max-margin.ts'
import { logitsOf, type MultiClass, multiClassNames, problemsOf } from './multi-class.ts'
import { type ClassPair, chosenClasses, constantFeatures, dataOptions, examplesOf, readOwn } from './own-examples.ts'
import { accuracyOfPlanes, type PlaneClassifier, savePlanes } from './saved-planes.ts'
import { optionsOf, trainingOptions } from './training-options.ts'

const options = z.object({
  ...dataOptions,
  multiClass: z.enum(multiClassNames).optional().describe('tell all classes apart: a plane for each against the rest, or for each pair'),
  method: z.enum(separatorNames).default('prgd').describe('what separates; svm is the exact solver'),
  ...trainingOptions,
  out: z.string().default('runs/prgd/fit').describe('folder for the classifier (JSON, safetensors, ONNX), the curve and pictures'),
})

type Context = VerbContext<z.output<typeof options>>

export const fitVerb = verb({
  name: 'fit',
  summary: {
    en: 'Separates two classes by a large margin, and says how far from the largest it can be; or all classes, two by two',
    zh: '以大间隔分开两类，并说明与最大间隔最多相差多少；也可两两分开所有类别',
  },
  options,
  positional: 'data',
  example: 'quire prgd fit digits.csv --target class --positive 3 --negative 8 --steps 2000 --out runs/prgd/three-eight',
  async run(context) {
    const { multiClass } = context.options
    const own = await readOwn(context.options)
    if (multiClass) return fitAll(context, own, multiClass)
    return fitTwo(context, own, chosenClasses(own, context.options))
  },
})

async function fitTwo(context: Context, own: OwnData, classes: ClassPair): Promise<VerbResult> {
  const { out } = context.options
  const fitted = await fitOne(context, own, classes, context.progress)
  const { plane, result } = fitted
  const facts = factsOf(fitted)
  makeFolder(out)
  writeJson(join(out, planesFile), { ...facts, featureNames: own.featureNames })
  await savePlanes({ classes: [plane.negative, plane.positive], planes: [plane], logits: (distances) => distances }, own, out)
  for (const { file, svg } of await fitPictures(fitted)) writeAtomically(join(out, file), svg)
  if (result.trajectory) writeAtomically(join(out, 'curve.jsonl'), curveLines(result.trajectory))
  return {
    lines: [
      marginLine(result),
      `accuracy on these examples ${facts.accuracy.toFixed(4)}, ${facts.supportRows.length} of them within 1 % of the margin`,
      `written: ${out}`,
      `next: ${certifyCommand(context.options)}`,
    ],
    json: { ...facts, out },
  }
}

/** What proves the fit, with the same choice of data. */
function certifyCommand({ data, target, drop, positive, negative, bias, out }: Context['options']): string {
  const choice = Object.entries({ target, drop: drop.join(), positive, negative }).flatMap(([name, value]) =>
    value ? [`--${name}`, value] : [],
  )
  return shellCommand(['quire', 'prgd', 'certify', data, ...choice, ...(bias ? [] : ['--no-bias']), '--classifier', out])
}

async function fitAll(context: Context, own: OwnData, multiClass: MultiClass): Promise<VerbResult> {
  const { out } = context.options
  const { classes, featureNames } = own
  const problems = problemsOf(classes.length, multiClass)
  const fitted: FittedPlane[] = []
  for (const [i, { positive, negative }] of problems.entries()) {
    const pair = { positive: classes[positive], negative: negative === undefined ? undefined : classes[negative] }
    const within = (done: number, total: number) => context.progress(i + done / total, problems.length)
    fitted.push(await fitOne(context, own, pair, within))
  }
  const planes = fitted.map(({ plane }) => plane)
  const classifier: PlaneClassifier = { classes, planes, logits: (distances) => logitsOf(distances, problems, classes.length) }
  const accuracy = await accuracyOfPlanes(classifier, own)
  const about = { classes, multiClass, accuracy, planes: fitted.map(factsOf) }
  makeFolder(out)
  writeJson(join(out, planesFile), { ...about, featureNames })
  await savePlanes(classifier, own, out)
  const curves = fitted.flatMap(({ result: { trajectory }, plane: { positive, negative } }) =>
    trajectory ? [curveLines(trajectory, { positive, negative })] : [],
  )
  if (curves.length > 0) writeAtomically(join(out, 'curve.jsonl'), curves.join(''))
  return {
    lines: [
      ...fitted.map(({ plane, result }) => `${plane.positive} against ${plane.negative}: ${marginLine(result)}`),
      `accuracy on these examples ${accuracy.toFixed(4)}`,
      `written: ${out}`,
    ],
    json: { ...about, out },
  }
}

/** Fits one plane, and warns of features and settings that do no good. */
async function fitOne({ options, log }: Context, own: OwnData, classes: ClassPair, progress: Context['progress']): Promise<FittedPlane> {
  const examples = examplesOf(own, classes, options.data)
  log(`${examples.y.length} examples, ${examples.x.shape[1]} features: ${examples.positive} against ${examples.negative}`)
  const constant = own.imageShape ? [] : constantFeatures(examples).map((j) => own.featureNames?.[j] ?? `feature ${j}`)
  if (constant.length > 0) log(`constant in these examples, and of no use: ${listed(constant)}; --drop leaves columns out`)
  const { method, bias, standardize } = options
  const fitted = await fitPlane(examples, scaleOf(examples.x, options), { ...optionsOf(options), method, bias, standardize, progress })
  for (const line of speedWarnings(fitted.result, optionsOf(options))) log(line)
  return fitted
}

/** The first few names, and how many more. */
const listed = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
