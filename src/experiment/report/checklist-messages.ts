import type { SplitRecord } from '../splits.ts'
import { countText, dateText, inEach, joined, sameText, type Text } from '../text.ts'
import type { IntervalKind, Statistic } from '../verdict/estimate.ts'

/** The questions of the checklist, in its order. */
export const questions = {
  outcome: { en: 'Does what was measured support the claims?', zh: '测量结果是否支持论断？' },
  failed: { en: 'What failed?', zh: '哪些没有成功？' },
  changed: { en: 'Was anything changed after results had been seen?', zh: '看到结果之后是否改动过什么？' },
  differences: { en: 'Where does the experiment differ from the paper?', zh: '实验与论文有何不同？' },
  data: { en: 'Which data were used, and are they the ones named?', zh: '使用了哪些数据？是否与所称一致？' },
  splits: { en: 'How were the data split, and can test data have leaked into training?', zh: '数据如何划分？测试数据会不会泄漏到训练中？' },
  searched: {
    en: 'Which settings were searched, over which ranges, and how were they chosen?',
    zh: '搜索了哪些设置？范围多大？如何选定？',
  },
  settings: { en: 'Which settings were used?', zh: '使用了哪些设置？' },
  runs: { en: 'How many runs were made, with which seeds?', zh: '做了多少次训练？用了哪些种子？' },
  errorBars: { en: 'What do the error bars mean?', zh: '误差条表示什么？' },
  compute: { en: 'How much compute was used, on what machine?', zh: '用了多少算力？在什么机器上？' },
  allCompute: {
    en: 'How much compute did the whole project take, with trials that are not reported?',
    zh: '整个项目（含未报告的尝试）共用了多少算力？',
  },
  code: { en: 'Which code ran, and with which packages?', zh: '运行的是哪份代码、哪些软件包？' },
  licences: { en: 'Under which licences are code and data?', zh: '代码和数据采用什么许可？' },
  items: { en: 'Are the outputs for single examples kept?', zh: '是否保留了逐样本的输出？' },
  repeat: { en: 'How can it be repeated?', zh: '如何重复？' },
  people: { en: 'Were people, consent and harm thought of?', zh: '是否考虑了涉及的人、知情同意与危害？' },
} satisfies Record<string, Text>

export type Question = keyof typeof questions

const plural = (count: number, one: string, many: string): string => {
  const form = new Intl.PluralRules('en').select(count) === 'one' ? one : many
  return `${countText(count).en} ${form}`
}

