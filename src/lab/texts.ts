import type { QueuedTask } from '../experiment/launch/queue.ts'
import { inEach, type Text } from '../experiment/text.ts'
import type { DemoName, PaperState } from './api.ts'

/** Every text of the page. A language that is missing somewhere is a type error. What reports say too is in `experiment/report/messages.ts`. */
export const texts = {
  // The frame
  catalogue: { en: 'Papers', zh: '论文' },
  runs: { en: 'Runs', zh: '运行' },
  demos: { en: 'Try it', zh: '试一试' },
  engine: { en: 'Engine', zh: '引擎' },
  navigation: { en: 'Main', zh: '主导航' },
  skip: { en: 'Skip to the content', zh: '跳到正文' },
  otherLanguage: { en: '中文', zh: 'English' },
  colours: { en: 'Colours', zh: '配色' },
  themeAuto: { en: 'as the system', zh: '跟随系统' },
  themeLight: { en: 'light', zh: '浅色' },
  themeDark: { en: 'dark', zh: '深色' },
  noConnection: {
    en: 'The server does not answer; the page tries again. Start it with `quire lab`.',
    zh: '服务器没有应答，页面会继续重试。可用 `quire lab` 启动。',
  },
  noAnswer: { en: 'There is no connection to the server. Try again when it is back.', zh: '与服务器没有连接，请在其恢复后重试。' },
  loading: { en: 'Loading…', zh: '加载中……' },
  nothingHere: { en: 'There is nothing at this address.', zh: '此地址没有内容。' },
  toPapers: { en: 'To the papers', zh: '返回论文列表' },
  viewFailed: { en: 'This part of the page could not be loaded. Reload the page.', zh: '页面的这一部分未能加载，请刷新页面。' },
  cannotShow: { en: 'This cannot be shown:', zh: '无法显示：' },
  copy: { en: 'Copy', zh: '复制' },
  copied: { en: 'Copied', zh: '已复制' },
  search: { en: 'Search', zh: '搜索' },
  all: { en: 'all', zh: '全部' },
  none: { en: 'none', zh: '全不选' },
  noneFound: { en: 'Nothing matches.', zh: '没有匹配项。' },
  clearFilters: { en: 'Show all', zh: '显示全部' },

  // The catalogue
  catalogueLead: {
    en: 'Each paper as a method that trains, and its claims as experiments that can fail.',
    zh: '每篇论文都是一个可训练的方法，其论断都是可能失败的实验。',
  },
  area: { en: 'Area', zh: '领域' },
  state: { en: 'State', zh: '状态' },
  openDemo: { en: 'Try it in the page', zh: '在页面中试用' },

  // A paper
  whatItDoes: { en: 'What it does', zh: '它做什么' },
  howToUse: { en: 'How to use it', zh: '如何使用' },
  onTheCommandLine: { en: 'On the command line', zh: '命令行' },
  inTypeScript: { en: 'In TypeScript', zh: '在 TypeScript 中' },
  startRun: { en: 'Start a run', zh: '开始运行' },
  keptRun: { en: 'The run kept with the paper', zh: '随论文保存的运行' },
  claimsToJudge: { en: 'These claims are judged by a run of preset small or paper.', zh: '预设为 small 或 paper 的运行会判定这些论断。' },
  notBuiltYet: { en: 'This paper is not built yet.', zh: '这篇论文尚未实现。' },
  claimsAxisNote: {
    en: 'Line and dot: the 95 % interval and the estimate; rings: single seeds; grey line: the control that came nearest; tinted: where the claim passes.',
    zh: '线与点：95 % 区间与估计值；小圈：各个种子；灰线：最接近通过的负对照；着色处：论断通过的一侧。',
  },
  itsRuns: { en: 'Its runs', zh: '它的运行' },
  paperSays: { en: 'Paper', zh: '论文' },

  // Runs
  noRuns: { en: 'No runs yet. Start one from the page of a paper.', zh: '还没有运行。可在论文页面开始。' },
  method: { en: 'Method', zh: '方法' },
  run: { en: 'Run', zh: '运行' },
  status: { en: 'Status', zh: '状态' },
  began: { en: 'Began', zh: '开始时间' },
  took: { en: 'Training time', zh: '训练时间' },
  sortBy: { en: 'Sort by', zh: '排序方式' },
  progress: { en: 'Progress', zh: '进度' },
  compare: { en: 'Compare', zh: '比较' },
  chooseToCompare: { en: 'Mark runs to compare them.', zh: '勾选运行以比较。' },
  running: { en: 'running', zh: '运行中' },
  complete: { en: 'complete', zh: '已完成' },
  interrupted: { en: 'interrupted', zh: '已中断' },
  damaged: { en: 'damaged', zh: '已损坏' },
  generated: { en: 'generated data', zh: '生成数据' },

  // A run
  stop: { en: 'Stop', zh: '停止' },
  stopping: { en: 'Stopping…', zh: '正在停止……' },
  resume: { en: 'Resume', zh: '续跑' },
  resuming: { en: 'Resuming…', zh: '正在续跑……' },
  stopHint: { en: 'It can be resumed from its last checkpoints.', zh: '之后可从最近的检查点续跑。' },
  repeatIt: { en: 'Repeat it', zh: '重复此运行' },
  goOn: { en: 'Go on with it', zh: '续跑命令' },
  report: { en: 'Report', zh: '报告' },
  curves: { en: 'Curves', zh: '曲线' },
  units: { en: 'Trainings', zh: '训练单元' },
  unitsNote: { en: 'One an arm and seed.', zh: '每个实验臂与种子一个。' },
  artifacts: { en: 'What it made', zh: '产物' },
  settings: { en: 'Settings', zh: '设置' },
  tasks: { en: 'Tasks', zh: '任务' },
  cancelJobs: { en: 'Stop it, where it was submitted', zh: '停止（在提交处执行）' },
  askingSlurm: {
    en: 'Slurm is being asked; until it answers, this is what the files tell.',
    zh: '正在询问 Slurm；在其答复之前，以下状态来自文件。',
  },
  submitAgain: { en: 'Submit what is missing again, where it was submitted', zh: '重新提交未完成的任务（在提交处执行）' },
  seed: { en: 'Seed', zh: '种子' },
  waiting: { en: 'waiting', zh: '等待' },
  training: { en: 'training', zh: '训练中' },
  finished: { en: 'finished', zh: '已完成' },
  diverged: { en: 'diverged', zh: '发散' },
  noCurves: { en: 'Nothing was logged yet.', zh: '尚无记录。' },
  smoothing: { en: 'Smoothing', zh: '平滑' },
  smoothOff: { en: 'none', zh: '无' },
  smoothLight: { en: 'light', zh: '轻' },
  smoothStrong: { en: 'strong', zh: '强' },
  smoothedNote: {
    en: 'Thick lines and bands are of smoothed curves; thin lines are single seeds as they were measured.',
    zh: '粗线与色带为平滑后的曲线；细线为各种子的原始测量值。',
  },
  bandNote: {
    en: 'Thick: mean over seeds, where all that have begun have come so far; band: its 95 % interval (Student t); thin: single seeds.',
    zh: '粗线：各种子均值（仅取已开始的种子都到达之处）；色带：其 95 % 区间（学生 t）；细线：各个种子。',
  },
  logX: { en: 'log steps', zh: '步数取对数' },
  logY: { en: 'log values', zh: '数值取对数' },
  step: { en: 'step', zh: '步' },
  value: { en: 'value', zh: '值' },
  cursorHelp: {
    en: 'Point at a chart, or focus it and use the arrow keys, to read values.',
    zh: '将指针移到图上，或使图获得焦点后用方向键读取数值。',
  },
  showTable: { en: 'Table', zh: '数据表' },
  arms: { en: 'Arms', zh: '实验臂' },
  filterCurves: { en: 'Filter curves', zh: '筛选曲线' },
  metricsFile: { en: 'All observations (metrics.jsonl)', zh: '全部记录（metrics.jsonl）' },
  key: { en: 'Key', zh: '键' },
  changedByHand: { en: 'changed with --set', zh: '由 --set 修改' },
  notJudgedYet: { en: 'Claims are judged when the run is complete.', zh: '运行完成后判定论断。' },
  openFile: { en: 'Open the file', zh: '打开文件' },
  downloadFile: { en: 'Download', zh: '下载' },
  tensor: { en: 'Tensor', zh: '张量' },
  shape: { en: 'Shape', zh: '形状' },
  numberType: { en: 'Type', zh: '类型' },
  noTensors: { en: 'No tensors could be read from the file.', zh: '未能从文件中读出张量。' },
  noSolid: { en: 'The file is damaged, or more than can be shown here.', zh: '文件已损坏，或过大而无法在此显示。' },
  turnHelp: {
    en: 'Drag it, or focus it and use the arrow keys, to turn it; + and − bring it nearer and farther.',
    zh: '拖动，或使其获得焦点后用方向键旋转；+ 与 − 拉近、推远。',
  },
  spectrogram: { en: 'Spectrogram', zh: '频谱图' },
  spectrogramFailed: { en: 'The browser cannot decode this file.', zh: '浏览器无法解码此文件。' },
  showAnimation: { en: 'Show the animation', zh: '显示动画' },
  noGraph: { en: 'No graph could be read from the file.', zh: '未能从文件中读出图。' },
  fileTooLarge: { en: 'Too large to be shown here.', zh: '文件过大，不在此显示。' },
  inEngineView: { en: 'Graph, times and memory in the engine view', zh: '在引擎视图中查看计算图、时间与内存' },

  // Comparison
  compareRuns: { en: 'Compare runs', zh: '比较运行' },
  compareHint: {
    en: 'Mark two or more runs in the list of runs, then choose Compare.',
    zh: '在运行列表中勾选两个以上的运行，再选“比较”。',
  },
  toRuns: { en: 'To the runs', zh: '返回运行列表' },
  onlyMethods: { en: 'Only the methods’ own arms', zh: '只看方法本身的实验臂' },
  onlyDifferences: { en: 'Only what differs', zh: '只看差异' },
  differs: { en: 'differs', zh: '不同' },
  allTheSame: { en: 'All settings are the same.', zh: '所有设置都相同。' },
  quantity: { en: 'Quantity', zh: '量' },
  removeRun: { en: 'Remove', zh: '移除' },

  // The form
  preset: { en: 'Preset', zh: '预设' },
  presetSmoke: { en: 'the whole path in seconds; judges nothing', zh: '数秒走通全流程；不作判定' },
  presetSmall: { en: 'judges the claims within minutes', zh: '数分钟内判定论断' },
  presetPaper: { en: 'the paper’s own sizes; may take very long', zh: '论文的原始规模；可能很久' },
  seedsField: { en: 'Seeds', zh: '种子' },
  seedsHelp: {
    en: 'How many (5 or --seeds 5: 0 to 4), or one alone (#3 or --seed 3). Empty: as the preset has them.',
    zh: '个数（5 或 --seeds 5，即 0 至 4），或单独一个（#3 或 --seed 3）。留空：按预设。',
  },
  settingsHelp: { en: 'Empty fields stay as the preset has them, which is shown in grey.', zh: '留空的项按预设，预设值以灰色显示。' },
  findSetting: { en: 'Find a setting', zh: '查找设置' },
  asCommand: { en: 'As a command', zh: '对应的命令' },
  start: { en: 'Start', zh: '开始' },
  starting: { en: 'Starting…', zh: '正在启动……' },
  unchanged: { en: 'as preset', zh: '按预设' },
  on: { en: 'on', zh: '开' },
  off: { en: 'off', zh: '关' },
  listHelp: { en: 'words with commas between', zh: '用逗号分隔' },
  mendFirst: { en: 'Some values cannot be right; see the marked fields.', zh: '有些值不合要求，见标出的项。' },
  notANumber: { en: 'This is not a number.', zh: '这不是数字。' },
  notWhole: { en: 'It must be a whole number.', zh: '必须是整数。' },
  notAChoice: { en: 'This is none of the choices.', zh: '不在可选项之中。' },
  notJson: { en: 'This is not JSON.', zh: '这不是合法的 JSON。' },
} satisfies Record<string, Text>

