import type { Text } from '../../../experiment/text.ts'
import type { EnginePhase } from '../../api-engine.ts'
import type { Outcome } from './digit/outcome.ts'
import type { Kind, Question } from './digit/tasks.ts'
import type { Pen } from './drawing/pen.ts'
import type { ModelName } from './text/tasks.ts'

/* Every text of the demos and of the engine's view. A language that is missing somewhere is a type error. */

const all = <T extends Record<string, Text>>(texts: T): T => texts

export const demoTexts = all({
  here: {
    en: 'The model runs in this page, on ONNX Runtime’s WebAssembly build, in a worker: nothing that you draw or write leaves the browser.',
    zh: '模型就在本页内运行（ONNX Runtime 的 WebAssembly 版本，位于 worker 中）：您所画所写的内容不会离开浏览器。',
  },
  loading: { en: 'loading the model …', zh: '正在载入模型……' },
  noSimd: {
    en: 'This browser has no WebAssembly with SIMD, on which the models run. Take a newer one (Chrome 91, Firefox 89, Safari 16.4 or later).',
    zh: '此浏览器不支持模型运行所需的 WebAssembly SIMD，请换用较新的浏览器（Chrome 91、Firefox 89、Safari 16.4 或更高版本）。',
  },
  working: { en: 'computing …', zh: '正在计算……' },
  failed: { en: 'This did not work', zh: '出错了' },
  about: { en: 'About these models', zh: '关于这些模型' },
  file: { en: 'file', zh: '文件' },
  from: { en: 'from', zh: '来源' },
  quality: { en: 'how good', zh: '质量' },
  data: { en: 'Data', zh: '数据' },
  generated: { en: 'generated, not real', zh: '生成的数据，非真实数据' },
  paper: { en: 'The paper, and what was measured', zh: '论文与测量结果' },
  repeat: { en: 'The weights are made once more by', zh: '重新得到这些权重的命令' },
  byCommands: { en: 'trained by the commands below', zh: '由下列命令训练' },
  ownTraining: {
    en: 'trained by the method’s own functions in scripts/lab-models.mjs',
    zh: '由 scripts/lab-models.mjs 调用该方法自身的函数训练',
  },
})

export const padTexts = all({
  sheet: { en: 'A sheet of 28 × 28 pixels to draw a digit on', zh: '28 × 28 像素的画布，可在上面写一个数字' },
  keys: {
    en: 'Draw with a mouse, pen or finger. With keys: arrows move, space sets the pen down or up, Delete begins anew.',
    zh: '可用鼠标、手写笔或手指书写。键盘：方向键移动，空格键落笔或抬笔，Delete 键重新开始。',
  },
  clear: { en: 'Clear', zh: '清除' },
  examples: { en: 'Or take a digit that no model was trained on', zh: '或选取一个模型未曾训练过的数字' },
})

export const penPlace = ({ at, down }: Pen): Text => ({
  en: `pen ${down ? 'down' : 'up'}, row ${Math.round(at.y)}, column ${Math.round(at.x)}`,
  zh: `${down ? '已落笔' : '已抬笔'}，第 ${Math.round(at.y)} 行，第 ${Math.round(at.x)} 列`,
})

export const exampleLabel = (digit: number, which: number): Text => ({
  en: `a handwritten ${digit}, number ${which}`,
  zh: `手写数字 ${digit}，第 ${which} 个`,
})

