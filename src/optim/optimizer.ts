import type { Kernels } from "../kernels/kernels.js";
import type { Hyperparameters } from "./hyperparameters.js";

/** The byte addresses of an update's flat buffers, each `length` floats long. */
export interface UpdateAddresses {
  readonly parameters: number;
  /** Receives the parameters as they were before the update. */
  readonly previous: number;
  readonly gradients: number;
  /** One for each name in {@link Optimizer.stateNames}. */
  readonly state: readonly number[];
  readonly length: number;
}

/** The settings of one update. */
export interface UpdateStep {
  /** Counted from 1. */
  readonly step: number;
  /** The learning rate after the schedule. */
  readonly learningRate: number;
  /** The factor that the gradients are multiplied by first. */
  readonly gradientScale: number;
}

/** An optimizer. */
export interface Optimizer {
  /** PyTorch's names of the state that it keeps for every parameter. */
  stateNames(hyperparameters: Hyperparameters): readonly string[];
  update(kernels: Kernels, addresses: UpdateAddresses, step: UpdateStep, hyperparameters: Hyperparameters): void;
}
