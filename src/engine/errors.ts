/** Something the user gave cannot be used. The message says what, where, and what to do; the command line prints it as one line and exits with 2. */
export class InputError extends Error {
  override name = 'InputError'
  readonly what: string
  readonly where?: string
  readonly fix?: string

  constructor(what: string, context: { where?: string; fix?: string; cause?: unknown } = {}) {
    super([context.where ? `${context.where}: ${what}` : what, context.fix].filter(Boolean).join('; '), { cause: context.cause })
    this.what = what
    this.where = context.where
    this.fix = context.fix
  }
}

/** An operation was given shapes or dtypes that it does not take. Raised while tracing, at the user's line. */
export class ShapeError extends InputError {
  override name = 'ShapeError'
}

/** A loss or a gradient became NaN or infinite. */
export class NotFiniteError extends InputError {
  override name = 'NotFiniteError'
}
