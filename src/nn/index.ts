/**
 * Models as plain data: layers, networks, initialisers, losses.
 *
 * @module
 */
export * from './attention.ts'
export * from './initializers.ts'
export * from './layers.ts'
export * from './losses.ts'
export type { Model } from './model.ts'
export * from './networks.ts'
export * from './transformer.ts'
