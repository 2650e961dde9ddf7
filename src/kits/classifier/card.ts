import { z } from 'zod'

/** What a classifier is about; travels inside its file, and says how somebody else's data fit it. */
export const classifierCard = z.object({
  /** Names of the classes, in the order of the logits. One logit for two classes is positive for the second. */
  classes: z.array(z.string()).min(2),
  /** One name a feature, in the order of the columns; of images none. */
  features: z.array(z.string()),
  /** Channels, height and width of an image; of tables none. */
  image: z.tuple([z.number().int().positive(), z.number().int().positive(), z.number().int().positive()]).optional(),
  /** Subtracted from features as they are, then divided by, before the first layer: one number a feature, or one for all. */
  mean: z.array(z.number()).min(1),
  deviation: z.array(z.number().positive()).min(1),
})

export type ClassifierCard = z.output<typeof classifierCard>

/**
 * The shape of one example as it is: [channels, height, width] or [features].
 *
 * @example
 * exampleShape({ features: ['age', 'income'] }) // [2]
 */
export const exampleShape = ({ image, features }: Pick<ClassifierCard, 'image' | 'features'>): readonly number[] =>
  image ?? [features.length]
