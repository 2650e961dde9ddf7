import { z } from 'zod'
import { InputError, type Tensor } from '../../../engine/index.ts'
import type { LayeredParams } from '../../../nn/index.ts'
import type { FeatureNetwork } from './network.ts'
import { type FeatureRecipe, featureRecipeSchema } from './recipe.ts'

/** What a file of weights says of itself. */
export const featureCard = z.strictObject({
  recipe: featureRecipeSchema,
  classes: z.int().min(1),
  /** SHA-256 of images and labels. */
  trainedOn: z.string(),
})
export type FeatureCard = z.output<typeof featureCard>

export interface FeatureParams extends LayeredParams {
  /** Of each feature on the real training images: what it is divided by. */
  readonly deviation: Tensor
}

/** A feature network of ours: its weights are at hand. */
export interface TrainedFeatureNetwork extends FeatureNetwork {
  readonly card: FeatureCard
  readonly params: FeatureParams
}

/** The recipe with its keys in the schema's order, on which its hash depends. @throws InputError for one that is none. */
export function checkedRecipe(recipe: FeatureRecipe): FeatureRecipe {
  const { data, error } = featureRecipeSchema.safeParse(recipe)
  if (data) return data
  const [issue] = error.issues
  throw new InputError(`${issue.path.join('.')}: ${issue.message}`, { where: 'recipe of a feature network' })
}