export const digitTexts = all({
  intro: {
    en: 'Two networks see the same digit. Each explains its decision by the 50 pixels on which it depends most. One was trained plainly, the other by R2ET so that these pixels stay the same when the picture changes a little. Draw a digit or take one, then press “Perturb the picture”: each network’s explanation is attacked.',
    zh: '两个网络看同一个数字，各以对判断影响最大的 50 个像素作为解释。一个用普通方法训练，另一个用 R2ET 训练，使这些像素在图像微小变化时保持不变。请写一个数字或选取一个，再按“扰动图像”：两个网络的解释都会受到攻击。',
  },
  question: { en: 'Question', zh: '问题' },
  radius: { en: 'Size of the change, ‖x′ − x‖ at most', zh: '扰动大小，‖x′ − x‖ 不超过' },
  perturb: { en: 'Perturb the picture', zh: '扰动图像' },
  undo: { en: 'Undo', zh: '撤销' },
  probability: { en: 'probability', zh: '概率' },
  class: { en: 'class', zh: '类别' },
  nothing: { en: 'Draw a digit, or choose one below.', zh: '请写一个数字，或在下方选取一个。' },
  legend: {
    en: 'Filled: among the 50 most salient pixels. Frame: was among them before the change. Cross: is among them only since.',
    zh: '实心：最显著的 50 个像素。方框：扰动前属于其中。叉号：扰动后才进入其中。',
  },
  before: { en: 'Explanation', zh: '解释' },
  after: { en: 'After the change', zh: '扰动之后' },
  own: {
    en: 'Each network is given the change that the attack of the experiment (ERAttack) finds against it: the worst near point that it can find at which the decision stays. The picture stays one: no pixel leaves 0 to 1.',
    zh: '对每个网络分别施加实验所用攻击（ERAttack）找到的扰动：在判断不变的前提下，邻域内能找到的最坏的点。图像仍是图像：像素值不超出 0 到 1。',
  },
})

export const questionTexts: Readonly<Record<Question, Text>> = {
  ten: { en: 'Which digit is it?', zh: '是哪个数字？' },
  parity: { en: 'Is it even or odd? (the networks of the paper’s claim)', zh: '是偶数还是奇数？（论文结论所用的网络）' },
}

export const classTexts = (classes: number): readonly Text[] =>
  classes === 2
    ? [
        { en: 'even', zh: '偶数' },
        { en: 'odd', zh: '奇数' },
      ]
    : Array.from({ length: classes }, (_, i) => ({ en: String(i), zh: String(i) }))

export const kindTexts: Readonly<Record<Kind, Text>> = {
  fragile: { en: 'Trained plainly', zh: '普通训练' },
  robust: { en: 'Trained by R2ET', zh: 'R2ET 训练' },
}

export const keptText = (kept: number, k: number): Text => ({
  en: `${kept} of ${k} pixels stay`,
  zh: `${k} 个像素中保留 ${kept} 个`,
})

export const changedText = (distance: number): Text => ({
  en: `‖x′ − x‖ = ${distance.toFixed(2)}`,
  zh: `‖x′ − x‖ = ${distance.toFixed(2)}`,
})

export const outcomeTexts: Readonly<Record<Outcome, Text>> = {
  flips: {
    en: 'The change replaces a large part of the plain network’s explanation, and little of the other’s. Both decisions stay.',
    zh: '扰动替换了普通网络的大部分解释，而对另一网络影响很小。两者的判断均未改变。',
  },
  steadier: {
    en: 'R2ET’s explanation is the steadier one here. Both decisions stay.',
    zh: '此处 R2ET 的解释更稳定。两者的判断均未改变。',
  },
  alike: {
    en: 'Here both explanations are about equally steady: on single pictures the claim need not hold, only on average.',
    zh: '此处两种解释的稳定性相近：结论是平均意义上的，单幅图像未必成立。',
  },
  reverse: {
    en: 'Here the plain network’s explanation is the steadier one: on single pictures the claim need not hold, only on average.',
    zh: '此处普通网络的解释反而更稳定：结论是平均意义上的，单幅图像未必成立。',
  },
}

export const digitQualityText = (accuracy: number, worst: number): Text => ({
  en: `accuracy ${(100 * accuracy).toFixed(1)} %; ${(100 * worst).toFixed(0)} % of the top 50 survive the worst attack`,
  zh: `准确率 ${(100 * accuracy).toFixed(1)} %；最坏攻击下前 50 个像素保留 ${(100 * worst).toFixed(0)} %`,
})

