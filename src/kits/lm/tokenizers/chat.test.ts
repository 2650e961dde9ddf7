import { describe, expect, test } from 'vitest'
import { type ChatMessage, chatFormat, chatFormatNames, recognizeChatFormat } from './chat.ts'
import { promptTemplate } from './prompt-template.ts'

const talk: readonly ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: '1 + 1?' },
]

/* What the formats' own templates give for this talk, written out by hand. */
const written: Readonly<Record<string, string>> = {
  plain: 'Be brief.\nHi\nHello.\n1 + 1?\n',
  alpaca: 'Be brief.\n\n### Instruction:\nHi\n### Response:\nHello.\n\n### Instruction:\n1 + 1?\n### Response:\n',
  starcoder: '<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello.<|end|>\n<|user|>\n1 + 1?<|end|>\n<|assistant|>\n',
  llama2: '[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello. </s><s>[INST] 1 + 1? [/INST]',
  llama3:
    '<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n1 + 1?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
  chatml:
    '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\n1 + 1?<|im_end|>\n<|im_start|>assistant\n',
}

describe('chat formats', () => {
  test.each(chatFormatNames)('%s', (name) => {
    const { render } = chatFormat(name)
    expect(render(talk)).toBe(written[name])
    // A talk that ends with an answer, and one that is to be trained on, open no other answer.
    const whole = render(talk.slice(0, 3))
    expect(whole).toBe(render(talk.slice(0, 3), { answer: false }))
    expect(written[name].startsWith(whole)).toBe(true)
  })

  test('the alpaca prompt is the published one', () => {
    expect(chatFormat('alpaca').render([{ role: 'user', content: 'x' }])).toBe('### Instruction:\nx\n### Response:\n')
  })

  test('llama2 needs turns', () => {
    const { render } = chatFormat('llama2')
    expect(() => render([{ role: 'assistant', content: 'a' }])).toThrow('message 1: in the llama2 format')
    expect(() => render([talk[1], talk[1]])).toThrow('message 2')
    expect(() => render([talk[0]])).toThrow('message 1')
    expect(render([])).toBe('')
  })

  test('unknown names and templates are refused with the known ones', () => {
    expect(() => chatFormat('vicuna')).toThrow('"vicuna"; known are plain, alpaca, starcoder, llama2, llama3, chatml')
    for (const template of ['', '{{ messages }}', '<|im_start|>', '<|im_start|><|im_end|>[INST][/INST]<<SYS>>'])
      expect(() => recognizeChatFormat(template)).toThrow('choose one of plain')
  })

  test('templates are known by their marks', () => {
    for (const name of chatFormatNames) if (name !== 'plain') expect(recognizeChatFormat(`{% x %}${written[name]}`).name).toBe(name)
  })
})

describe('a prompt template', () => {
  test('is filled once, literally', () => {
    const { prompt, end } = promptTemplate('A {instruction} B{input}C{response}D {}')
    expect(prompt({ instruction: '{input} $1 $&', input: '{instruction}' })).toBe('A {input} $1 $& B{instruction}C')
    expect(end).toBe('D {}')
    expect(promptTemplate('x{instruction}y').prompt({ instruction: '1' })).toBe('x1y')
    expect(promptTemplate('{instruction}{input}').prompt({ instruction: '1' })).toBe('1')
  })

  test.each([
    ['no place', 'has no {instruction}'],
    ['{instruction} {intent}', 'has {intent}, which there is not'],
    ['{response} {instruction}', 'goes on behind {response}'],
  ])('%s is refused', (text, message) => expect(() => promptTemplate(text)).toThrow(message))
})
