import { integerPower } from "../common/exact-math.js";
import type { Optimizer } from "./optimizer.js";

/** Adam (Kingma and Ba 2015), as in torch.optim.Adam: weight decay is added to the gradient. */
export const adam = adamWith(false);

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019), as in torch.optim.AdamW. */
export const adamw = adamWith(true);

function adamWith(isDecoupled: boolean): Optimizer {
  return {
    stateNames: () => ["exp_avg", "exp_avg_sq"],

    update(kernels, { parameters, previous, gradients, state, length }, { step, learningRate, gradientScale }, config) {
      const { beta1, beta2, epsilon, weightDecay } = config;
      const [mean, meanSquare] = state as [number, number];
      kernels.adam(
        parameters,
        previous,
        gradients,
        mean,
        meanSquare,
        length,
        learningRate,
        beta1,
        beta2,
        epsilon,
        1 - integerPower(beta1, step),
        1 - integerPower(beta2, step),
        isDecoupled ? 0 : weightDecay,
        isDecoupled ? 1 - learningRate * weightDecay : 1,
        gradientScale,
      );
    },
  };
}