export const uTurnTexts = all({
  intro: {
    en: 'Noise is added to a digit up to a level σ; then a diffusion model takes it away again. From a small σ the same digit comes back with other details, from a large one any digit. Draw a digit or take one, choose the depth, and make the U-turn.',
    zh: '先给数字加噪至水平 σ，再由扩散模型去噪返回。σ 小时返回同一数字而细节不同，σ 大时可能返回任意数字。请写一个数字或选取一个，选定深度，然后开始折返。',
  },
  start: { en: 'Where it starts', zh: '起点' },
  asSeen: { en: 'As the model sees it, 14 × 14', zh: '模型所见，14 × 14' },
  depth: { en: 'Depth σ', zh: '深度 σ' },
  samples: { en: 'Samples', zh: '样本数' },
  seed: { en: 'Seed', zh: '随机种子' },
  sampler: { en: 'Way back', zh: '返回方式' },
  go: { en: 'Make the U-turn', zh: '开始折返' },
  stop: { en: 'Stop', zh: '停止' },
  play: { en: 'Play', zh: '播放' },
  pause: { en: 'Pause', zh: '暂停' },
  frame: { en: 'Place on the way', zh: '路程位置' },
  back: { en: 'What came back', zh: '返回的结果' },
  correlation: {
    en: 'Below each: its correlation with the start, of differences from the mean digit. 1 is the same, 0 has nothing of it.',
    zh: '各图下方为其与起点的相关系数（减去平均数字后）：1 表示相同，0 表示毫无关联。',
  },
})

export const samplerTexts: Readonly<Record<'churn' | 'ode' | 'sde', Text>> = {
  churn: { en: 'with churn (the paper’s)', zh: '带扰动（论文所用）' },
  ode: { en: 'probability flow', zh: '概率流' },
  sde: { en: 'reverse SDE', zh: '反向 SDE' },
}

export const placeText = (way: 'there' | 'back', sigma: number): Text => ({
  en: `on the way ${way}, σ = ${sigma.toPrecision(2)}`,
  zh: `${way === 'there' ? '去程' : '回程'}，σ = ${sigma.toPrecision(2)}`,
})

export const depthText = (correlation: number, measured: number): Text => ({
  en: `measured over 256 digits: from σ ${measured} comes back what has a correlation of ${correlation.toFixed(2)} with the start`,
  zh: `对 256 个数字测得：从 σ ${measured} 返回的结果与起点的相关系数为 ${correlation.toFixed(2)}`,
})

export const turnedText = (evaluations: number, milliseconds: number): Text => ({
  en: `${evaluations} evaluations of the network for each sample, ${(milliseconds / 1000).toFixed(1)} s`,
  zh: `每个样本计算网络 ${evaluations} 次，用时 ${(milliseconds / 1000).toFixed(1)} 秒`,
})

export const storedText = (sigmas: readonly number[], whole: readonly number[], stored: readonly number[]): Text => {
  const rows = sigmas.map((sigma, i) => `${sigma}: ${whole[i].toFixed(3)} / ${stored[i].toFixed(3)}`).join(' · ')
  return {
    en: `correlation by σ with the run’s weights / with those stored here in 8 bits: ${rows}`,
    zh: `各 σ 下的相关系数（原始权重 / 此处 8 位存储的权重）：${rows}`,
  }
}

export const sampleText = (i: number, correlation: number): Text => ({
  en: `sample ${i}, correlation ${correlation.toFixed(2)}`,
  zh: `样本 ${i}，相关系数 ${correlation.toFixed(2)}`,
})

