import type { ArmKind } from '../definition.ts'
import { countText, type Text } from '../text.ts'
import type { IntervalKind, Statistic } from '../verdict/estimate.ts'
import type { Outcome } from '../verdict/judgement.ts'
import type { Reason, Verdict } from '../verdict/verdict.ts'

/** Every text that people read in reports and on the page. A language that is missing somewhere is a type error. */
const texts = {
  report: { en: 'Report', zh: '报告' },
  language: { en: 'Language', zh: '语言' },
  claims: { en: 'Claims', zh: '论断' },
  claim: { en: 'Claim', zh: '论断' },
  paper: { en: 'Paper', zh: '论文' },
  ours: { en: 'Ours [95 % interval]', zh: '实测 [95 % 区间]' },
  baseline: { en: 'Baseline', zh: '基线' },
  bar: { en: 'Bar', zh: '判定线' },
  verdict: { en: 'Verdict', zh: '结论' },
  noClaims: { en: 'This preset judges no claim; it only walks the whole path.', zh: '此预设只走通全流程，不判定任何论断。' },
  controls: { en: 'Negative controls', zh: '负对照' },
  controlsWhy: {
    en: 'A claim is worth something only if it can fail: here the essential part was removed on purpose, and the same check must fail.',
    zh: '论断只有可能失败才有意义：这里故意去掉关键部分，同一检验必须失败。',
  },
  broken: { en: 'What was broken on purpose', zh: '故意破坏之处' },
  mustFail: { en: 'Claims that must fail then, and do they', zh: '此时必须失败的论断，及是否失败' },
  failsAsItShould: { en: 'Fails as it should', zh: '如期失败' },
  failsShort: { en: 'fails', zh: '失败' },
  doesNotFail: { en: 'does not fail', zh: '未失败' },
  yes: { en: 'yes', zh: '是' },
  no: { en: 'NO', zh: '否' },
  figures: { en: 'Figures', zh: '图' },
  table: { en: 'Table', zh: '数据表' },
  contents: { en: 'Contents', zh: '目录' },
  expected: { en: 'What to look for:', zh: '看点：' },
  noData: { en: 'This run has no data for it.', zh: '此运行没有相应数据。' },
  control: { en: 'Control', zh: '负对照' },
  code: { en: 'Code', zh: '代码' },
  ended: { en: 'Ended', zh: '结束' },
  clock: { en: 'Time on the clock', zh: '实际用时' },
  checklist: { en: 'Reproducibility checklist', zh: '可复现性清单' },
  checklistWhy: {
    en: 'Every answer is filled from what the run itself recorded. What it did not record is said, with the reason, and never guessed.',
    zh: '每个答案都取自运行自身的记录。未记录之处会说明原因，绝不猜测。',
  },
  notRecorded: { en: 'Not recorded', zh: '未记录' },
  arms: { en: 'All measurements', zh: '全部测量值' },
  arm: { en: 'Arm', zh: '实验臂' },
  kind: { en: 'Kind', zh: '类别' },
  quantity: { en: 'Quantity', zh: '量' },
  mean: { en: 'Mean', zh: '均值' },
  interval: { en: '95 % interval', zh: '95 % 区间' },
  perSeed: { en: 'By seed', zh: '各种子' },
  seeds: { en: 'Seeds', zh: '种子' },
  cost: { en: 'Cost', zh: '开销' },
  time: { en: 'Training time', zh: '训练时间' },
  memory: { en: 'Peak memory', zh: '内存峰值' },
  flops: { en: 'Floating-point operations', zh: '浮点运算数' },
  parameters: { en: 'Parameters', zh: '参数量' },
  data: { en: 'Data', zh: '数据' },
  realData: { en: 'real', zh: '真实数据' },
  generatedData: { en: 'generated, not real', zh: '生成数据，非真实' },
  notReal: {
    en: 'These numbers come from generated data, not from real data. They say nothing about the real data set.',
    zh: '以下数字来自生成数据，而非真实数据，不能说明真实数据集上的情况。',
  },
  source: { en: 'Source', zh: '来源' },
  licence: { en: 'Licence', zh: '许可' },
  repeat: { en: 'How to repeat it', zh: '如何复现' },
  setup: { en: 'Setup', zh: '环境' },
  machine: { en: 'Machine', zh: '机器' },
  batches: { en: 'Batches', zh: '批次' },
  versions: { en: 'Versions', zh: '版本' },
  preset: { en: 'Preset', zh: '预设' },
  config: { en: 'Configuration', zh: '配置' },
  key: { en: 'Key', zh: '键' },
  value: { en: 'Value', zh: '值' },
  started: { en: 'Started', zh: '开始' },
  resumed: { en: 'Resumed', zh: '续跑次数' },
  differences: { en: 'Where this differs from the paper', zh: '与论文的不同' },
  diverged: { en: 'diverged', zh: '发散' },
  statistic: {
    en: 'A verdict comes from the 95 % interval of the number that the claim names, over seeds (Student t for a mean, the stratified bootstrap for others): it holds where the whole interval is on the right side of the bar, fails where the whole interval is on the wrong side, and is undecided where it straddles the bar. Claims marked “every seed” also need each single seed to pass.',
    zh: '结论依据论断所用统计量在各种子上的 95 % 区间（均值用学生 t，其余用分层自助法）：区间整体在判定线正确一侧为“成立”，整体在错误一侧为“不成立”，跨线则为“未定”。标有“每个种子”的论断还要求每个种子单独通过。',
  },
  everySeed: { en: 'every seed', zh: '每个种子' },
  single: { en: 'deterministic', zh: '确定性' },
  atLeast: { en: 'at least', zh: '至少' },
  atMost: { en: 'at most', zh: '至多' },
  provisional: { en: 'the bar was provisional; before the first run it was', zh: '判定线为暂定；首次运行前为' },
  added: { en: 'added after the first run', zh: '首次运行后添加' },
  failedMeasurement: { en: 'not a number', zh: '非数' },
  series: { en: 'Series', zh: '曲线' },
  low: { en: 'low', zh: '下界' },
  high: { en: 'high', zh: '上界' },
  none: { en: 'none', zh: '无' },
} satisfies Record<string, Text>

