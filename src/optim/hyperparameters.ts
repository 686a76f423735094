import { number, type SettledOptions } from "../common/options.js";

/** The hyperparameters of the optimizers. Defaults are torch.optim's, except for the learning rate. */
export const HYPERPARAMETERS = {
  /** Learning rate, before the schedule. */
  learningRate: number({ default: 0.002, above: 0 }),
  /** Momentum of sgd. */
  momentum: number({ default: 0, min: 0, below: 1, requires: { optimizer: ["sgd"] }, isFixed: true }),
  /** Decay rate of Adam's running mean of the gradients. */
  beta1: number({ default: 0.9, min: 0, below: 1, requires: { optimizer: ["adam", "adamw"] } }),
  /** Decay rate of Adam's running mean of the squared gradients. */
  beta2: number({ default: 0.999, min: 0, below: 1, requires: { optimizer: ["adam", "adamw"] } }),
  /** Decay rate of RMSprop's running mean of the squared gradients. */
  alpha: number({ default: 0.99, min: 0, below: 1, requires: { optimizer: ["rmsprop"] } }),
  /** Added to the denominator of Adam and RMSprop. */
  epsilon: number({ default: 1e-8, above: 0, requires: { optimizer: ["adam", "adamw", "rmsprop"] } }),
  /** Weight decay. Default 0.01 for adamw, else 0. */
  weightDecay: number({ default: ({ optimizer }) => (optimizer === "adamw" ? 0.01 : 0), min: 0 }),
};

/** All hyperparameters, with defaults filled in. */
export type Hyperparameters = SettledOptions<typeof HYPERPARAMETERS>;
