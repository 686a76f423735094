import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";

/** Options that the command line and the page use where neither a preset nor the user says otherwise. */
export interface Recipe {
  /** The options of the model. */
  readonly model: ModelOptions;
  /** The options of the run. */
  readonly training: TrainOptions;
}

/** For a text of one's own. */
export const TEXT_RECIPE = { model: {}, training: { clipNorm: 5 } } satisfies Recipe;

/** For series: the columns are few, and the rows are read many times. */
export const SERIES_RECIPE = {
  model: { hiddenSize: 32, window: 12 },
  training: { epochs: 200, learningRate: 0.005, clipNorm: 5 },
} satisfies Recipe;

/** The recipes, by kind of data. */
export interface Recipes {
  /** For a text of one's own. */
  readonly text: Recipe;
  /** For series. */
  readonly series: Recipe;
}

/** The recipes, for programs with forms of their own. */
export const recipes: Recipes = { text: TEXT_RECIPE, series: SERIES_RECIPE };
