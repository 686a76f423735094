import type { Network } from "../network/network.js";
import type { PassPlan } from "../network/plan.js";

/** A forward pass, on whichever thread. */
export interface Pass {
  /** Plans it from an address on, or in the memory that all passes of this thread share. */
  plan(address?: number): PassPlan;
  /** Writes its inputs and states. */
  write(plan: PassPlan): void;
  /** Takes its outputs and states, and its loss if it is of training. */
  take(plan: PassPlan, loss: number): void;
}

/** Computes a pass on this thread. */
export function compute(network: Network, pass: Pass): void {
  const plan = pass.plan();
  pass.write(plan);
  network.forward(plan);
  pass.take(plan, 0);
}
