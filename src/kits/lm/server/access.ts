import { createHash, timingSafeEqual } from 'node:crypto'
import { ApiError } from './errors.ts'

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Refuses requests that do not carry the key. The comparison takes the same time wherever they differ. @throws ApiError 401 */
export function keyCheck(key: string): (authorization: string | undefined) => void {
  const expected = sha256(key)
  return (authorization) => {
    const given = /^Bearer +(.*)$/i.exec(authorization ?? '')?.[1]
    if (given === undefined) throw unauthorized('the request carries no key; send Authorization: Bearer KEY')
    if (!timingSafeEqual(sha256(given.trim()), expected)) throw unauthorized('the key is not the one of this server')
  }
}

const unauthorized = (message: string): ApiError =>
  new ApiError(401, message, { type: 'authentication_error', code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } })

/**
 * Whether an address is reached from this machine alone.
 *
 * @example
 * isLoopback('127.0.0.1') // true
 */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * Refuses requests whose `Host` is not this machine. A page of the web can make its own name stand for 127.0.0.1, and would then read what is answered.
 *
 * @throws ApiError 403
 */
export function requireLocal(url: string): void {
  const { hostname } = new URL(url)
  if (!isLoopback(hostname.replace(/^\[|\]$/g, '')))
    throw new ApiError(403, `the server answers to localhost, not to ${hostname}`, { type: 'permission_error', code: 'host_not_allowed' })
}
