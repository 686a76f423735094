import type { Optimizer } from "./optimizer.js";

/** Gradient descent, with optional momentum, as in torch.optim.SGD. */
export const sgd: Optimizer = {
  stateNames: ({ momentum }) => (momentum > 0 ? ["momentum_buffer"] : []),

  update(kernels, { parameters, previous, gradients, state, length }, { learningRate, gradientScale }, config) {
    const { momentum, weightDecay } = config;
    const [buffer = 0] = state;
    kernels.sgd(parameters, previous, gradients, buffer, length, learningRate, momentum, weightDecay, gradientScale);
  },
};
