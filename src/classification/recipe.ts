import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";

/**
 * Defaults of classifiers, in programs and on the command line. The number of epochs is not among them: it is chosen by
 * early stopping.
 */
export const CLASSIFIER_RECIPE = {
  model: { bidirectional: true, hiddenSize: 64, forgetBias: 1 },
  training: { batchSize: 16, learningRate: 0.003, dropout: 0.2, clipNorm: 1, schedule: "cosine" },
} as const satisfies { readonly model: ModelOptions; readonly training: TrainOptions };
