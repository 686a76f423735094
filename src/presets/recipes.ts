import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";

// What the command line and the page train with where neither a preset nor the user says otherwise.

/** For a text of one's own. */
export const TEXT_RECIPE = { training: { clipNorm: 5 } } satisfies { training: TrainOptions };

/** For series: the columns are few, and the rows are read many times. */
export const SERIES_RECIPE = {
  window: 12,
  model: { hiddenSize: 32 },
  training: { epochs: 200, learningRate: 0.005, clipNorm: 5 },
} satisfies { window: number; model: ModelOptions; training: TrainOptions };
