import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";

/** The type of {@link CLASSIFIER_RECIPE}. */
export interface ClassifierRecipe {
  /** The options of the model. */
  readonly model: ModelOptions;
  /** The options of its training. */
  readonly training: TrainOptions;
}

/**
 * Defaults of classifiers, in programs and on the command line. The number of epochs is not among them: it is chosen by
 * early stopping.
 */
export const CLASSIFIER_RECIPE: ClassifierRecipe = {
  model: { bidirectional: true, hiddenSize: 64, forgetBias: 1 },
  training: { batchSize: 16, learningRate: 0.003, dropout: 0.2, clipNorm: 1, schedule: "cosine" },
};
