import { decodeText, readContent } from '../../../data/files.ts'

/** A text file of a checkpoint. @throws InputError where it cannot be read or is not UTF-8. */
export const readText = async (path: string): Promise<string> => decodeText(await readContent(path), path)

/** JSON as it is written beside a model. */
export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)
