import { integerPower } from "./exact-math.js";
import type { Kernels } from "./kernels/kernels.js";

/**
 * The optimisers, all with the formulas and defaults of torch.optim:
 *
 * - `sgd`, with optional momentum
 * - `adam`: β₁ 0.9, β₂ 0.999, ε 10⁻⁸ (Kingma and Ba 2015)
 * - `adamw`: the same with decoupled weight decay (Loshchilov and Hutter 2019)
 * - `rmsprop`: α 0.99, ε 10⁻⁸ (Hinton 2012)
 */
export type OptimizerName = "sgd" | "adam" | "adamw" | "rmsprop";

export const OPTIMIZERS = ["sgd", "adam", "adamw", "rmsprop"] as const satisfies readonly OptimizerName[];

export interface OptimizerConfig {
  readonly optimizer: OptimizerName;
  /** Of `sgd`; 0 for none. */
  readonly momentum: number;
  readonly weightDecay: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const ALPHA = 0.99;
const EPSILON = 1e-8;

/** What an optimiser keeps for every parameter, by PyTorch's names. */
export function slotsOf({ optimizer, momentum }: OptimizerConfig): readonly string[] {
  if (optimizer === "sgd") return momentum > 0 ? ["momentum_buffer"] : [];
  return optimizer === "rmsprop" ? ["square_avg"] : ["exp_avg", "exp_avg_sq"];
}

/** Where an update finds its floats: byte addresses of runs that are `length` floats long. */
export interface UpdateAddresses {
  readonly parameters: number;
  /** Receives the parameters as they were before the update. */
  readonly previous: number;
  readonly gradients: number;
  /** As many as {@link slotsOf} names. */
  readonly slots: readonly number[];
  readonly length: number;
}

/**
 * One update of all parameters.
 *
 * @param step counted from 1
 * @param gradientScale what the gradients are multiplied with first
 */
export function update(
  kernels: Kernels,
  { optimizer, momentum, weightDecay }: OptimizerConfig,
  { parameters: p, previous, gradients: g, slots, length }: UpdateAddresses,
  step: number,
  learningRate: number,
  gradientScale: number,
): void {
  const [m = 0, v = 0] = slots;
  if (optimizer === "sgd") {
    kernels.sgd(p, previous, g, m, length, learningRate, momentum, weightDecay, gradientScale);
  } else if (optimizer === "rmsprop") {
    kernels.rmsprop(p, previous, g, m, length, learningRate, ALPHA, EPSILON, weightDecay, gradientScale);
  } else {
    const l2 = optimizer === "adamw" ? 0 : weightDecay;
    const shrink = optimizer === "adamw" ? 1 - learningRate * weightDecay : 1;
    kernels.adam(
      p,
      previous,
      g,
      m,
      v,
      length,
      learningRate,
      BETA1,
      BETA2,
      EPSILON,
      1 - integerPower(BETA1, step),
      1 - integerPower(BETA2, step),
      l2,
      shrink,
      gradientScale,
    );
  }
}
