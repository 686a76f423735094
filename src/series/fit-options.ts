import type { OptionsOf } from "../common/options.js";
import type { TrainOptions } from "../training/options.js";
import type { TrialListeners } from "./choose.js";
import type { NetworkOptions } from "./network.js";
import type { FORECASTER_OPTIONS } from "./options.js";

/** Options of {@link fitForecaster}. */
export interface FitOptions extends OptionsOf<typeof FORECASTER_OPTIONS>, TrialListeners {
  /** Column to forecast. */
  target: string;
  /** Options of the network. Default: 32 hidden units, Huber's loss. */
  model?: NetworkOptions;
  /** Options of its training. Default: Adam with a learning rate of 0.005, for as many epochs as a trial finds best. */
  training?: TrainOptions;
}