export const textTexts = all({
  intro: {
    en: 'A small language model goes on with your text, token by token. Choose a beginning or write one, and press “Go on”. It writes in the style of what it has read; there is no sense behind the words.',
    zh: '一个小型语言模型逐个 token 续写您的文本。选取一个开头或自己写一个，然后按“续写”。文风来自它读过的文本，但内容并无意义。',
  },
  model: { en: 'Model', zh: '模型' },
  prompt: { en: 'Text to go on with', zh: '待续写的文本' },
  examples: { en: 'Beginnings', zh: '示例开头' },
  temperature: { en: 'Temperature', zh: '温度' },
  temperatureNote: { en: '0 takes the most probable token each time; higher dares more', zh: '0 表示每次取概率最大的 token；越高越大胆' },
  seed: { en: 'Seed', zh: '随机种子' },
  length: { en: 'Tokens', zh: 'token 数' },
  go: { en: 'Go on', zh: '续写' },
  stop: { en: 'Stop', zh: '停止' },
  next: { en: 'What may come next', zh: '下一个可能的 token' },
  token: { en: 'token', zh: 'token' },
  probability: { en: 'probability', zh: '概率' },
  completion: { en: 'Completion', zh: '续写结果' },
  nextNote: {
    en: 'The model’s own distribution, before temperature. ␣ is a space, ↵ a line’s end.',
    zh: '模型自身的分布，未经温度调整。␣ 为空格，↵ 为换行。',
  },
})

export const modelTexts: Readonly<Record<ModelName, Text>> = {
  lisa: { en: 'Plays of Shakespeare: LISA (03)', zh: '莎士比亚戏剧：LISA（03）' },
  'aurora-m': { en: 'Five languages, Python: Aurora-M (02)', zh: '五种语言与 Python：Aurora-M（02）' },
}

export const modelNotes: Readonly<Record<ModelName, Text>> = {
  lisa: {
    en: '1.7 million parameters, tokens of one or more letters. It has read plays only: whatever you begin becomes one.',
    zh: '171 万参数，每个 token 为一个或多个字母。它只读过戏剧，无论如何开头都会写成戏剧。',
  },
  'aurora-m': {
    en: '0.3 million parameters, a token is a byte. The experiment’s own model, too small for real words: it shows that one model holds five languages.',
    zh: '31 万参数，每个 token 为一个字节。这是实验所用的模型，太小，写不出真实词语；它显示一个模型可容纳五种语言。',
  },
}

export const speedText = (tokens: number, seconds: number): Text => ({
  en: `${tokens} tokens, ${(tokens / seconds).toFixed(0)} a second`,
  zh: `${tokens} 个 token，每秒 ${(tokens / seconds).toFixed(0)} 个`,
})

const domainNames: Readonly<Record<string, Text>> = {
  eng: { en: 'English', zh: '英语' },
  code: { en: 'Python', zh: 'Python' },
  shakespeare: { en: 'Shakespeare', zh: '莎士比亚' },
  fin: { en: 'Finnish', zh: '芬兰语' },
  hin: { en: 'Hindi', zh: '印地语' },
  jpn: { en: 'Japanese', zh: '日语' },
  vie: { en: 'Vietnamese', zh: '越南语' },
}

type Bits = Readonly<Record<string, number>>

/** `before`: of the model that the last training began with. */
export const bitsText = (bits: Bits, before?: Bits): Text => {
  const rows = (bits: Bits, language: 'en' | 'zh') =>
    Object.entries(bits)
      .map(([domain, value]) => `${domainNames[domain]?.[language] ?? domain} ${value.toFixed(2)}`)
      .join(' · ')
  return {
    en: `bits a byte of test texts: ${rows(bits, 'en')}${before ? `; before LISA: ${rows(before, 'en')}` : ''}`,
    zh: `测试文本每字节比特数：${rows(bits, 'zh')}${before ? `；LISA 之前：${rows(before, 'zh')}` : ''}`,
  }
}

