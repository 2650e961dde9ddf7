import { z } from 'zod'
import { InputError } from '../../engine/index.ts'
import { type CodeBleu, codeBleu } from '../../kits/codegen/index.ts'
import { verb } from '../method.ts'
import { readPrograms } from './predictions.ts'

export const codebleuVerb = verb({
  name: 'codebleu',
  summary: {
    en: 'How like predictions are to references: CodeBLEU and its four parts',
    zh: '预测与参考代码的相似度：CodeBLEU 及其四个部分',
  },
  options: z.object({
    files: z
      .array(z.string())
      .length(2, 'give two files: references, then predictions')
      .describe('references and predictions: JSONL with a program a line, or text with a program of one line a line'),
    lang: z.enum(['python']).default('python').describe('what the programs are written in'),
    mode: z
      .enum(['proper', 'official'])
      .default('proper')
      .describe('official scores as the study’s code does: predictions in one line, comments as if they were Java’s'),
  }),
  positional: 'files',
  example: 'quire peft-code codebleu intents.jsonl answers.jsonl --lang python --mode proper',
  async run({ options: { files, mode } }) {
    const [references, predictions] = await Promise.all([readPrograms(files[0], 'reference'), readPrograms(files[1], 'prediction')])
    if (references.length !== predictions.length)
      throw new InputError(`${predictions.length} predictions do not go with ${references.length} references`, {
        where: files[1],
        fix: `give one for each line of ${files[0]}`,
      })
    const parts = await codeBleu(references, predictions, { mode })
    return {
      lines: [`${references.length} programs, ${mode}`, ...codeBleuLines(parts)],
      json: { programs: references.length, mode, ...parts },
    }
  },
})

const names = {
  codebleu: 'CodeBLEU',
  bleu: 'BLEU-4',
  weightedMatch: 'weighted n-grams',
  astMatch: 'syntax trees',
  dataFlowMatch: 'data flow',
} as const satisfies Record<keyof CodeBleu, string>

const codeBleuLines = (parts: CodeBleu): string[] =>
  Object.entries(names).map(([name, title]) => `${title.padEnd(18)}${parts[name as keyof CodeBleu].toFixed(4)}`)
