import type { ModelOptions } from "../model/options.js";
import type { TrainOptions } from "../training/options.js";

/** Defaults of the command line and the page, where neither a preset nor the user overrides them. */
export interface Recipe {
  /** The options of the model. */
  readonly model: ModelOptions;
  /** The options of the run. */
  readonly training: TrainOptions;
}

/** For your own text. */
export const TEXT_RECIPE = { model: {}, training: { clipNorm: 5 } } satisfies Recipe;

/** For series, which have few columns and are read many times. */
export const SERIES_RECIPE = {
  model: { hiddenSize: 32, window: 12 },
  training: { epochs: 200, learningRate: 0.005, clipNorm: 5 },
} satisfies Recipe;

/** The recipes, by kind of data. */
export interface Recipes {
  /** For your own text. */
  readonly text: Recipe;
  /** For series. */
  readonly series: Recipe;
}

/** The recipes, for programs with their own forms. */
export const recipes: Recipes = { text: TEXT_RECIPE, series: SERIES_RECIPE };
