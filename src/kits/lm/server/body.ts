import { ApiError, badRequest } from './errors.ts'

/** Reads a request's JSON object, of at most `limit` bytes. @throws ApiError 400, 413 or 415 for anything else. */
export async function readJson(request: Request, limit: number): Promise<Record<string, unknown>> {
  requireJson(request.headers.get('content-type') ?? '')
  const value = parsed(await readText(request, limit))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('the body is not a JSON object')
  return value as Record<string, unknown>
}

/** Other types of content can be sent by any page of the web without the browser asking first. */
function requireJson(type: string): void {
  if (type.split(';')[0].trim().toLowerCase() !== 'application/json')
    throw new ApiError(415, `the content type is '${type}'; send application/json`, { code: 'unsupported_media_type' })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The parser's message quotes the text, which may be long and is nobody else's business.
    const place = /position (\d+)/.exec(String(error))?.[1]
    throw badRequest(`the body is not JSON${place ? `: see position ${place}` : ''}`, undefined, 'invalid_json')
  }
}

async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () =>
    new ApiError(413, `the body has more than ${limit} bytes, which is the limit`, {
      code: 'request_too_large',
      headers: { connection: 'close' },
    })
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  const parts: Uint8Array[] = []
  let size = 0
  if (request.body)
    for await (const part of request.body) {
      size += part.length
      if (size > limit) throw tooLarge()
      parts.push(part)
    }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch {
    throw badRequest('the body is not UTF-8')
  }
}
