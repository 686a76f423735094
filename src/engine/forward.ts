import { padded } from "../kernels/kernels.js";
import type { Dropout } from "../network/network.js";
import type { Packing } from "../network/packing.js";
import type { PassPlan } from "../network/plan.js";
import type { Engine, State } from "./engine.js";

/**
 * The forward pass of an engine's network, from the plan's inputs and `state` to its logits. `state` becomes the state after
 * the last step.
 *
 * @param dropout only for a plan with dropout
 */
export function engineForward(engine: Engine, plan: PassPlan, state: State, dropout?: Dropout): void {
  loadState(engine, plan, state);
  engine.network.forward(plan, dropout);
  storeState(engine, plan, state);
}

/** Copies a state into the plan as its initial state: of `B` sequences, those from `first` on. */
export function loadState(engine: Engine, plan: PassPlan, state: State, B = plan.B, first = 0): void {
  engine.writeLists(plan);
  copyState(engine, plan, 0, state, B, first, true);
}

/** Copies the state after the last step of each sequence out of the plan. */
export function storeState(engine: Engine, plan: PassPlan, state: State, B = plan.B, first = 0): void {
  if (plan.packing) storeFinalRows(engine, plan, plan.packing, state, B, first);
  else copyState(engine, plan, plan.rows, state, B, first, false);
}

function copyState(
  { floats, shape }: Engine,
  { states, B: own }: PassPlan,
  row: number,
  state: State,
  B: number,
  first: number,
  inwards: boolean,
): void {
  const H = padded(shape.hiddenSize);
  const size = own * H;
  for (let i = 0; i < states.length; i++) {
    const at = states[i]! / 4 + row * H;
    const s = (i * B + first) * H;
    // For such short rows, a loop beats TypedArray.set.
    if (inwards) for (let j = 0; j < size; j++) floats[at + j] = state[s + j]!;
    else for (let j = 0; j < size; j++) state[s + j] = floats[at + j]!;
  }
}

function storeFinalRows(
  { floats, shape }: Engine,
  plan: PassPlan,
  { lastRows }: Packing,
  state: State,
  B: number,
  first: number,
): void {
  const H = padded(shape.hiddenSize);
  for (const [i, address] of plan.states.entries())
    for (const [b, row] of lastRows.entries()) {
      const at = address / 4 + (plan.B + row) * H;
      state.set(floats.subarray(at, at + H), (i * B + first + b) * H);
    }
}