/** The answers: every one is filled from what a run recorded. */
export const answers = {
  outcome: ({ holds, fails, undecided }: { holds: number; fails: number; undecided: number }): Text => ({
    en: `Of ${plural(holds + fails + undecided, 'claim', 'claims')} ${holds} hold, ${fails} fail, ${undecided} are undecided.`,
    zh: `${holds + fails + undecided} 项论断中，${holds} 项成立，${fails} 项不成立，${undecided} 项未定。`,
  }),
  controls: (failing: number, all: number): Text => ({
    en: `${failing} of ${plural(all, 'check of a negative control fails', 'checks of negative controls fail')}, as all should.`,
    zh: `${all} 项负对照检验中有 ${failing} 项失败（应全部失败）。`,
  }),
  nothingJudged: { en: 'No claim was judged: this preset only walks the whole path.', zh: '未判定任何论断：此预设只走通全流程。' },
  generated: {
    en: 'The data are generated: the numbers say nothing about the real data set.',
    zh: '数据为生成数据：这些数字不能说明真实数据集上的情况。',
  },
  claimIs: (id: string, verdict: Text, reason: Text | undefined): Text =>
    inEach((language) => `${id}: ${verdict[language]}${reason ? ` (${reason[language]})` : ''}`),
  controlHolds: (id: string, claim: string, verdict: Text): Text => ({
    en: `The control ${id} does not fail the claim ${claim} (${verdict.en}).`,
    zh: `负对照 ${id} 未使论断 ${claim} 失败（${verdict.zh}）。`,
  }),
  diverged: (arm: Text, what: string): Text => ({ en: `${arm.en} diverged: ${what}`, zh: `${arm.zh} 发散：${what}` }),
  resumed: (times: number): Text => ({
    en: `The run was interrupted and gone on with ${plural(times, 'time', 'times')}.`,
    zh: `运行曾中断并续跑 ${times} 次。`,
  }),
  nothingFailed: { en: 'Nothing: no claim, control or training.', zh: '无：论断、对照和训练均未失败。' },
  nothingFailedUnjudged: { en: 'No training failed; no claim was judged.', zh: '训练均未失败；未判定论断。' },
  provisional: (claim: string, original: string, now: string): Text => ({
    en: `The bar of ${claim} was provisional: ${original} before the first run, ${now} now.`,
    zh: `${claim} 的判定线为暂定：首次运行前为 ${original}，现为 ${now}。`,
  }),
  added: (what: string, why: Text): Text => ({
    en: `${what} was added after the first run: ${why.en}`,
    zh: `${what} 在首次运行后添加：${why.zh}`,
  }),
  nothingChanged: {
    en: 'The experiment names no bar that moved, and no claim or control that was added later.',
    zh: '实验未注明任何移动过的判定线，也没有后来添加的论断或对照。',
  },
  noDifferences: { en: 'The experiment names no difference.', zh: '实验未注明任何不同。' },
  data: (name: string, kind: Text, source: string): Text => ({
    en: `${name} (${kind.en}), from ${source}.`,
    zh: `${name}（${kind.zh}），来源：${source}。`,
  }),
  split: ({ name, of, seed, by, size, groups, sha256: sum, duplicates = {} }: SplitRecord): Text => {
    const equal = Object.entries(duplicates)
    return {
      en: `${of ? `${of}, ` : ''}${name}${seed === undefined ? '' : ` (seed ${seed}; each seed splits otherwise)`}: ${plural(size, 'example', 'examples')}, kept apart by ${by} (${countText(groups).en} distinct), sha256 of the ids ${sum}.${equal.map(([other, count]) => ` ${countText(count).en} equal one of ${other} in every value.`).join('')}`,
      zh: `${of ? `${of}，` : ''}${name}${seed === undefined ? '' : `（种子 ${seed}；各种子划分不同）`}：${countText(size).zh} 个样本，按 ${by} 分开（${countText(groups).zh} 个不同值），标识的 sha256 为 ${sum}。${equal.map(([other, count]) => `其中 ${countText(count).zh} 个与 ${other} 中的某个样本完全相同。`).join('')}`,
    }
  },
  noLeak: {
    en: 'Checked before training: no two splits of one data set share such an id; a run whose splits do is refused.',
    zh: '训练前已检查：同一数据集的任何两个划分没有共同的标识；有共同标识的运行会被拒绝。',
  },
  everySeed: { en: 'besides, each single seed must pass', zh: '此外每个种子须单独通过' },
  sha256: (sum: string): Text => sameText(`sha256 ${sum}`),
  searched: (keys: readonly string[], range: readonly (string | number)[], chosen: Text, trials: number | undefined): Text => {
    const values = range.length ? range.join(', ') : undefined
    return {
      en: `${keys.join(', ')}: ${values ? `${values} tried` : 'not searched'}; ${chosen.en}${trials === undefined ? '' : `; ${plural(trials, 'trial', 'trials')}`}.`,
      zh: `${keys.join('、')}：${values ? `试过 ${values}` : '未搜索'}；${chosen.zh}${trials === undefined ? '' : `；共 ${trials} 次尝试`}。`,
    }
  },
  restOfSettings: (count: number): Text => ({
    en: `${plural(count, 'other setting has', 'other settings have')} one value each, in the section Configuration.`,
    zh: `其余 ${count} 项设置各只有一个取值，见“配置”一节。`,
  }),
  preset: (preset: string, changed: readonly string[]): Text => ({
    en: `Preset ${preset}, ${changed.length ? `with ${changed.join(', ')} changed by the user` : 'nothing changed by the user'}; all values are in the section Configuration.`,
    zh: `预设 ${preset}，${changed.length ? `用户改动：${changed.join('、')}` : '用户未作改动'}；全部取值见“配置”一节。`,
  }),
  runs: (units: number, arms: number, seeds: readonly number[]): Text => ({
    en: `${plural(units, 'training', 'trainings')}: ${plural(arms, 'arm', 'arms')}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}.`,
    zh: `共 ${units} 次训练：${arms} 个实验臂，种子 ${seeds.join('、')}。`,
  }),
  fewerSeeds: (count: number, seeds: number): Text => ({
    en: `${plural(count, 'arm ran', 'arms ran')} with fewer: ${plural(seeds, 'seed', 'seeds')} at the least; the table of measurements names the seeds of each.`,
    zh: `${count} 个实验臂的种子较少（最少 ${seeds} 个），测量表列出了每个臂的种子。`,
  }),
  interval: {
    en: 'In figures and tables: the Student-t 95 % interval of the mean over seeds, from the sample standard deviation (n − 1).',
    zh: '图表中：各种子均值的学生 t 95 % 区间，由样本标准差（n − 1）得出。',
  },
  errorBar: (ids: readonly string[], meaning: Text, n: readonly number[]): Text => ({
    en: `${ids.join(', ')}: ${meaning.en}, n = ${[...new Set(n)].join(', ')}.`,
    zh: `${ids.join('、')}：${meaning.zh}，n = ${[...new Set(n)].join('、')}。`,
  }),
  machine: (cpu: string, threads: number, memory: string, platform: string, device: string): Text => ({
    en: `${cpu}, ${plural(threads, 'thread', 'threads')} of the runtime a training, ${memory} of memory, ${platform}, device ${device}.`,
    zh: `${cpu}，每次训练使用 ${threads} 个运行时线程，内存 ${memory}，${platform}，设备 ${device}。`,
  }),
  time: (units: string, wall: string | undefined, atATime: number): Text => ({
    en: `${units} of training in all${atATime > 1 ? `, ${atATime} trainings at a time` : ''}${wall ? `; ${wall} on the clock` : ''}.`,
    zh: `训练合计 ${units}${atATime > 1 ? `，同时进行 ${atATime} 个` : ''}${wall ? `；实际用时 ${wall}` : ''}。`,
  }),
  pauses: {
    en: 'The time on the clock includes the pauses between an interruption and going on.',
    zh: '实际用时包含中断到续跑之间的停顿。',
  },
  memory: (peak: string): Text => ({
    en: `At most ${peak} of memory, of the whole process.`,
    zh: `内存峰值 ${peak}（整个进程）。`,
  }),
  flops: (flops: string): Text => ({
    en: `${flops} in all, estimated from the sizes of the graphs where not measured.`,
    zh: `浮点运算共 ${flops}，未实测处按图的规模估算。`,
  }),
  version: (version: string, commit: string | undefined): Text => ({
    en: `Quire ${version}${commit ? `, commit ${commit}` : ''}.`,
    zh: `Quire ${version}${commit ? `，提交 ${commit}` : ''}。`,
  }),
  modules: (sum: string): Text => ({ en: `Its modules: sha256 ${sum}.`, zh: `其模块：sha256 ${sum}。` }),
  dependencies: (sum: string): Text => ({
    en: `All installed packages that it loads, as name@version: sha256 ${sum}.`,
    zh: `其加载的全部已安装软件包（name@version）：sha256 ${sum}。`,
  }),
  packages: (packages: readonly string[], node: string, runtime: string): Text =>
    joined([`node ${node}`, runtime, ...packages], { en: ', ', zh: '、' }),
  codeLicence: (licence: string): Text => ({ en: `Code: ${licence}.`, zh: `代码：${licence}。` }),
  dataLicence: (name: string, licence: string): Text => ({ en: `${name}: ${licence}.`, zh: `${name}：${licence}。` }),
  items: (files: number, rows: number, sum: string): Text => ({
    en: `${plural(rows, 'row', 'rows')} in ${plural(files, 'file', 'files')} under items/; sha256 of their names and sums ${sum}.`,
    zh: `items/ 下 ${countText(files).zh} 个文件共 ${countText(rows).zh} 行；文件名与校验和的 sha256 为 ${sum}。`,
  }),
  command: (command: string): Text => sameText(command),
  repeatOf: (id: string): Text => ({ en: `This run itself repeats the run ${id}.`, zh: `此运行本身是对运行 ${id} 的重复。` }),
  sameBits: {
    en: 'The same machine, thread count and versions give the same numbers, bit for bit; --like says so, or says what differs.',
    zh: '机器、线程数和版本相同则数字逐位相同；--like 会确认，或指出差别。',
  },
  called: (command: string): Text => ({ en: `It was called as: ${command}`, zh: `当时的命令：${command}` }),
  ran: (started: string, finished: string | undefined): Text => ({
    en: `Begun ${dateText(started).en}${finished ? `, ended ${dateText(finished).en}` : ''}.`,
    zh: `开始于 ${dateText(started).zh}${finished ? `，结束于 ${dateText(finished).zh}` : ''}。`,
  }),
} satisfies Record<string, Text | ((...given: never[]) => Text)>