export const engineTexts = all({
  intro: {
    en: 'A training step of Quire is one graph: the loss, its gradient and the optimizer’s update. The server compiles one and shows what it is made of.',
    zh: 'Quire 的一步训练就是一张计算图：损失、梯度和优化器更新。服务器编译一个训练步并展示其构成。',
  },
  subject: { en: 'What to look into', zh: '查看对象' },
  examples: { en: 'Training steps', zh: '训练步' },
  files: { en: 'Models of runs', zh: '运行产出的模型' },
  look: { en: 'Compile', zh: '编译' },
  time: { en: 'Time its nodes', zh: '测量节点耗时' },
  timing: { en: 'The server compiles and runs it …', zh: '服务器正在编译并运行……' },
  cannotTime: {
    en: 'Nodes are timed by the native runtime alone (npm install onnxruntime-node).',
    zh: '只有原生运行时能测量节点耗时（npm install onnxruntime-node）。',
  },
  graph: { en: 'Graph', zh: '计算图' },
  grouped: { en: 'Parts of the model', zh: '按模型部件' },
  nodes: { en: 'All nodes', zh: '全部节点' },
  colour: {
    en: 'The fuller a box, the more of the step’s time it takes; of its operations where nothing was timed.',
    zh: '方框填充越多，占用时间越多；未测时则表示运算量。',
  },
  find: { en: 'Find a node by operation, shape, line or parameter', zh: '按运算、形状、程序行或参数查找节点' },
  previous: { en: 'Previous', zh: '上一个' },
  next: { en: 'Next', zh: '下一个' },
  open: { en: 'Choose a box to see its nodes.', zh: '选择方框可查看其节点。' },
  close: { en: 'Back to the parts', zh: '返回部件' },
  operation: { en: 'operation', zh: '运算' },
  line: { en: 'line of the program', zh: '程序行' },
  count: { en: 'nodes', zh: '节点数' },
  flops: { en: 'operations', zh: '浮点运算' },
  milliseconds: { en: 'ms', zh: '毫秒' },
  share: { en: 'share', zh: '占比' },
  memory: { en: 'Memory over the step', zh: '训练步内的内存' },
  memoryNote: {
    en: 'Bytes of intermediate values, in the order in which the runtime runs; arguments and results are not in it.',
    zh: '按运行时的执行顺序给出中间值所占字节；不含参数与结果。',
  },
  sessions: { en: 'Sessions, and why they were compiled', zh: '会话及其编译原因' },
  what: { en: 'what', zh: '对象' },
  why: { en: 'why', zh: '原因' },
  reused: { en: 'reused', zh: '复用次数' },
  unknown: { en: 'unknown', zh: '未知' },
  wherever: { en: 'Operations', zh: '运算' },
  lines: { en: 'Lines', zh: '程序行' },
  other: { en: 'no part', zh: '无所属部件' },
  wait: { en: 'Choose a step, and compile it.', zh: '请选择一个训练步并编译。' },
})

export const phaseTexts: Readonly<Record<EnginePhase, Text>> = {
  forward: { en: 'forward', zh: '前向' },
  backward: { en: 'backward', zh: '反向' },
  update: { en: 'update', zh: '更新' },
}

export const summaryText = (nodes: number, flops: string, outside: string, peak: string): Text => ({
  en: `${nodes} nodes, ${flops} floating-point operations; ${outside} of arguments and results, ${peak} more at the peak`,
  zh: `${nodes} 个节点，${flops} 次浮点运算；参数与结果 ${outside}，峰值另需 ${peak}`,
})

export const timesText = (trace: number, compile: number, run: number | undefined, runtime: string, threads: number): Text => ({
  en: `traced in ${trace.toFixed(0)} ms, compiled in ${compile.toFixed(0)} ms${run === undefined ? '' : `, ${run.toFixed(2)} ms a run in nodes`} (${runtime}, ${threads} threads)`,
  zh: `追踪 ${trace.toFixed(0)} 毫秒，编译 ${compile.toFixed(0)} 毫秒${run === undefined ? '' : `，每次运行的节点耗时合计 ${run.toFixed(2)} 毫秒`}（${runtime}，${threads} 线程）`,
})

export const foundText = (at: number, count: number, description = ''): Text => ({
  en: count === 0 ? 'none' : `${at} of ${count}: ${description}`,
  zh: count === 0 ? '无' : `第 ${at} 个，共 ${count} 个：${description}`,
})

export const groupText = (count: number): Text => ({ en: `${count} nodes`, zh: `${count} 个节点` })
