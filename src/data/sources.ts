/** Where data came from: what a report must say about it. */
export interface Provenance {
  readonly name: string
  /** false: drawn by a generator; a result on it says nothing about the real data set. */
  readonly real: boolean
  /** The file, folder or address that it was read from, or the generator and its arguments. */
  readonly source: string
  /** Of the decompressed content; of several files one after another, in the order of the source record. */
  readonly sha256: string
  readonly licence?: string
}

export interface SourceFile {
  /** The names under which the file may lie in a folder; each is also looked for with `.gz`. The first is its name in the cache. */
  readonly names: readonly string[]
  /** Addresses of the same content, tried in order. */
  readonly urls: readonly string[]
  /** Size and checksum of the decompressed content. */
  readonly bytes: number
  readonly sha256: string
  /** Turns what the addresses give into the content, where they differ by more than compression. */
  readonly restore?: (downloaded: Uint8Array) => Uint8Array
}

/** A real data set: what it is made of and how a user gets it. */
export interface Source {
  readonly name: string
  /** Its folder under a data root. */
  readonly folder: string
  readonly real: true
  readonly licence: string
  readonly files: readonly SourceFile[]
}

const mnistFile = (part: string, rank: number, bytes: number, sha256: string): SourceFile => {
  const name = `t10k-${part}-idx${rank}-ubyte`
  const mirrors = ['https://storage.googleapis.com/cvdf-datasets/mnist', 'https://ossci-datasets.s3.amazonaws.com/mnist']
  return { names: [name, name.replace('-idx', '.idx')], urls: mirrors.map((mirror) => `${mirror}/${name}.gz`), bytes, sha256 }
}

/**
 * The 10,000 images of MNIST's test part.
 *
 * @example
 * mnistSource.files.length // 2
 */
export const mnistSource: Source = {
  name: 'mnist-t10k',
  folder: 'mnist-t10k',
  real: true,
  licence: 'usually stated as CC BY-SA 3.0 (Y. LeCun, C. Cortes, C. Burges)',
  files: [
    mnistFile('images', 3, 7_840_016, '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7'),
    mnistFile('labels', 1, 10_008, 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2'),
  ],
}

/**
 * Karpathy's 40,000 lines of Shakespeare, 65 distinct characters.
 *
 * @example
 * tinyShakespeareSource.name // 'tiny-shakespeare'
 */
export const tinyShakespeareSource: Source = {
  name: 'tiny-shakespeare',
  folder: 'tiny-shakespeare',
  real: true,
  licence: 'public domain',
  files: [
    {
      names: ['input.txt'],
      urls: ['https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt'],
      bytes: 1_115_394,
      sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed',
    },
  ],
}

const wdbcMeasures = 'radius texture perimeter area smoothness compactness concavity concave_points symmetry fractal_dimension'.split(' ')
export const wdbcHeader = [
  'id',
  'diagnosis',
  ...['mean', 'se', 'worst'].flatMap((kind) => wdbcMeasures.map((measure) => `${measure}_${kind}`)),
]

/**
 * 569 biopsies with 30 features, diagnosis malignant or benign.
 *
 * @example
 * wdbcSource.files[0].sha256.length // 64
 */
export const wdbcSource: Source = {
  name: 'uci-wdbc',
  folder: 'uci-wdbc',
  real: true,
  licence: 'CC BY 4.0 (W. Wolberg, O. Mangasarian, N. Street, W. Street, doi:10.24432/C5DW2B)',
  files: [
    {
      names: ['wdbc.csv'],
      urls: [
        'https://raw.githubusercontent.com/willhurwitz123/Wisconsin-breast-cancer-data/6791d5f7ab3316293de99f773b19f8e0656ef519/wdbc.data',
        'https://archive.ics.uci.edu/ml/machine-learning-databases/breast-cancer-wisconsin/wdbc.data',
      ],
      bytes: 124_571,
      sha256: '1beebcb6fe65e01dc93a1aafd43bee201723dc5bbd2479e5f7ed8c634e788202',
      restore: (downloaded) => withHeader(downloaded, wdbcHeader),
    },
  ],
}

export const adultHeader =
  'age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,capital_gain,capital_loss,hours_per_week,native_country,income'.split(
    ',',
  )

/**
 * 32,561 people of the 1994 census, income above or below 50,000 dollars.
 *
 * @example
 * adultSource.name // 'uci-adult'
 */
export const adultSource: Source = {
  name: 'uci-adult',
  folder: 'uci-adult',
  real: true,
  licence: 'CC BY 4.0 (B. Becker, R. Kohavi, doi:10.24432/C5XW20)',
  files: [
    {
      names: ['adult.csv'],
      urls: [
        'https://raw.githubusercontent.com/vrizawahyu22/adult-dataset/177cebb7401e583c4b6be6e0d060d8035c63b065/adult.data',
        'https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.data',
      ],
      bytes: 3_518_606,
      sha256: '3b8a6abd697a6623ef2ccbffc3e2802e167e7fdaa853003d3bd557b0ce7f5d2a',
      restore: (downloaded) => withHeader(downloaded, adultHeader),
    },
  ],
}

const optdigitsHeader = [...Array.from({ length: 64 }, (_, pixel) => `px_${pixel}`), 'class']

const optdigitsFile = (name: string, original: string, bytes: number, sha256: string): SourceFile => ({
  names: [name],
  urls: [
    `https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/${original}`,
    `https://raw.githubusercontent.com/logicalapple/cs7641-Supervised-Learning/62f33c6bdb37797a70e2e9180a4c4bd65c11c67a/${original}`,
  ],
  bytes,
  sha256,
  restore: (downloaded) => withHeader(downloaded, optdigitsHeader),
})

/**
 * 5,620 handwritten digits of 8 × 8 pixels; training and test part come from different writers.
 *
 * @example
 * optdigitsSource.name // 'uci-optdigits'
 */
export const optdigitsSource: Source = {
  name: 'uci-optdigits',
  folder: 'uci-optdigits',
  real: true,
  licence: 'CC BY 4.0 (E. Alpaydin, C. Kaynak, doi:10.24432/C50P49)',
  files: [
    optdigitsFile('optdigits-train.csv', 'optdigits.tra', 564_019, '6fffb51bafdce311f70760b57a7c63f37af79dec1b3eea7337479cc3ad0daff0'),
    optdigitsFile('optdigits-test.csv', 'optdigits.tes', 265_092, '978131bf22b698a9ac878ab626b4a6752273ece4f1bea752d69c51805806ce80'),
  ],
}

/** UCI's tables carry no header or someone else's, blanks after commas, and blank lines at the end. */
function withHeader(downloaded: Uint8Array, header: readonly string[]): Uint8Array {
  const lines = new TextDecoder()
    .decode(downloaded)
    .split(/\r?\n/)
    .map((line) => line.replaceAll(', ', ','))
    .filter(Boolean)
  const own = lines.length > 0 && /^[a-z]/i.test(lines[0]) ? lines.slice(1) : lines
  return new TextEncoder().encode(`${[header.join(','), ...own].join('\n')}\n`)
}
