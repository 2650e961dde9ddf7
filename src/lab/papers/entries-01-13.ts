import type { Entry } from './entry.ts'

export const entriesTo13: readonly Entry[] = [
  {
    name: 'rl-mul',
    card: {
      number: 1,
      title: 'RL-MUL 2.0: Multiplier Design Optimization with Parallel Deep Reinforcement Learning and Space Reduction',
      arxiv: '2404.00639',
      area: 'hardware design',
      summary: {
        en: 'Searches for multipliers of less area and delay: a Q-network edits the compressor tree column by column, rewarded by what synthesis measures',
        zh: '搜索面积与延迟更小的乘法器：Q 网络逐列修改压缩树，奖励来自逻辑综合的测量结果',
      },
    },
    purpose: {
      en: 'For hardware designers who need a multiplier, or a multiply–accumulate unit, on the area–delay front of their own cell library',
      zh: '适合硬件设计者：在自己的标准单元库上得到处于面积–延迟前沿的乘法器或乘加单元',
    },
    text: [
      {
        en: 'In a multiplier, partial products of the same weight stand in one column. A tree of full and half adders compresses every column to at most two bits, and one carry-propagating adder does the rest. How many adders of each kind a column has, and in which stage, is free; at 16 bits there are far too many trees to try. RL-MUL writes a tree as a small image, one number for each kind, stage and column, and lets a deep Q-network choose one edit after another: add or remove a half adder, turn a full adder into a half adder or the reverse. A sweep over the higher columns makes the tree legal again.',
        zh: '在乘法器中，权重相同的部分积排在同一列。由全加器和半加器组成的压缩树把每列压缩到至多两位，其余由一个进位传播加法器完成。每列用多少个哪种加法器、放在哪一级，都可以选择；到 16 位时，可能的树已多到无法穷举。RL-MUL 把一棵树写成一幅小图像（种类、级、列各对应一个数），让深度 Q 网络逐步选择修改：增删一个半加器，或在全加器与半加器之间互换；随后向高位扫描一遍，使树重新合法。',
      },
      {
        en: 'Each new tree is synthesised under several timing targets. The reward is the fall of a weighted sum of area and delay over all of them, so that a tree counts as good only if it is good along the whole curve. A fair comparison gives the trees of Wallace and Dadda, integer programming, random search and simulated annealing the same number of syntheses, and measures the winners at timing targets that played no part in the search.',
        zh: '每棵新树都在若干时序目标下综合，奖励是面积与延迟加权和在所有目标上的平均下降，因此只有在整条曲线上都好的树才算好。公平的比较应给 Wallace 树、Dadda 树、整数规划、随机搜索和模拟退火同样多的综合次数，并在搜索中未用过的时序目标下测量最终设计。',
      },
    ],
  },
  {
    name: 'aurora-m',
    purpose: {
      en: 'For teams that own a language model for one language or domain and must add another, or a safety policy, on a budget',
      zh: '适合已有某一语言或领域的语言模型、需要在有限预算下加入新语言或安全策略的团队',
    },
    text: [
      {
        en: 'A language model that trains on with new text alone forgets the old. Aurora-M goes on from a model of English and code in two stages under one learning-rate schedule. The first, continual auxiliary pre-training, is long and mostly new text with some of the old. The second, continual alignment tuning, is short: cleaner text in other proportions, instructions, and the refusals that a written safety policy asks for. Both minimise the same loss, that of the next token.',
        zh: '只用新文本继续训练的语言模型会遗忘旧知识。Aurora-M 从一个英语与代码模型出发，在同一学习率计划下分两阶段继续训练。第一阶段（持续辅助预训练）较长，以新文本为主，掺入部分旧文本；第二阶段（持续对齐微调）较短，使用更干净、重新配比的文本、指令数据，以及成文的安全策略所要求的拒答。两个阶段最小化的都是下一词元的损失。',
      },
      {
        en: 'Here a small model that has read English and Python goes on with Finnish, Hindi, Japanese and Vietnamese. Bits per byte of held-out text, domain by domain and stage by stage, say what was gained and what was forgotten. Of the policy both rates are measured: how often it refuses what it should, and how often what it should not; a model that refuses everything is perfect by one of them and useless by the other.',
        zh: '这里用一个读过英语和 Python 的小模型，继续学习芬兰语、印地语、日语和越南语。逐领域、逐阶段地度量留出文本的每字节比特数，即可看出学到了什么、遗忘了什么。对安全策略同时度量两个比率：该拒绝的拒绝了多少，不该拒绝的又拒绝了多少；一律拒绝的模型在前者上完美，在后者上毫无用处。',
      },
    ],
  },
  {
    name: 'lisa',
    demo: 'text',
    purpose: {
      en: 'For fine-tuning or further pre-training in full rank on a machine that cannot hold gradients and moments of all weights',
      zh: '适合在放不下全部权重的梯度与矩估计的机器上，做满秩的微调或继续预训练',
    },
    text: [
      {
        en: 'Adam keeps, beside each weight, a gradient and two moments: four times the memory of the model. LISA always trains embedding, output head and last norm, and of the transformer blocks only a few at a time, drawn anew every K steps; the others are frozen. Gradients and moments exist for what trains and for nothing else. Over a run all blocks get their turn, so that the change of the weights has full rank, which that of a low-rank adapter has not.',
        zh: 'Adam 为每个权重另存一个梯度和两个矩，总共需要模型四倍的内存。LISA 始终训练嵌入、输出头和最后的归一化层，而 Transformer 块每次只训练少数几个，每 K 步重新抽取，其余冻结；只有正在训练的部分才有梯度与矩。整个训练过程中所有块都会轮到，因此权重的改变是满秩的，而低秩适配器做不到这一点。',
      },
      {
        en: 'The experiment compares it with full tuning, with LoRA of the same memory and with tuning the ends alone, on a far and a near shift of the text, and asks how much of the way from the ends to full tuning it goes. Memory is planned before a run, held against what processes really take, and plotted with the error of the plan.',
        zh: '实验把它与全量微调、占用同样内存的 LoRA、以及只微调两端相比，分别在差异大和差异小的文本上进行，并度量它在“只微调两端”与“全量微调”之间走了多远。内存在运行前即可规划，与进程的实际占用对照，并连同规划误差一起画出。',
      },
    ],
  },
  {
    name: 'ramda',
    purpose: {
      en: 'For whoever must ship a smaller network and needs zeros that stay where they are, so that units can be cut out',
      zh: '适合需要交付更小网络的人：零的位置稳定不变，从而可以裁掉相应单元',
    },
    text: [
      {
        en: 'A penalty on groups of weights, such as the group lasso, drives whole inputs, neurons or channels to zero. Proximal SGD and Adam reach such zeros, but the noise of stochastic gradients wakes groups up again, so that the pattern at the last step is partly an accident. RAMDA takes a dual average instead: each step minimises the weighted sum of all past gradients plus the penalty, in a metric that adapts to each coordinate. The noise averages out, and after finitely many steps the pattern of zeros is that of the point to which it converges.',
        zh: '对成组权重的惩罚（如 group lasso）会把整个输入、神经元或通道压到零。近端 SGD 和 Adam 也能得到这样的零，但随机梯度的噪声会不断把某些组唤醒，最后一步的零模式因而带有偶然性。RAMDA 改用对偶平均：每一步在逐坐标自适应的度量下，最小化所有历史梯度的加权和加上惩罚项。噪声被平均掉，有限步之后，零的模式就与收敛点的一致。',
      },
      {
        en: 'With an adaptive metric a step has no closed form; it is solved by proximal-gradient iterations, only as exactly as the theory needs. What is zero can then be cut out, and the smaller network computes the same logits. The experiment measures sparsity, how still it stands, and accuracy, beside proximal SGD and proximal AdamW.',
        zh: '在自适应度量下，每一步没有闭式解，用近端梯度迭代求解，精确到理论所需即可。之后可以裁掉为零的部分，小网络给出同样的 logits。实验与近端 SGD、近端 AdamW 并列，度量稀疏度、稀疏模式的稳定程度和准确率。',
      },
    ],
  },
  {
    name: 'forward-frank-wolfe',
    purpose: {
      en: 'For training where memory is short and weights must stay within a set: sparse, bounded or of low rank',
      zh: '适合内存紧张、且权重必须保持在某个集合内（稀疏、有界或低秩）的训练',
    },
    text: [
      {
        en: 'One evaluation in forward mode gives the derivative of the loss along a direction u exactly, and stores no activations. If u is drawn from the standard normal distribution, ⟨∇f, u⟩u has the mean ∇f, with a variance that grows with the number of weights. A Frank–Wolfe step moves towards the vertex of the set that the gradient points away from most. With so noisy a gradient the vertex is wrong even on average, and the method ends in the wrong place. An average of the estimates over the steps lets the error of the direction vanish, and the method converges.',
        zh: '一次前向模式求值即可精确得到损失沿方向 u 的导数，且不存储任何激活。若 u 取自标准正态分布，则 ⟨∇f, u⟩u 的均值为 ∇f，但方差随权重数增长。Frank–Wolfe 的每一步朝着集合中与梯度最相背的顶点移动；梯度噪声如此之大时，所选顶点即使平均而言也是错的，方法会停在错误的地方。把各步的估计加以平均，方向误差趋于零，方法便收敛。',
      },
      {
        en: 'Nothing is ever projected: a step is a convex combination with a vertex, so that weights never leave the set, be it a norm ball, the simplex, a k-sparse set or a ball of the nuclear norm. The experiment trains with and without averages and with back-propagation, and measures memory as the network grows deeper.',
        zh: '全程无需投影：每一步都是与某个顶点的凸组合，权重不会离开集合，无论它是范数球、单纯形、k-稀疏集合还是核范数球。实验比较有无平均以及反向传播的训练，并度量网络加深时的内存。',
      },
    ],
  },
  {
    name: 'codeultrafeedback',
    card: {
      number: 6,
      title: 'CodeUltraFeedback: An LLM-as-a-Judge Dataset for Aligning Large Language Models to Coding Preferences',
      arxiv: '2403.09032',
      area: 'alignment',
      summary: {
        en: 'Makes preference data for code without human annotators: several models answer, one judges, and a small model learns from the best against the worst',
        zh: '无需人工标注地构造代码偏好数据：多个模型作答，一个模型评判，小模型从最优与最差答案的对比中学习',
      },
    },
    purpose: {
      en: 'For teams whose code assistant should follow house rules, and for whoever studies how far models can be trusted as judges',
      zh: '适合希望代码助手遵循内部规范的团队，以及研究模型作为评判者是否可信的人',
    },
    text: [
      {
        en: 'Ten thousand coding instructions are each answered by four of fourteen language models. Another model rates the four answers by one of five preferences (following the instruction, explanation, complexity and efficiency, readability, style) from one to five, and gives its reasons. The best and the worst answer become a pair. A small model then learns from such data, first by supervised fine-tuning, then by direct preference optimisation (DPO), which raises the preferred answer’s likelihood against the other’s while a reference model holds it near its start. A benchmark of 500 instructions grades the outcome, with a judge again.',
        zh: '一万条编程指令各由十四个语言模型中的四个作答。另一个模型按五种偏好之一（遵循指令、解释、复杂度与效率、可读性、风格）给四个答案打一到五分并说明理由，最优与最差的答案组成一对。小模型先在这样的数据上做监督微调，再做直接偏好优化（DPO）：提高偏好答案相对于另一答案的似然，同时由参考模型约束其不偏离起点太远。最后用 500 条指令的基准评分，评判者仍是模型。',
      },
      {
        en: 'What has to be asked beside the judge’s rating: whether the code still runs, for DPO can raise the one and lower the other; what happens when labels are swapped; and how much the judge’s noise, its preference for a position, and answers that cannot be parsed move the result.',
        zh: '除了评判分数，还必须追问：代码是否仍能运行（DPO 可能提高前者而降低后者）；标签互换后会怎样；评判者的噪声、对位置的偏好以及无法解析的回答对结果有多大影响。',
      },
    ],
  },
  {
    name: 'cognitive-security',
    card: {
      number: 7,
      title: 'A Mathematical Framework for the Problem of Security for Cognition in Neurotechnology',
      arxiv: '2403.07945',
      area: 'privacy',
      summary: {
        en: 'Puts numbers on what a neural signal tells about its wearer, on how far stimulation could shift a decision unnoticed, and on defences against both',
        zh: '用数字说明神经信号泄露佩戴者多少信息、刺激能在多大程度上不被察觉地左右决策，以及对两者的防御效果',
      },
    },
    purpose: {
      en: 'For makers and auditors of brain–computer interfaces who must show what can be read, what can be written, and what a defence costs',
      zh: '适合脑机接口的研制者与审计者：说明能读出什么、能写入什么，以及防御的代价',
    },
    text: [
      {
        en: 'The paper asks for the security of cognition in two senses. Privacy: what can be inferred from a signal beyond what its task needs? Autonomy: how far can whoever controls a stimulator move the wearer’s decisions? It describes both as problems between an attacker and a defender, shows statistical properties of such problems, and states what each side has to compute.',
        zh: '论文从两个方面提出认知安全。隐私：除任务所需之外，从信号中还能推断出什么？自主：控制刺激器的人能在多大程度上改变佩戴者的决策？论文把二者表述为攻击者与防御者之间的问题，给出其统计性质，并说明双方各自要计算什么。',
      },
      {
        en: 'With a brain modelled as a dynamical system that a device reads and drives in part, properties of this kind can be tested: leaks add up over recordings at a known rate; few channels are no protection; two releases can be harmless alone and not together; and a limit on the Kullback–Leibler divergence that an attack may cause bounds its influence on any decision, whatever the brain (Pinsker’s inequality). The paper comes without code: these formal models follow established theory, not its text.',
        zh: '把大脑建模为动力系统，设备只读取并驱动其中一部分，这类性质便可检验：泄露以已知速率随记录次数累积；通道少并不能提供保护；两次单独无害的发布合在一起可能有害；对攻击所致 KL 散度设上限，无论大脑如何，都能约束其对任何决策的影响（Pinsker 不等式）。论文没有代码，这里的形式模型依据既有理论，而非论文原文。',
      },
    ],
  },
  {
    name: 'fgbert',
    card: {
      number: 8,
      title: 'FGBERT: Function-Driven Pre-trained Gene Language Model for Metagenomics',
      arxiv: '2402.16901',
      area: 'biology',
      summary: {
        en: 'Reads a stretch of DNA as a sentence whose words are genes, and learns from neighbours and from function what each gene does',
        zh: '把一段 DNA 读作以基因为词的句子，从相邻基因与功能标签中学习每个基因的作用',
      },
    },
    purpose: {
      en: 'For microbiome and resistance research: function labels, operons and gene embeddings from assembled contigs',
      zh: '适合微生物组与耐药性研究：从组装好的重叠群得到功能标签、操纵子和基因嵌入',
    },
    text: [
      {
        en: 'Models of metagenomes usually cut DNA into k-mers, which mean little by themselves. FGBERT takes one gene as one token: a protein language model turns its protein into a vector, and a transformer reads up to 30 neighbouring genes with their strands. Two tasks train it. Masked gene modelling hides genes and predicts them from their neighbours, with several candidate vectors of which the nearest counts, since more than one gene may fit a context. A contrastive loss on triplets draws together genes of one function whose sequences differ, and pushes away near ones of another.',
        zh: '宏基因组模型通常把 DNA 切成 k-mer，而 k-mer 本身意义有限。FGBERT 以一个基因为一个词元：蛋白质语言模型把其蛋白变成向量，Transformer 读取至多 30 个相邻基因及其链方向。训练有两个任务。掩码基因建模遮住部分基因并由邻居预测；同一上下文可容许多种基因，因此给出若干候选向量，只计最近的一个。三元组对比损失把序列不同而功能相同的基因拉近，把相近而功能不同的推远。',
      },
      {
        en: 'Genomes with shuffled genes show whether context was learnt: there the prediction of masked genes must fall to chance. Evaluation needs care. Where windows are cut from files sorted by class, neighbours give the label away; where test sequences resemble training sequences, the nearest neighbour already does well. Both have to be shown beside the model.',
        zh: '把基因顺序打乱的基因组可检验是否学到了上下文：此时对掩码基因的预测必须降到随机水平。评估须谨慎：若窗口取自按类别排序的文件，邻居就泄露了标签；若测试序列与训练序列相似，最近邻就已经不错。两者都应与模型并列报告。',
      },
    ],
  },
  {
    name: 'autommlab',
    card: {
      number: 9,
      title: 'AutoMMLab: Automatically Generating Deployable Models from Language Instructions for Computer Vision Tasks',
      arxiv: '2402.15351',
      area: 'AutoML',
      summary: {
        en: 'From a sentence to a vision model: reads the request, gathers data, picks a network under its constraints, proposes hyper-parameters, trains and exports',
        zh: '从一句话到视觉模型：理解需求、收集数据、在约束下选网络、提出超参数，然后训练并导出',
      },
    },
    purpose: {
      en: 'For product teams and teachers without machine-learning staff, and for engineers who want such choices on record',
      zh: '适合没有机器学习人员的产品团队与教师，以及希望选择过程有据可查的工程师',
    },
    text: [
      {
        en: 'A request such as “tell three breeds of cats apart, above 98 %, with fewer than 20 million parameters, at 100 frames a second” is parsed by a fine-tuned language model into a form. Classes of the data sets at hand are matched to the request through WordNet, networks are filtered by size, operations and speed, and a second language model proposes optimizer, learning rate, batch and schedule; it is told the score and proposes again, three times at most. The best network is exported for an inference engine.',
        zh: '“区分三种猫，准确率高于 98%，参数少于 2000 万，每秒 100 帧”这样的需求，由微调过的语言模型解析成结构化表单。可用数据集的类别通过 WordNet 与需求匹配，网络按参数量、运算量和速度筛选；第二个语言模型提出优化器、学习率、批大小和学习率计划，得知得分后再次提出，至多三轮。最好的网络导出到推理引擎。',
      },
      {
        en: 'What can fail is the proposer: it has to beat random search with as many trainings, and not to lose against the best fixed setting; one that was trained on shuffled scores must not. Scores that guide the search belong to validation data. Where they come from the test set the result is flattered, and by how much can be measured.',
        zh: '可能失败的是超参数提议：它必须在同样多的训练次数下胜过随机搜索，且不输给最佳固定设置；而在打乱的得分上训练的提议者不应做到。指导搜索的得分应来自验证集；若来自测试集，结果会被美化，其程度可以度量。',
      },
    ],
  },
  {
    name: 'omnipred',
    card: {
      number: 10,
      title: 'OmniPred: Language Models as Universal Regressors',
      arxiv: '2402.14547',
      area: 'AutoML',
      summary: {
        en: 'One language model as the regressor of many experiments: settings are written as text, results as a few tokens of digits',
        zh: '用一个语言模型对多种实验做回归：设置写成文本，结果写成几个数字词元',
      },
    },
    purpose: {
      en: 'For whoever records settings and what they led to (tuning, compilers, databases, trials in industry) and wants predictions with uncertainty, without features made by hand',
      zh: '适合积累了“设置–结果”记录（调参、编译器、数据库、工业试验）、希望不做特征工程就得到带不确定性预测的人',
    },
    text: [
      {
        en: 'A Gaussian process or a forest is fitted to one experiment at a time, once its parameters have been encoded by hand. OmniPred writes parameters and a description of the task as a line of text, the result as sign, digits and exponent, a token each, and trains one encoder–decoder transformer on all experiments by cross-entropy alone. Names, types and missing values need no care, and neither do scales, be they hundredths or millions. Samples from the decoder give a distribution of the result.',
        zh: '高斯过程或随机森林一次只拟合一个实验，而且要先手工编码参数。OmniPred 把参数和任务描述写成一行文本，把结果写成符号、数字和指数各一个词元，用单纯的交叉熵在所有实验上训练一个编码器–解码器 Transformer。参数名、类型和缺失值无需处理，数值尺度从百分之几到百万也无需归一化；从解码器采样即得结果的分布。',
      },
      {
        en: 'What transfer brings is measured on tasks that were never trained on: by the number of points that a Gaussian process would need to predict as well. With names and metadata removed from the text the advantage must go. Where points are plentiful and clean, the Gaussian process is expected to win, and the comparison should say so.',
        zh: '迁移的收益在从未训练过的任务上度量：高斯过程需要多少个点才能预测得同样好。去掉文本中的名称与元数据后，优势必须消失。在数据充足且干净时，预计高斯过程会胜出，比较时应如实说明。',
      },
    ],
  },
  {
    name: 'diffv2iqa',
    card: {
      number: 11,
      title: 'Diffusion Model Based Visual Compensation Guidance and Visual Difference Analysis for No-Reference Image Quality Assessment',
      arxiv: '2402.14401',
      area: 'vision',
      summary: {
        en: 'Rates an image without a reference: a diffusion model restores it, and the restoration and what lay on the way to it are the evidence',
        zh: '无参考图像质量评价：先由扩散模型复原图像，再以复原结果及其中间状态为依据评分',
      },
    },
    purpose: {
      en: 'For camera tuning, codecs and the sorting of large collections, where no pristine original exists',
      zh: '适合没有无损原图的场合：相机调校、编解码监测、大规模图像筛选',
    },
    text: [
      {
        en: 'People judge a damaged picture by what they think it should look like. DiffV2IQA makes this explicit. A conditional diffusion network, trained on pairs of damaged and pristine images, restores the picture; the restoration and two states from late in the sampling, which still carry noise, are kept. One branch reads all four images with a vision transformer, each marked with its level of noise. The other attends to the differences between features of the damaged image and those of the three others. Both rate patches, and the weighted ratings add up.',
        zh: '人评判受损图像时，会参照它“本应”的样子。DiffV2IQA 把这一点显式化：在受损–无损图像对上训练的条件扩散网络先复原图像，保留复原结果以及采样后期两个仍带噪声的状态。一个分支用视觉 Transformer 读取全部四幅图像，并标明各自的噪声水平；另一个分支关注受损图像与其余三幅在特征上的差异。两者都逐块评分，再加权合并。',
      },
      {
        en: 'The test is a paired one, by rank correlation with mean opinion scores on photographs whose references were not seen: the same network with and without the restored images. Low-pass copies in their place, and a restoration in one step without diffusion, tell whether it is diffusion that helps; the true reference is the upper bound.',
        zh: '检验是配对的：在训练中未见过其参考图的照片上，比较同一网络有无复原图像时与平均意见分的秩相关。以低通副本代替，或用不含扩散的一步复原代替，可以判断起作用的是否真是扩散；真实参考图给出上界。',
      },
    ],
  },
  {
    name: 'maxmin-rlhf',
    card: {
      number: 12,
      title: 'MaxMin-RLHF: Alignment with Diverse Human Preferences',
      arxiv: '2402.08925',
      area: 'alignment',
      summary: {
        en: 'Aligns a model for people who disagree: finds groups of annotators, fits a reward to each, and lifts the group that is worst off',
        zh: '面向意见不一的人群做对齐：在标注者中找出群体，为每个群体拟合奖励，并改善处境最差的群体',
      },
    },
    purpose: {
      en: 'For teams that collect votes from several departments, countries or customers and must show that no group is ignored',
      zh: '适合从多个部门、国家或客户群收集意见、并须证明没有群体被忽视的团队',
    },
    text: [
      {
        en: 'Ordinary RLHF fits one reward to everybody’s comparisons. Where a minority wants something else that reward forgets it, and the paper bounds from below how badly such a group must then be served. MaxMin-RLHF finds groups by expectation–maximisation: an annotator belongs to the reward model that explains their choices best, a reward model is fitted to the annotators who belong to it, and so on in turn. The policy then maximises the smallest of the groups’ expected rewards, less a penalty for leaving the reference policy, as the egalitarian rule of social choice demands.',
        zh: '通常的 RLHF 用一个奖励拟合所有人的比较。若少数人另有所求，这个奖励就会忽略他们；论文给出了这一群体所受损失的下界。MaxMin-RLHF 用期望最大化寻找群体：每位标注者归入最能解释其选择的奖励模型，每个奖励模型再由归入它的标注者拟合，如此交替。随后策略最大化各群体期望奖励中的最小者，并减去偏离参考策略的惩罚，这正是社会选择中的平等主义规则。',
      },
      {
        en: 'Two points decide the outcome. Rewards learnt from comparisons are known only up to a constant and a scale, so that the smallest of them means nothing before they are calibrated. And the smallest mean reward of a group is not the mean of the smallest reward of each answer, though the latter is easier to compute. Controls are random groups, and annotators who agree, of whom one group must be found.',
        zh: '有两点决定结果。由比较学得的奖励只确定到一个常数和一个尺度，不经校准，取最小值没有意义；“各群体平均奖励的最小值”也不等于“每个回答最小奖励的平均值”，尽管后者更容易计算。对照是随机分组，以及意见一致的标注者：此时必须只找到一个群体。',
      },
    ],
  },
  {
    name: 'joint-graph',
    purpose: {
      en: 'For whoever has graphs whose edges carry data, such as molecules or traffic scenes, and wants more of them',
      zh: '适合拥有边上带数据的图（如分子、交通场景）、并希望生成更多此类图的人',
    },
    text: [
      {
        en: 'Molecules, traffic scenes and decision processes are graphs with data on nodes and on edges, and the two belong together. Models that generate them apart get each right and their combination wrong: a bond that the atom cannot have, a distance that is not the one between two places. Here node attributes, the existence of edges and edge attributes are noised together by one stochastic process and denoised by one network, in which each sees the others in every layer and at every step of sampling.',
        zh: '分子、交通场景和决策过程都是节点与边均带数据的图，而两者相互关联。分别生成二者的模型各自正确，组合却出错：原子不可能有的键，或与两地位置不符的距离。这里，节点属性、边的存在与边属性由同一随机过程一起加噪，由同一网络一起去噪；在每一层、每一采样步，三者都能看到彼此。',
      },
      {
        en: 'Two kinds of generated graphs with known rules show what only the combination can: signed networks in which the signs around each triangle must multiply to +1, and traffic scenes in which the distance on an edge must be that of its ends. The competitor of equal size is the same network with the paths between nodes and edges cut.',
        zh: '两类规则已知的图可以检验只有“组合”才能做到的事：带符号的网络，每个三角形的符号之积须为 +1；交通场景，边上的距离须与两端位置一致。对手是同样大小、但切断了节点与边之间通路的同一网络。',
      },
    ],
  },
]
