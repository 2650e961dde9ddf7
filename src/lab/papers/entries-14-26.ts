import type { Entry } from './entry.ts'

export const entriesFrom14: readonly Entry[] = [
  {
    name: 'place-by-picking',
    card: {
      number: 14,
      title: 'Working Backwards: Learning to Place by Picking',
      arxiv: '2312.02352',
      area: 'robotics',
      summary: {
        en: 'Teaches a robot to place things by letting it pick them: a grasp from the place where they belong, played backwards, is a demonstration',
        zh: '让机器人通过“取”学会“放”：从目标位置取出物体的过程倒过来，就是一次放置示教',
      },
    },
    purpose: {
      en: 'For robotics engineers who need a placing policy for a fixture without teaching it by hand',
      zh: '适合需要为某个工装得到放置策略、又不想手工示教的机器人工程师',
    },
    text: [
      {
        en: 'To put a plate into a rack is hard to demonstrate and easy to undo. The robot starts with the object in its place, grasps it, pulls it out and records the motion. The reversed motion, executed for real so that the camera sees what it would see while placing, is a demonstration. Two modules make the reversal valid. The arm yields while the fingers close, so that the grasp does not shift the object; and a tactile image reveals a shallow grasp, which the hand then deepens. A policy is cloned from the images of a camera at the wrist, with a mixture of Gaussians over the next motion.',
        zh: '把盘子放进架子难以示教，却容易反过来做。机器人从物体已就位开始，抓住它、取出来并记录运动；把运动倒过来真实执行一遍，使相机看到放置时应看到的画面，就得到一次示教。两个模块保证倒放有效：手指合拢时手臂保持柔顺，抓取不会推动物体；触觉图像能发现抓得过浅，手随之加深。策略由腕部相机图像做行为克隆得到，以高斯混合表示下一步运动。',
      },
      {
        en: 'In simulation each module can be taken out; the share of valid demonstrations must then fall. The policy is compared with replaying a demonstration blindly, with training without noise on the paths, and with demonstrations by a simulated teacher, on positions of the rack that it has not seen.',
        zh: '在仿真中可以分别去掉每个模块，有效示教的比例必须随之下降。策略与盲目重放、训练轨迹不加噪声、以及模拟教师的示教相比较，并在未见过的架子位置上测试。',
      },
    ],
  },
  {
    name: 'kg-llm',
    card: {
      number: 15,
      title: 'LLMs for Knowledge Graph Construction and Reasoning: Recent Capabilities and Future Opportunities',
      arxiv: '2305.13168',
      area: 'knowledge graphs',
      summary: {
        en: 'Measures what language models do for knowledge graphs: extract triples, find events, complete links, answer questions, even about words never seen before',
        zh: '衡量语言模型在知识图谱上的能力：抽取三元组、检测事件、补全链接、回答问题，包括涉及从未出现过的词',
      },
    },
    purpose: {
      en: 'For knowledge engineers who must choose between a prompt, a small trained model and a graph embedding',
      zh: '适合需要在提示、小型训练模型与图嵌入之间做选择的知识工程师',
    },
    text: [
      {
        en: 'The study gives chat models tasks from eight data sets, with no example or with one, and compares them with systems that were trained for each. They turn out better at reasoning than at extraction. To tell skill from memory it invents words and relations that no model can have read: two sentences with their triples are shown, the triple of a third is asked for. A last part, AutoKG, lets several agents with roles, and a web search, build a graph.',
        zh: '该研究让对话模型在零样本或单样本下完成八个数据集上的任务，并与专门训练的系统比较；结果是推理强于抽取。为区分能力与记忆，研究造出任何模型都不可能读过的词和关系：给出两句话及其三元组，要求给出第三句的三元组。最后的 AutoKG 让多个扮演角色的智能体配合网络搜索来构建图谱。',
      },
      {
        en: 'Such figures depend on how answers are read and counted, and on few items; scorers have to be exact, with intervals. Where there is no language model at hand, parts of the question can still be asked: how much link prediction gains from an embedding that fits the algebra of relations, and whether a small model, trained on invented words only, extracts triples of relations that it has never met.',
        zh: '这类数字取决于如何解析与计数回答，且样本很少；评分必须精确并给出区间。即使没有大语言模型，也能检验问题的一部分：契合关系代数的嵌入能使链接预测提高多少；只在造出的词上训练的小模型，能否抽取从未见过的关系的三元组。',
      },
    ],
  },
  {
    name: 'tapis',
    card: {
      number: 16,
      title: 'Pixel-Wise Recognition for Holistic Surgical Scene Understanding',
      arxiv: '2401.11174',
      area: 'vision',
      summary: {
        en: 'Labels surgical video at four levels at once: phases and steps of the operation, instruments as masks, and what each of them is doing',
        zh: '同时在四个层次上标注手术视频：阶段、步骤、器械的像素级分割，以及每件器械正在做的动作',
      },
    },
    purpose: {
      en: 'For surgical data science, and for any video whose labels form a hierarchy from minutes to moments',
      zh: '适合手术数据科学，以及标签从分钟到瞬间构成层次的任何视频',
    },
    text: [
      {
        en: 'A phase of an operation lasts minutes, an action half a second. TAPIS reads a window of frames around a key frame with a multiscale video transformer, and segments the instruments of the key frame with another network. The token that stands for the window predicts phase and step. The embedding of each instrument attends to the tokens of the video and predicts its class and its actions. Windows are long for phases and short for actions. GraSP, the benchmark that comes with it, holds robot-assisted prostatectomies with labels at all four levels.',
        zh: '手术的一个阶段持续数分钟，一个动作只有半秒。TAPIS 用多尺度视频 Transformer 读取关键帧前后的一段窗口，用另一网络分割关键帧中的器械。代表整个窗口的词元预测阶段与步骤；每件器械的嵌入关注视频词元，预测其类别与动作。阶段用长窗口，动作用短窗口。随之发布的基准 GraSP 收录机器人辅助前列腺切除术，四个层次均有标注。',
      },
      {
        en: 'Two statements can be tested without the videos: that phases and steps need long context and actions do not, with key frames in shuffled order as the control; and, on synthetic clips, that instruments which attend to the video recognise actions better than either of the two alone.',
        zh: '不需要原始视频也能检验两点：阶段与步骤需要长上下文而动作不需要，以打乱关键帧次序为对照；在合成片段上，让器械关注视频比单独使用任何一方更能识别动作。',
      },
    ],
  },
  {
    name: 'step-adaptive',
    purpose: {
      en: 'For whoever runs a diffusion model often and would pay with storage for fewer operations a sample',
      zh: '适合频繁使用扩散模型、愿以存储换取每个样本更少运算的人',
    },
    text: [
      {
        en: 'One network denoises at every level of noise, though the levels are not equally hard, and each step of sampling pays for all of it. Here a network is first trained on all time steps. These are then cut into groups; each group gets a copy of the network, pruned to what the difficulty of the group needs and fine-tuned on the steps of the group alone. The sampler asks, at each step, the copy that is responsible. The price is storage: as many models as groups.',
        zh: '一个网络在所有噪声水平上去噪，而各水平的难度并不相同，采样的每一步都要为整个网络付出代价。这里先在所有时间步上训练一个网络，再把时间步分组；每组得到一个网络副本，按该组难度剪枝，并只在该组时间步上微调。采样时，每一步使用负责该步的副本。代价是存储：有多少组就有多少个模型。',
      },
      {
        en: 'The experiment asks, for as many training samples, whether such a bundle with 80 % of the operations beats uniform models with all of them, by held-out loss and by FID; and whether sizes by difficulty beat equal sizes. Copies that are not fine-tuned, shuffled groups and sizes in reversed order are the controls.',
        zh: '实验在训练样本同样多的条件下，检验运算量为 80% 的这组模型能否在留出损失和 FID 上胜过全运算量的统一模型，以及按难度分配大小能否胜过平均分配。对照是：不微调的副本、打乱的分组、颠倒的大小次序。',
      },
    ],
  },
  {
    name: 'prgd',
    purpose: {
      en: 'For a linear classifier on features that it can separate, at the largest distance from both classes, with a proof of how close that is to the best',
      zh: '适合在可分特征上训练线性分类器：与两类的距离尽可能大，并能证明离最优有多近',
    },
    text: [
      {
        en: 'On separable data gradient descent on an exponential loss turns towards the plane of the largest margin, but the gap of its margin falls like 1/log t; with normalized gradients it falls like 1/t. The pull towards the best direction is strong at a certain distance from its axis and fades nearer to it. PRGD takes normalized steps and, when they no longer turn, enlarges the norm of the weights: the angle stays as it was, and the pull is strong again.',
        zh: '在可分数据上，对指数损失做梯度下降会转向最大间隔平面，但间隔的差距只按 1/log t 下降；用归一化梯度则按 1/t 下降。朝最优方向的牵引在离其轴线一定距离处较强，靠近轴线时消失。PRGD 采用归一化步，当方向不再转动时放大权重的范数：角度不变，牵引重新变强。',
      },
      {
        en: 'On well-conditioned data the gap then falls exponentially. Two opposite bounds make a certificate: no plane can have a margin larger than the distance between convex combinations of the data allows. The experiment fits exponential and polynomial laws to the gaps of all methods, on a plane, in simplices, on pairs of digits and on a small network, and takes the rescaling away as the control.',
        zh: '在良态数据上，差距随之按指数下降。上下两个界构成证书：数据的凸组合之间的距离限定了任何平面所能达到的间隔。实验在平面点集、单纯形、数字对和小型网络上，对各方法的差距拟合指数律与幂律，并以去掉范数放大为对照。',
      },
    ],
  },
  {
    name: 'ono',
    card: {
      number: 19,
      title: 'Improved Operator Learning by Orthogonal Attention',
      arxiv: '2310.12487',
      area: 'scientific computing',
      summary: {
        en: 'Learns the solution operator of a differential equation in orthonormal functions that the network makes itself, which helps where simulations are few',
        zh: '用网络自己生成的标准正交函数学习微分方程的解算子，在模拟样本少时尤其有效',
      },
    },
    purpose: {
      en: 'For engineers with some hundred solved simulations who want the next solution in milliseconds, on any mesh',
      zh: '适合已有数百个模拟结果、希望在任意网格上以毫秒得到下一个解的工程师',
    },
    text: [
      {
        en: 'An integral operator with a symmetric positive kernel is a sum over eigenfunctions: project the input on each, scale, add up. ONO makes layers of this form. One stream of the network computes features at the points of the mesh; the Cholesky factor of their covariance makes them orthonormal. The other stream carries the solution, and is multiplied by these functions, by positive eigenvalues that are learnt, and by the functions’ transpose. The cost grows linearly with the number of points, and meshes may differ from sample to sample.',
        zh: '核对称正定的积分算子是对特征函数求和：把输入投影到每个特征函数上，缩放，再相加。ONO 的层就采用这种形式。网络的一条支路在网格点上计算特征，再由其协方差的 Cholesky 因子使之标准正交；另一条支路承载解，依次乘以这些函数、可学习的正特征值以及函数的转置。代价随点数线性增长，各样本的网格可以不同。',
      },
      {
        en: 'Orthonormality takes away a freedom in which attention over-fits when there are few simulations. The ablation is exact: batch normalisation in the place of orthogonalisation, in the same network, on a hundred Darcy flows. A problem whose eigenfunctions are known tells whether they are found; without orthogonalisation the loss is as low, and they are not. Then the trained operator is asked at twice the resolution.',
        zh: '标准正交去掉了样本少时注意力易于过拟合的自由度。消融是精确的：在同一网络、一百个 Darcy 流样本上，以批归一化代替正交化。在特征函数已知的问题上可以检验它们是否被找到；不做正交化，损失同样低，却找不到。最后在两倍分辨率上测试训练好的算子。',
      },
    ],
  },
  {
    name: 'estable-net',
    card: {
      number: 20,
      title: 'Energy stable neural networks for gradient flow equations',
      arxiv: '2309.10002',
      area: 'scientific computing',
      summary: {
        en: 'Predicts the separation of phases in few large steps, learnt from snapshots, none of which lets the free energy rise',
        zh: '从快照中学习，用少数几个大步长预测相分离，且每一步自由能都不上升',
      },
    },
    purpose: {
      en: 'For phase-field scientists who want a fast surrogate whose intermediate states can be believed',
      zh: '适合需要快速代理模型、并要求中间状态可信的相场研究者',
    },
    text: [
      {
        en: 'In a gradient flow, such as the Allen–Cahn or the Cahn–Hilliard equation, a free energy can only fall. A network that predicts the final state well may pass through states that break this, and then goes astray when it is applied again and again. EStable-Net is a chain of blocks whose outputs are successive states of the evolution, each built so that a discrete energy falls from one to the next, after the auxiliary-variable schemes of numerical analysis. It learns from snapshots: the equation may be unknown and the step need not be small. Training mixes windows of the early, fast separation with windows of the late, slow coarsening.',
        zh: '在 Allen–Cahn 或 Cahn–Hilliard 方程这样的梯度流中，自由能只会下降。能准确预测末态的网络，其中间状态却可能违反这一点，反复应用便会走偏。EStable-Net 由一串块组成，各块的输出是演化中的相继状态；每个块都借鉴数值分析中的辅助变量格式，使离散能量逐块下降。它从快照学习：方程可以未知，步长不必很小。训练把早期快速分离与后期缓慢粗化的时间窗混合使用。',
      },
      {
        en: 'The test counts the steps at which the true energy rises, on new initial states and beyond the time that was trained on. The same network without the energy design has to break the rule often, else nothing is shown. A classical stabilised scheme with as many steps is the bar for accuracy.',
        zh: '检验在新的初始状态上、并越过训练时间，统计真实能量上升的步数。没有能量设计的同一网络必须经常违反，否则说明不了问题。精度以步数相同的经典稳定化格式为标准。',
      },
    ],
  },
  {
    name: 'pfami',
    purpose: {
      en: 'For whoever is about to release a generative model that was trained on private records',
      zh: '适合即将发布在私有数据上训练的生成模型的人',
    },
    text: [
      {
        en: 'A record that a model has memorised sits on a peak of its probability: what is slightly different is less probable. PFAMI looks for this peak and not at the probability itself, which also says how ordinary a record is. It changes a record a little in several ways, asks the model by how much the loss rises, averages over changes and levels of noise, and takes off what a reference model shows on the same record. What remains is higher for members of the training data.',
        zh: '被模型记住的记录处在概率的峰上：稍有不同的记录概率就更低。PFAMI 寻找这个峰，而不看概率本身，因为后者还取决于记录有多普通。它以多种方式稍稍改动一条记录，观察模型损失上升多少，对改动方式与噪声水平取平均，再减去参考模型在同一记录上的表现；余下的量对训练集成员更高。',
      },
      {
        en: 'Here it stands beside simpler attacks, with intervals and with the checks without which such figures mean nothing: on a model that has seen neither group every attack has to be at chance, and a classifier of the bare records must not tell the groups apart. Protected models, such as those trained by DP-SGD, are attacked in the same way.',
        zh: '这里把它与更简单的攻击并列，给出区间，并做必不可少的检查：在两组数据都没见过的模型上，任何攻击都必须等于随机猜测；只看记录本身的分类器也不应区分两组。受保护的模型（如用 DP-SGD 训练的）以同样方式接受攻击。',
      },
    ],
  },
  {
    name: 'peft-code',
    purpose: {
      en: 'For whoever has a language model, pairs of intent and code in a style of their own, and one machine',
      zh: '适合手头有一个语言模型、一批自有风格的“意图–代码”数据和一台机器的人',
    },
    text: [
      {
        en: 'To tune all weights takes gradients and moments of all of them, about four times the memory of the model; examples in the prompt are paid for at every answer. Adapters train a hundredth of the numbers or less. LoRA adds the product of two thin matrices to chosen linear maps, (IA)³ scales activations, prompt and prefix tuning learn virtual tokens; QLoRA does the first beside a base that is kept in 4 or 8 bits. The study compares them for code from natural language, across sizes of models, and finds LoRA on the largest model that fits to be best.',
        zh: '全量微调需要全部权重的梯度与矩，约为模型内存的四倍；提示中的示例则每次回答都要付费。适配器只训练百分之一甚至更少的参数：LoRA 在选定的线性映射旁加上两个瘦矩阵之积，(IA)³ 缩放激活，提示微调与前缀微调学习虚拟词元，QLoRA 则在以 4 或 8 比特存放的底座旁做 LoRA。该研究在由自然语言生成代码的任务上比较它们及不同规模的模型，结论是：在放得下的最大模型上用 LoRA 最好。',
      },
      {
        en: 'Its hypotheses are judged here on small models by bits per byte of held-out code: the large model with LoRA against the small one with all weights tuned, and against examples in the prompt; and the price of a base in 4 bits. On your own data the same comparison runs under one budget of memory.',
        zh: '这里在小模型上以留出代码的每字节比特数检验其假设：大模型加 LoRA 对小模型全量微调，对提示示例，以及 4 比特底座的代价。在自己的数据上，同样的比较在统一的内存预算下进行。',
      },
    ],
  },
  {
    name: 'u-turn',
    demo: 'u-turn',
    purpose: {
      en: 'For whoever has a trained diffusion model and real examples, and wants variations of these or fresh samples for fewer evaluations',
      zh: '适合已有扩散模型和真实样例、希望得到其变体或以更少求值生成新样本的人',
    },
    text: [
      {
        en: 'A diffusion model makes an image out of noise in many steps. A U-turn starts from a real image, adds noise up to a level σ, turns round and runs the usual reverse process. Nothing is trained. A small σ gives the image back with its details drawn anew; a large one gives a fresh sample, for fewer evaluations than a full run. In between lie two levels: at the first, what comes back is no longer nearest to the image that it started from; at the second, it no longer keeps its class.',
        zh: '扩散模型用许多步把噪声变成图像。U-Turn 从真实图像出发，加噪到水平 σ，然后折返，运行通常的反向过程；无需任何训练。σ 小，得到细节被重画的原图；σ 大，得到全新的样本，而求值次数少于完整采样。其间有两个临界水平：在第一个，返回的图像不再最接近出发的图像；在第二个，它不再保持原来的类别。',
      },
      {
        en: 'Both levels are measured on a model of digits and, for an exact score, held against closed forms of a Gaussian and of a mixture. A level for generating is recommended by independence from the start, with FID beside it: by FID alone the best level is one where nothing new comes back.',
        zh: '这两个水平在数字模型上度量，并用精确得分与高斯分布及混合分布的闭式解对照。用于生成的水平按与起点的独立性推荐，并附 FID：若只看 FID，最佳水平恰是没有任何新东西返回的地方。',
      },
    ],
  },
  {
    name: 'mert',
    card: {
      number: 24,
      title: 'MERT: Acoustic Music Understanding Model with Large-Scale Self-supervised Training',
      arxiv: '2306.00107',
      area: 'audio',
      summary: {
        en: 'Learns to understand music without labels, by predicting masked moments from an acoustic code and from the constant-Q spectrum',
        zh: '无需标签地学习理解音乐：以声学编码和常数 Q 谱为目标，预测被遮住的片段',
      },
    },
    purpose: {
      en: 'For music information retrieval with few labels: tags, key, pitch, genre, instrument',
      zh: '适合标签稀缺的音乐信息检索：标签、调性、音高、流派、乐器',
    },
    text: [
      {
        en: 'Convolutions turn audio into 75 vectors a second; spans of them are masked, and a transformer predicts what was there. Two teachers set the targets. The acoustic one gives discrete codes, by k-means on cepstral coefficients or from the eight codebooks of a neural codec. The musical one gives the constant-Q spectrum, whose bins are spaced like notes. Pieces of other clips are mixed into the input while targets stay clean. The frozen features of each layer then serve many tasks through small probes.',
        zh: '卷积把音频变成每秒 75 个向量，遮住其中若干片段，由 Transformer 预测被遮住的内容。目标来自两位“教师”：声学教师给出离散编码，由倒谱系数的 k-means 或神经编解码器的八个码本得到；音乐教师给出常数 Q 谱，其频带像音符一样排列。输入中混入其他片段，目标保持干净。此后各层冻结的特征通过小探针服务于多种任务。',
      },
      {
        en: 'At a small scale the claim is one about the musical teacher: with the acoustic one alone the root of a chord can hardly be read from the features, with both it can, and nothing else gets worse. The weight between the two losses decides whether pitch is learnt at all, and so is part of the experiment.',
        zh: '在小规模下，论断关乎音乐教师：只有声学教师时，很难从特征读出和弦的根音；两者都有时则可以，而且其他能力不下降。两个损失之间的权重决定音高能否学到，因此也是实验的一部分。',
      },
    ],
  },
  {
    name: 'patch-mix',
    card: {
      number: 25,
      title: 'Patch-Mix Contrastive Learning with Audio Spectrogram Transformer on Respiratory Sound Classification',
      arxiv: '2305.14032',
      area: 'audio',
      summary: {
        en: 'Trains audio classifiers on few clips: patches of two spectrograms are mixed, and the mixture must resemble each source in proportion',
        zh: '用少量片段训练音频分类器：混合两段声谱图的图块，并要求混合后的表示按比例接近两个来源',
      },
    },
    purpose: {
      en: 'For sounds of lungs, hearts, machines or birds, with some hundred or thousand labelled clips',
      zh: '适合肺音、心音、机器声或鸟鸣等只有数百到数千个带标签片段的场合',
    },
    text: [
      {
        en: 'An audio spectrogram transformer cuts a spectrogram into patches. Patch-Mix replaces a random set of one clip’s patches by those of another. To mix the labels too, as mixup does, is wrong where labels form a hierarchy: a normal breath with a crackle in it is a crackle, not half of each. Therefore labels stay unmixed. Beside cross-entropy on clean clips, a contrastive loss asks that the embedding of the mixture be similar to those of its two sources in the proportion in which they were mixed.',
        zh: '音频声谱图 Transformer 把声谱图切成图块。Patch-Mix 用另一片段的图块替换本片段中随机选取的一组图块。若像 mixup 那样连标签也混合，在标签有层次时就不对：正常呼吸混入爆裂音就是爆裂音，而不是各占一半。因此标签不混合；除了干净片段上的交叉熵，还用对比损失要求混合后的嵌入按混合比例接近两个来源的嵌入。',
      },
      {
        en: 'On the ICBHI recordings of lungs the paper’s score rises from 59.6 to 62.4 % over plain fine-tuning. Seeds differ noticeably, so that a test needs several of them, patients kept apart and paired intervals. The mechanism can be tested by itself: whether similarity to the two sources follows the proportion, on patients never heard before.',
        zh: '在 ICBHI 肺音数据上，论文的得分从普通微调的 59.6% 提高到 62.4%。不同随机种子差异明显，因此检验需要多个种子、按患者划分和配对区间。机制本身也可单独检验：在从未听过的患者上，与两个来源的相似度是否随混合比例变化。',
      },
    ],
  },
  {
    name: 'r2et',
    demo: 'digit',
    purpose: {
      en: 'For whoever must tell people which features drove a decision, and wants the answer to be the same tomorrow',
      zh: '适合需要向人说明哪些特征决定了结果、并希望解释不会变来变去的人',
    },
    text: [
      {
        en: 'A saliency map says which features drove a decision. A change of the input too small to matter can replace most of its top k while the decision stays. R2ET trains so that they stay as well: it widens the gap between the saliency of the k most salient features and that of the others, and flattens the map by a norm of the Hessian. Adversarial training would attack the explanation within each step; here there is no attack in the loop.',
        zh: '显著图说明哪些特征决定了结果。输入的微小改动可以换掉前 k 个特征中的大部分，而决策不变。R2ET 训练的目标是让它们也不变：拉大最显著的 k 个特征与其余特征的显著度差距，并用 Hessian 的范数使显著图变平缓。对抗训练要在每一步中攻击解释，而这里的训练循环中没有攻击。',
      },
      {
        en: 'How many of the top k survive an attack is measured on three tables and on digits, beside plain training, Hessian penalties and adversarial training, and with it what accuracy is lost. A certificate gives the radius within which the top k of an input cannot change.',
        zh: '实验在三个表格数据集和数字图像上度量前 k 个特征有多少在攻击后保留，与普通训练、Hessian 惩罚和对抗训练并列，并度量损失多少准确率。证书给出一个半径，在此半径内某个输入的前 k 个特征不会改变。',
      },
    ],
  },
]
