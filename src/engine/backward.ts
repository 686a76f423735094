import { padded } from "../kernels/kernels.js";
import { backward, clearStateGradients } from "../network/backward.js";
import type { Dropout } from "../network/network.js";
import type { ParameterAddresses } from "../network/parameters.js";
import type { PassPlan } from "../network/plan.js";
import type { Engine, State } from "./engine.js";

/**
 * The backward pass of an engine's network, from the gradient of the plan's logits to all gradients.
 *
 * @param stateGradient on entry the gradient of the final state, on return that of the initial one; by default, the final
 *   state has no gradient
 */
export function engineBackward(
  { network, shape, floats }: Engine,
  plan: PassPlan,
  gradients: ParameterAddresses,
  dropout?: Dropout,
  stateGradient?: State,
): void {
  if (!stateGradient) {
    clearStateGradients(network, plan);
    backward(network, plan, gradients, dropout);
    return;
  }
  const size = plan.B * padded(shape.hiddenSize);
  for (const [i, part] of plan.stateGradients.entries())
    floats.set(stateGradient.subarray(i * size, (i + 1) * size), part / 4);
  backward(network, plan, gradients, dropout);
  for (const [i, part] of plan.stateGradients.entries())
    stateGradient.set(floats.subarray(part / 4, part / 4 + size), i * size);
}
