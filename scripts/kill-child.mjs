// A tiny run of a method in a process of its own, or the rest of one: node scripts/kill-child.mjs METHOD FOLDER '{settings, arms}'. Made to be killed.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseSettings, resumeExperiment, runExperiment } from '../dist/experiment/index.js'
import { methods } from '../dist/methods/index.js'

const [method, folder, small] = process.argv.slice(2)
const { settings, arms } = JSON.parse(small)
const whole = await methods.find(({ name }) => name === method).experiment()
const definition = arms ? { ...whole, arms: (config) => whole.arms(config).filter(({ id }) => arms.includes(id)) } : whole
if (existsSync(join(folder, 'run.json'))) await resumeExperiment(definition, folder)
else await runExperiment(definition, { preset: 'smoke', settings: parseSettings(whole.config, settings), folder })
process.exit(0)
