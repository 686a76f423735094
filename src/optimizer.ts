import type { Kernels } from "./kernels/kernels.js";

/** The optimisers, and how many moments each keeps for every parameter. */
const SLOTS = { sgd: 0, adam: 2 } as const;

/** `sgd`: plain gradient descent; `adam`: Kingma and Ba 2015, β₁ 0.9, β₂ 0.999, ε 10⁻⁸. */
export type OptimizerName = keyof typeof SLOTS;

export const OPTIMIZERS = Object.keys(SLOTS) as OptimizerName[];

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** How many runs of floats, as long as the parameters, an optimiser needs. */
export const slotsOf = (name: OptimizerName): number => SLOTS[name];

/** Where an update finds its floats: byte addresses of runs that are `length` floats long. */
export interface UpdateAddresses {
  readonly parameters: number;
  /** Receives the parameters as they were before the update. */
  readonly previous: number;
  readonly gradients: number;
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
  name: OptimizerName,
  { parameters, previous, gradients, slots, length }: UpdateAddresses,
  step: number,
  learningRate: number,
  gradientScale: number,
): void {
  if (name === "sgd") {
    kernels.sgd(parameters, previous, gradients, length, learningRate, gradientScale);
    return;
  }
  const [m, v] = slots as [number, number];
  const correction1 = 1 - BETA1 ** step;
  const correction2 = 1 - BETA2 ** step;
  kernels.adam(
    parameters,
    previous,
    gradients,
    m,
    v,
    length,
    learningRate,
    BETA1,
    BETA2,
    EPSILON,
    correction1,
    correction2,
    gradientScale,
  );
}