/**
 * What reports say, in each language.
 *
 * @example
 * Object.values(messages)[0].en.length > 0 // true
 */
export const messages: { readonly [Key in keyof typeof texts]: Text } = texts

/** Texts with something in them that a run says. */
export const sentences = {
  nearestOf: (count: number): Text => ({ en: `of ${count} the nearest to passing`, zh: `${count} 个中最接近通过者` }),
  thinned: (shown: number, all: number): Text => ({
    en: `${countText(shown).en} of ${countText(all).en} points; the CSV has all of them, and the single seeds.`,
    zh: `列出 ${countText(all).zh} 个点中的 ${countText(shown).zh} 个；CSV 含全部数据及各个种子。`,
  }),
  csvOf: (title: Text): Text => ({ en: ` of “${title.en}”, to download`, zh: `：下载“${title.zh}”` }),
  linkTo: (title: Text): Text => ({ en: `Link to “${title.en}”`, zh: `“${title.zh}”的链接` }),
  shards: (count: number): Text => ({
    en: `cut into ${count} shards; the same bits on any number of ranks`,
    zh: `切分为 ${count} 个分片；结果逐位相同，与进程数无关`,
  }),
  fastShards: (ranks: number): Text => ({
    en: `fast mode, a shard for each of ${ranks} ranks; another number of ranks gives other bits`,
    zh: `快速模式，${ranks} 个进程各一个分片；进程数不同则结果末位不同`,
  }),
  threads: (count: number): Text => ({ en: `${count} ${count === 1 ? 'thread' : 'threads'}`, zh: `${count} 个线程` }),
} satisfies Record<string, (...given: never[]) => Text>

export const verdictTexts: Readonly<Record<Verdict, Text>> = {
  holds: { en: 'holds', zh: '成立' },
  fails: { en: 'fails', zh: '不成立' },
  undecided: { en: 'undecided', zh: '未定' },
}

export const outcomeTexts: Readonly<Record<Outcome, Text>> = {
  holds: { en: 'Every claim holds, and every control fails as it should.', zh: '所有论断成立，所有负对照如期失败。' },
  fails: { en: 'A claim fails.', zh: '有论断不成立。' },
  controlHolds: { en: 'A control does not fail, so the check proves nothing.', zh: '有负对照未失败，检验因此不能说明问题。' },
  undecided: { en: 'Undecided: more seeds are needed.', zh: '未定：需要更多种子。' },
  notJudged: { en: 'No claim was judged.', zh: '未判定任何论断。' },
}

export const reasonTexts: Readonly<Record<Reason, Text>> = {
  wrongSide: { en: 'the whole interval is on the wrong side of the bar', zh: '整个区间在判定线错误一侧' },
  straddles: { en: 'the interval straddles the bar', zh: '区间跨过判定线' },
  seedBelow: { en: 'a single seed does not pass', zh: '有单个种子未通过' },
  tooFewSeeds: { en: 'fewer than three seeds', zh: '种子少于三个' },
  tooFewRuns: { en: 'too few runs for the bootstrap to be trusted', zh: '运行次数太少，自助法区间不可靠' },
  notFinite: { en: 'a seed gave no finite number', zh: '有种子未给出有限数值' },
  missing: { en: 'it was not measured', zh: '未测量' },
}

export const kindTexts: Readonly<Record<ArmKind, Text>> = {
  method: { en: 'method', zh: '方法' },
  baseline: { en: 'baseline', zh: '基线' },
  control: { en: 'control', zh: '负对照' },
  ablation: { en: 'ablation', zh: '消融' },
  reference: { en: 'reference', zh: '参考' },
}

/** What of the seeds is held against a bar. */
export const statisticNames: Readonly<Record<Statistic, Text>> = {
  mean: { en: 'mean', zh: '均值' },
  iqm: { en: 'interquartile mean', zh: '四分位均值' },
  improvement: { en: 'probability of improvement', zh: '改进概率' },
}

/** How its interval was reached. */
export const intervalNames: Readonly<Record<IntervalKind, Text>> = {
  'student-t': { en: 'Student t', zh: '学生 t' },
  'stratified-bootstrap': { en: 'stratified bootstrap', zh: '分层自助法' },
  none: { en: 'no interval', zh: '无区间' },
}
