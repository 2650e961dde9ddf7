/**
 * Parameter-efficient fine-tuning for code generation (arXiv 2308.10462).
 *
 * @module
 */
export { type ApiTask, apiTask } from './api-task.ts'
