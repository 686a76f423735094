import { choice, type SettledOptions } from "../common/options.js";
import { adam, adamw } from "./adam.js";
import { HYPERPARAMETERS } from "./hyperparameters.js";
import type { Optimizer } from "./optimizer.js";
import { rmsprop } from "./rmsprop.js";
import { sgd } from "./sgd.js";

/** The optimizers, by name. To add one, write its file and name it here. */
export const OPTIMIZERS: Readonly<Record<OptimizerName, Optimizer>> = { sgd, adam, adamw, rmsprop };

/**
 * An optimizer, with the formulas and defaults of torch.optim:
 *
 * - `sgd`, with optional momentum
 * - `adam` (Kingma and Ba 2015)
 * - `adamw`: Adam with decoupled weight decay (Loshchilov and Hutter 2019)
 * - `rmsprop` (Hinton 2012)
 */
export type OptimizerName = "sgd" | "adam" | "adamw" | "rmsprop";

/** The options of an optimizer. */
export const OPTIMIZER_OPTIONS = {
  /** Optimizer. */
  optimizer: choice(Object.keys(OPTIMIZERS) as OptimizerName[], { default: "adam", isFixed: true }),
  ...HYPERPARAMETERS,
};

export type OptimizerConfig = SettledOptions<typeof OPTIMIZER_OPTIONS>;

/** The optimizer of a configuration. */
export const optimizerOf = ({ optimizer }: OptimizerConfig): Optimizer => OPTIMIZERS[optimizer];
