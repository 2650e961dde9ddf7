import { expect, test } from 'vitest'
import { skipsCuda } from './doctor.ts'

// Read off the install scripts of these releases.
test.each([
  ['1.18.0', '--onnxruntime-node-install-cuda=skip'],
  ['1.21.0', '--onnxruntime-node-install-cuda=skip'],
  ['1.22.0', '--onnxruntime-node-install=skip'],
  ['^1.30.0', '--onnxruntime-node-install=skip'],
  ['2.0.0', '--onnxruntime-node-install=skip'],
])('the script of onnxruntime-node %s is told by %s to download nothing', (version, option) => expect(skipsCuda(version)).toBe(option))
