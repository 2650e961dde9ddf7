/** What is measured: sizes of llama-family models (tied head, random weights that are the same for all), and what is done with them. */
export const models = {
  /** 0.3 M parameters */
  nano: { width: 64, layers: 6, heads: 4, hidden: 172, vocabulary: 260 },
  /** 12 M */
  m12: { width: 384, layers: 6, heads: 6, hidden: 1024, vocabulary: 4096 },
  /** 30 M */
  m30: { width: 512, layers: 8, heads: 8, hidden: 1376, vocabulary: 8192 },
  /** 110 M */
  m110: { width: 768, layers: 12, heads: 12, hidden: 2048, vocabulary: 32_000 },
}
export const context = 2048

const generation = (model, batch, prompt = 128, tokens = 33) => ({ kind: 'generate', model, batch, prompt, tokens })

/** Greedy generation of `tokens` tokens after `prompt`, and steps of training with Adam on `batch` rows of `length` tokens. */
export const jobs = {
  'generate-30m-1': generation('m30', 1),
  'generate-30m-8': generation('m30', 8),
  'generate-110m-1': generation('m110', 1),
  'generate-110m-8': generation('m110', 8),
  // How the cost grows with the context.
  'context-64': generation('m30', 1, 64),
  'context-256': generation('m30', 1, 256),
  'context-1024': generation('m30', 1, 1024),
  'context-1984': generation('m30', 1, 1984),
  'train-nano': { kind: 'train', model: 'nano', batch: 16, length: 128, peers: ['quire', 'torch'] },
  'train-12m': { kind: 'train', model: 'm12', batch: 8, length: 128, peers: ['quire', 'torch'] },
}

/** Token k of row r: the same for all peers, below every vocabulary. */
export const promptToken = (row, k) => (row * 31 + k * 17 + ((k * k) % 13)) % 256

/** Training steps whose losses are compared, and by how much they may differ. */
export const comparedSteps = 5
export const lossTolerance = 1e-3
