import { STATES } from "../network/lstm-layer.js";
import type { CarriedStates } from "./carried-states.js";

// The states of one of the sequences that CarriedStates holds. Only streams read and write these.

/** A copy of one of {@link STATES} of a sequence: [layers, hiddenSize]. */
export function readState(carried: CarriedStates, row: number, state: number): Float32Array {
  const { hiddenSize, layers } = carried.model.engine.shape;
  const values = new Float32Array(layers * hiddenSize);
  for (let layer = 0; layer < layers; layer++) values.set(unitsOf(carried, layer, row, state), layer * hiddenSize);
  return values;
}

/** Replaces one of {@link STATES} of a sequence: [layers, hiddenSize]. */
export function writeState(carried: CarriedStates, row: number, state: number, values: ArrayLike<number>): void {
  const { hiddenSize, layers } = carried.model.engine.shape;
  for (let layer = 0; layer < layers; layer++) {
    const units = unitsOf(carried, layer, row, state);
    for (let j = 0; j < hiddenSize; j++) units[j] = values[layer * hiddenSize + j]!;
  }
}

/** Sets the states of a sequence to zero. */
export function clearState({ states, H }: CarriedStates, row: number): void {
  for (const state of states) state.fill(0, row * H, (row + 1) * H);
}

/** One of {@link STATES} of a sequence in a layer. */
function unitsOf({ states, H, model }: CarriedStates, layer: number, row: number, state: number): Float32Array {
  const start = row * H;
  return states[layer * STATES.length + state]!.subarray(start, start + model.engine.shape.hiddenSize);
}