/** Texts with something in them. */
export const sentences = {
  papersShown: (shown: number, all: number): Text => ({ en: `${shown} of ${all} papers`, zh: `${all} 篇中的 ${shown} 篇` }),
  runsShown: (shown: number, all: number): Text => ({ en: `${shown} of ${all} runs`, zh: `${all} 个运行中的 ${shown} 个` }),
  runsOf: (count: number): Text => ({ en: count === 1 ? '1 run' : `${count} runs`, zh: `${count} 个运行` }),
  claimsHold: (holds: number, all: number): Text => ({ en: `${holds} of ${all} claims hold`, zh: `${all} 项论断中 ${holds} 项成立` }),
  unitsDone: (done: number, all: number): Text => ({ en: `${done} of ${all} trainings`, zh: `${all} 个训练单元完成 ${done} 个` }),
  left: (time: string): Text => ({ en: `about ${time} left`, zh: `约剩 ${time}` }),
  compareMarked: (count: number): Text => ({ en: `Compare ${count} runs`, zh: `比较 ${count} 个运行` }),
  rising: (what: Text): Text => ({ en: `${what.en}, rising`, zh: `${what.zh}，升序` }),
  falling: (what: Text): Text => ({ en: `${what.en}, falling`, zh: `${what.zh}，降序` }),
  mark: (what: string): Text => ({ en: `Mark ${what}`, zh: `勾选 ${what}` }),
  seedsOf: (count: number): Text => ({ en: count === 1 ? '1 seed' : `${count} seeds`, zh: `${count} 个种子` }),
  notWholeNumber: (typed: string, least: number): Text => ({
    en: `'${typed}' is not a whole number of at least ${least}`,
    zh: `“${typed}”不是不小于 ${least} 的整数`,
  }),
  notFirstSeeds: (seeds: string): Text => ({
    en: `${seeds} are not the first seeds, nor one: for example 0, 1, 2`,
    zh: `${seeds} 既非从 0 起的连续种子，也非单独一个；例如 0, 1, 2`,
  }),
  below: (least: number): Text => ({ en: `It must be at least ${least}.`, zh: `不得小于 ${least}。` }),
  above: (most: number): Text => ({ en: `It must be at most ${most}.`, zh: `不得大于 ${most}。` }),
  range: (least?: number, most?: number): Text =>
    least !== undefined && most !== undefined
      ? { en: `${least} to ${most}`, zh: `${least} 至 ${most}` }
      : least !== undefined
        ? { en: `from ${least}`, zh: `不小于 ${least}` }
        : { en: `up to ${most}`, zh: `不大于 ${most}` },
  unitState: (arm: string, seed: number, state: Text): Text =>
    inEach((language) => `${arm}, ${texts.seed[language]} ${seed}: ${state[language]}`),
  intervalWords: (estimate: string, interval: string, bar: string): Text => ({
    en: `Estimate ${estimate}${interval && `, 95 % interval ${interval}`}, bar ${bar}`,
    zh: `估计值 ${estimate}${interval && `，95 % 区间 ${interval}`}，判定线 ${bar}`,
  }),
  headShown: (shown: string, all: string): Text => ({ en: `The first ${shown} of ${all}.`, zh: `共 ${all}，此处为前 ${shown}。` }),
  tensorsIn: (count: number, elements: string): Text => ({
    en: `${count === 1 ? '1 tensor' : `${count} tensors`}, ${elements} numbers`,
    zh: `${count} 个张量，共 ${elements} 个数`,
  }),
  solidWords: (points: number, faces: number): Text => ({
    en: faces ? `${points} points, ${faces} faces.` : `${points} points.`,
    zh: faces ? `${points} 个点，${faces} 个面。` : `${points} 个点。`,
  }),
  rowsShown: (shown: number): Text => ({ en: `The first ${shown} rows.`, zh: `前 ${shown} 行。` }),
  graphsShown: (shown: number, all: number): Text => ({ en: `${shown} of ${all} graphs.`, zh: `${all} 个图中的 ${shown} 个。` }),
  graphWords: (nodes: number, edges: number): Text => ({
    en: `A graph of ${nodes} nodes and ${edges} edges`,
    zh: `${nodes} 个节点、${edges} 条边的图`,
  }),
  copyWhat: (what: string): Text => ({ en: `Copy: ${what}`, zh: `复制：${what}` }),
} satisfies Record<string, (...given: never[]) => Text>

