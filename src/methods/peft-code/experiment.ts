import { experiment, type Items } from '../../experiment/index.ts'
import { chrf } from '../../kits/codegen/index.ts'
import { average } from '../../kits/metrics/index.ts'
import { ranks } from './answers.ts'
import { apiUnit } from './api-unit.ts'
import { arms } from './arms.ts'
import { claims, controls } from './claims.ts'
import { config } from './config.ts'
import { type Data, loadData } from './data.ts'
import { estimateOf } from './estimate.ts'
import { figures } from './figures.ts'
import { iclUnit } from './icl.ts'
import { searched } from './searched.ts'
import { bitsPerByte, tuningUnit } from './unit.ts'

const bpbOf = (items: Items): number => bitsPerByte(items.numbers('bits'), items.numbers('bytes'))

export default experiment<typeof config, Data>({
  method: 'peft-code',
  workers: { module: import.meta.url, threads: 1 },
  config,
  presets: {
    smoke: {
      seeds: 1,
      config: {
        llm: 'tiny',
        steps: { base: 4, longBase: 1, tuning: 2, api: 2 },
        batch: 4,
        maxPrompt: 60,
        maxCompletion: 40,
        maxProgram: 40,
        context: 400,
        test: { conala: 8, mbpp: 4, api: 4, decoded: 2 },
      },
    },
    small: { seeds: 3 },
    // CodeLlama-7B and CodeGen-350M: limits in tokens of theirs, five epochs of batches of 8.
    paper: {
      seeds: 3,
      config: {
        llm: 'codeLlama7b',
        slm: 'codegen350m',
        steps: { tuning: 1334 },
        batch: 8,
        maxPrompt: 64,
        maxCompletion: 64,
        maxProgram: 128,
        test: { conala: 478, decoded: 478 },
        learningRates: {
          lora: 3e-4,
          loraAll: 3e-4,
          nf4: 3e-4,
          apiLora: 3e-4,
          ia3: 3e-3,
          prompt: 3e-3,
          prefix: 3e-2,
          full: 5e-5,
          slm: 5e-5,
          apiFull: 5e-5,
        },
      },
    },
  },
  data: ({ config, data, log }) => loadData(config, { data, log }),
  arms,
  unit: (context) => ({ tune: tuningUnit, icl: iclUnit, api: apiUnit })[context.config.task](context),
  estimate: estimateOf,
  claims,
  controls,
  from: {
    test: (items) => ({ bpb: bpbOf(items) }),
    mbpp: (items) => ({ bpbMbpp: bpbOf(items) }),
    answers: (items) => ({
      chrf: chrf(items.texts('found'), items.texts('wanted')),
      ...Object.fromEntries(['parses', ...ranks.map((k) => `em${k}`)].map((name) => [name, average(items.numbers(name))])),
    }),
    calls: (items) => {
      const [wanted, found] = [items.texts('wanted'), items.texts('found')]
      return { bpb: bpbOf(items), exactMatch: found.filter((text, i) => text === wanted[i]).length / found.length }
    },
  },
  figures,
  searched,
  learning: {
    // From a base that has hardly learned anything, all weights learn sooner than a few of them.
    arm: 'api/full',
    series: 'loss',
    direction: 'down',
    config: { steps: { api: 30 }, learningRates: { apiFull: 1e-2 } },
    without: { rateScale: 1e-3, learningRates: { apiFull: 1e-6 } },
  },
  differences: [
    {
      en: 'The measure is bits a byte of the reference answers, which moves where exact match is still 0; exact match, chrF and CodeBLEU are given for 50 answers of two arms.',
      zh: '主要指标为参考答案的每字节比特数（精确匹配为 0 时仍可区分）；精确匹配、chrF 与 CodeBLEU 仅对两个方法的 50 个答案给出。',
    },
    {
      en: 'Small models of our own on bytes, 100 steps of AdamW at the best of three rates; the study has models of 0.35 to 34 billion numbers, five epochs of Adafactor at fixed rates.',
      zh: '使用自训的小型字节模型，100 步 AdamW，从三个学习率中选优；论文为 3.5 亿至 340 亿参数模型、五轮 Adafactor 与固定学习率。',
    },
    {
      en: 'CoNaLa in its original split, answers of one line; MBPP in the place of CodeAlpaca, whose licence forbids to store it; APPS is not repeated.',
      zh: 'CoNaLa 采用原始划分且仅单行答案；以 MBPP 代替许可受限的 CodeAlpaca；未重复 APPS。',
    },
    {
      en: 'Joint training takes as many steps as training on the two sets apart.',
      zh: '联合训练的步数等于在两个数据集上分别训练的步数之和。',
    },
  ],
})
