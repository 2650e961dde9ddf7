import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { classifierFile } from '../../kits/classifier/index.ts'
import { verb } from '../method.ts'
import { onStandardFeatures, planesFile, readPlane } from './classifier-file.ts'
import { certify, exactMaxMargin } from './exact.ts'
import { signExamples } from './examples.ts'
import { measuredFeatures } from './fit-plane.ts'
import { planeOfOnnx } from './onnx-plane.ts'
import { chosenClasses, dataOptions, examplesOf, readOwn } from './own-examples.ts'

/** Whether a classifier is to be read from ONNX: such a file, or a folder with nothing more exact in it. */
const isOnnx = (path: string): boolean =>
  path.endsWith('.onnx') || (existsSync(join(path, classifierFile)) && !existsSync(join(path, planesFile)))

export const certifyVerb = verb({
  name: 'certify',
  summary: {
    en: 'The margin of any linear classifier on your data, and a proof of the most that is possible',
    zh: '任意线性分类器在数据上的间隔，以及可能达到的上限的证明',
  },
  options: z.object({
    ...dataOptions,
    classifier: z.string().describe('the folder that fit wrote, a JSON file with weights and bias, or any linear classifier as ONNX'),
  }),
  positional: 'data',
  example: 'quire prgd certify digits.csv --target class --positive 3 --negative 8 --classifier runs/prgd/three-eight',
  async run({ options }) {
    const own = await readOwn(options)
    const classes = chosenClasses(own, options)
    const examples = examplesOf(own, classes, options.data)
    const plane = await (isOnnx(options.classifier)
      ? planeOfOnnx(options.classifier, own, classes)
      : readPlane(options.classifier, classes))
    if (plane.weights.length !== examples.x.shape[1]) {
      const what = `${plane.weights.length} weights do not go with ${examples.x.shape[1]} features`
      throw new InputError(what, { where: options.classifier, fix: 'give the data that it was fitted on' })
    }
    const { z } = signExamples(measuredFeatures(examples.x, plane.standardized), examples.y, options)
    const { margin, upperBound } = certify(z, onStandardFeatures(plane).subarray(0, z.shape[1]))
    const best = exactMaxMargin(z)
    return {
      lines: [
        `margin ${margin.toPrecision(10)}${margin > 0 ? '' : ': it does not separate the classes'}`,
        `proof from the classifier itself: no margin is above ${upperBound.toPrecision(10)}`,
        `exact solver: between ${best.margin.toPrecision(10)} and ${best.upperBound.toPrecision(10)}`,
      ],
      json: { margin, upperBound, exact: { margin: best.margin, upperBound: best.upperBound } },
      status: margin > 0 ? 0 : 1,
    }
  },
})
