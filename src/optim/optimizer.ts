import type { Kernels } from "../kernels/kernels.js";
import type { Hyperparameters } from "./hyperparameters.js";

/** Where an update finds its floats: byte addresses of flat buffers, each `length` floats long. */
export interface UpdateAddresses {
  readonly parameters: number;
  /** Receives the parameters as they were before the update. */
  readonly previous: number;
  readonly gradients: number;
  /** One for each name in {@link Optimizer.stateNames}. */
  readonly state: readonly number[];
  readonly length: number;
}

/** Which update it is. */
export interface UpdateStep {
  /** Counted from 1. */
  readonly step: number;
  /** After the schedule. */
  readonly learningRate: number;
  /** What the gradients are multiplied by first. */
  readonly gradientScale: number;
}

/** How gradients become an update. */
export interface Optimizer {
  /** What it keeps for every parameter from one update to the next, by PyTorch's names. */
  stateNames(hyperparameters: Hyperparameters): readonly string[];
  update(kernels: Kernels, addresses: UpdateAddresses, step: UpdateStep, hyperparameters: Hyperparameters): void;
}