/** What became of a paper's claims, in a word or two. */
export const stateTexts: Readonly<Record<PaperState, Text>> = {
  holds: { en: 'claims hold', zh: '论断成立' },
  fails: { en: 'a claim fails', zh: '有论断不成立' },
  controlHolds: { en: 'a control does not fail', zh: '负对照未失败' },
  undecided: { en: 'undecided', zh: '未定' },
  notJudged: { en: 'not judged', zh: '未判定' },
  notRun: { en: 'not run', zh: '未运行' },
  notBuilt: { en: 'not built yet', zh: '尚未实现' },
}

/** How it stands with a task of a run that is shared out, in the words of `quire runs`. */
export const taskStateTexts: Readonly<Record<QueuedTask['state'], Text>> = {
  done: { en: 'done', zh: '已完成' },
  running: { en: 'running', zh: '运行中' },
  pending: { en: 'pending', zh: '排队中' },
  requeued: { en: 'requeued', zh: '已重新排队' },
  failed: { en: 'failed', zh: '失败' },
  stopped: { en: 'stopped', zh: '已停止' },
  waiting: { en: 'waiting', zh: '等待' },
}

/** What the demos are called. */
export const demoTexts: Readonly<Record<DemoName, Text>> = {
  digit: { en: 'Draw a digit', zh: '手写数字' },
  'u-turn': { en: 'Turn a picture', zh: '图像 U 形回转' },
  text: { en: 'Complete a text', zh: '续写文本' },
}
