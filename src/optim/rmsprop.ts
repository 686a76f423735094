import type { Optimizer } from "./optimizer.js";

/** RMSprop (Hinton 2012), as in torch.optim.RMSprop. */
export const rmsprop: Optimizer = {
  stateNames: () => ["square_avg"],

  update(kernels, { parameters, previous, gradients, state, length }, { learningRate, gradientScale }, config) {
    const { alpha, epsilon, weightDecay } = config;
    const [meanSquare] = state as [number];
    kernels.rmsprop(
      parameters,
      previous,
      gradients,
      meanSquare,
      length,
      learningRate,
      alpha,
      epsilon,
      weightDecay,
      gradientScale,
    );
  },
};
