/** A file may say anything: what is quoted from it must not break the line, nor speak to the terminal. */
const inOneLine = (text: string): string => text.replace(/\s*[\t\r\n\u2028\u2029]\s*/g, ' ').replace(/\p{Cc}/gu, '\ufffd')

/**
 * Something the user gave cannot be used. The message says what, where, and what to do; the command line prints it as one line and exits with 2.
 *
 * @example
 * const error = new InputError('the file has no header', { where: 'digits.csv', fix: 'give --no-header' })
 * error.message // 'digits.csv: the file has no header; give --no-header'
 */
export class InputError extends Error {
  override name = 'InputError'
  readonly what: string
  readonly where?: string
  readonly fix?: string

  constructor(what: string, context: { where?: string; fix?: string; cause?: unknown } = {}) {
    const message = [context.where ? `${context.where}: ${what}` : what, context.fix].filter(Boolean).join('; ')
    super(inOneLine(message), { cause: context.cause })
    this.what = what
    this.where = context.where
    this.fix = context.fix
  }
}

/**
 * An operation was given shapes or dtypes that it does not take. Raised while tracing, at the user's line.
 *
 * @example
 * new ShapeError('matmul: [2, 3] and [2, 3] do not fit') instanceof InputError // true
 */
export class ShapeError extends InputError {
  override name = 'ShapeError'
}

/**
 * A loss or a gradient became NaN or infinite.
 *
 * @example
 * new NotFiniteError('the loss is NaN', { fix: 'lower the learning rate' }) instanceof InputError // true
 */
export class NotFiniteError extends InputError {
  override name = 'NotFiniteError'
}

/** An error as it crosses threads: structured clones lose everything but the message. */
export interface SentError {
  readonly message: string
  readonly stack?: string
  /** Set where it is the user's error. */
  readonly input?: { readonly what: string; readonly where?: string; readonly fix?: string }
}

/** What can be sent of an error. */
export const sentError = (error: unknown): SentError => {
  if (!(error instanceof Error)) return { message: String(error) }
  const input = error instanceof InputError ? { what: error.what, where: error.where, fix: error.fix } : undefined
  return { message: error.message, stack: error.stack, input }
}

/** The error that was sent, with its class where it is the user's. */
export const receivedError = ({ message, stack, input }: SentError): Error =>
  input ? new InputError(input.what, input) : Object.assign(new Error(message), { stack })