/** Why something is not recorded. */
export const reasons = {
  noChecksum: { en: 'the checksum of the data: their reader gave none', zh: '数据校验和：读取程序未给出' },
  noLicence: { en: 'the licence of the data: their reader names none', zh: '数据许可：读取程序未注明' },
  noSplits: {
    en: 'splits and a check for leaks: the experiment hands the workbench one set of data and splits it itself',
    zh: '划分与泄漏检查：实验只向工作台提交一份数据并自行划分',
  },
  noSearch: { en: 'the experiment does not say what was searched', zh: '实验未说明搜索过什么' },
  noTrials: (keys: readonly string[]): Text => ({
    en: `how many trials the choice of ${keys.join(', ')} took: nobody counted`,
    zh: `选定 ${keys.join('、')} 用了多少次尝试：未作统计`,
  }),
  allCompute: {
    en: 'a run knows only of itself; runs before it leave no trace in it',
    zh: '一次运行只知道自身；之前的运行不会在其中留下痕迹',
  },
  noCode: { en: 'the run was made before Quire recorded its code', zh: '此运行早于 Quire 记录代码版本的功能' },
  noCommit: { en: 'a commit: Quire did not run from a git checkout', zh: '提交号：Quire 不是从 git 检出目录运行的' },
  noItems: { en: 'the experiment keeps no outputs for single examples', zh: '实验不保留逐样本输出' },
  noFinish: { en: 'when it ended', zh: '结束时间' },
  people: {
    en: 'a run cannot know it; the card of the data set and the method’s README are the places to look',
    zh: '运行无法得知；请查阅数据集说明与方法的 README',
  },
} satisfies Record<string, Text | ((...given: never[]) => Text)>

/** What of the seeds is held against a bar, in words. */
export const statisticTexts: Readonly<Record<Statistic, Text>> = {
  mean: { en: 'mean over seeds', zh: '各种子的均值' },
  iqm: { en: 'interquartile mean over all seeds and strata', zh: '全部种子与层的四分位均值' },
  improvement: {
    en: 'probability that a seed of the arm scores higher than one of the baseline, mean over strata',
    zh: '该臂一个种子高于基线一个种子的概率，各层取均值',
  },
}

/** What the interval of a claim is, in words. */
export const intervalTexts: Readonly<Record<IntervalKind, Text>> = {
  'student-t': { en: 'Student-t 95 % interval', zh: '学生 t 95 % 区间' },
  'stratified-bootstrap': { en: '95 % interval of the stratified percentile bootstrap', zh: '分层百分位自助法 95 % 区间' },
  none: { en: 'deterministic, so without an interval', zh: '确定性，故无区间' },
}
