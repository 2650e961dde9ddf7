import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readDocuments, readJsonLines } from './documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'documents-'))
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

test('text files are documents, or their parts between blank lines are', async () => {
  const path = file('a.txt', 'one\r\ntwo\r\n \t\r\n\r\nthree\r\n')
  expect((await readDocuments([path])).map(({ text }) => text)).toEqual(['one\ntwo\n \t\n\nthree\n'])
  expect(await readDocuments([path], { split: 'blank' })).toEqual([
    { text: 'one\ntwo', where: `${path}, line 1` },
    { text: 'three\n', where: `${path}, line 5` },
  ])
})

test('lines of JSON, also gzipped, and whole folders', async () => {
  const lines = '{"text": "α"}\n\n{"text": "β\\r\\n"}\n'
  expect((await readDocuments([file('b.jsonl.gz', gzipSync(lines))])).map(({ text }) => text)).toEqual(['α', 'β\n'])
  expect(await readDocuments([file('c.jsonl', '{"code": "x"}')], { field: 'code' })).toHaveLength(1)
  const inner = mkdtempSync(join(tmpdir(), 'documents-'))
  for (const name of ['2.txt', '1.txt', 'skipped.bin']) writeFileSync(join(inner, name), name)
  expect((await readDocuments([inner])).map(({ text }) => text)).toEqual(['1.txt', '2.txt'])
})

test('endings may be in capitals, and a file may have more lines than a call takes arguments', async () => {
  const inner = mkdtempSync(join(tmpdir(), 'documents-'))
  writeFileSync(join(inner, 'A.JSONL'), '{"text": "a"}\n'.repeat(200_000))
  writeFileSync(join(inner, 'b.ndjson'), '{"text": "b"}\n')
  const documents = await readDocuments([inner])
  expect(documents).toHaveLength(200_001)
  expect(documents.at(-1)!.text).toBe('b')
})

test.each([
  ['not JSON', 'd.jsonl', '{"text": "a"}\n{', /d\.jsonl, line 2: this is no JSON; .*one object a line/],
  ['no object', 'e.jsonl', '[1]', /e\.jsonl, line 1: this is no JSON object/],
  ['no such field', 'f.jsonl', '{"txt": "a"}', /f\.jsonl, line 1: there is no text 'text'; the fields are txt/],
  ['not UTF-8', 'g.txt', new Uint8Array([65, 0xff]), /g\.txt: byte 1: not UTF-8/],
  ['nothing in it', 'h.txt', ' \n', /there is no text/],
])('%s is refused', async (_, name, content, message) => {
  await expect(readDocuments([file(name, content)])).rejects.toThrow(message)
})

test('a file that is not there is named', async () => {
  await expect(readJsonLines(join(folder, 'absent.jsonl'))).rejects.toThrow(/absent\.jsonl: there is no such file/)
})
