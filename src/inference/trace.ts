import { isTokens } from "../common/realms.js";
import { flatten, type Numbers, stepsOf, writeSteps } from "../data/examples.js";
import { engineForward } from "../engine/forward.js";
import { padded } from "../kernels/kernels.js";
import { checkModel, type Model } from "../model/model.js";
import type { LstmPlan } from "../network/lstm-layer.js";
import { Packing } from "../network/packing.js";
import type { PassPlan } from "../network/plan.js";
import { checkFinite } from "./finite.js";

/** What one direction of a layer computes at each step: [T, hiddenSize] each, step by step. */
export interface LayerTrace {
  /** How much of the candidate enters the cell, from 0 to 1. */
  readonly inputGate: Float32Array;
  /** How much of the cell stays, from 0 to 1. */
  readonly forgetGate: Float32Array;
  /** The candidate, from −1 to 1. PyTorch's g. */
  readonly cellGate: Float32Array;
  /** How much of the cell is shown, from 0 to 1. */
  readonly outputGate: Float32Array;
  /** The cell state. */
  readonly cell: Float32Array;
  /** The hidden state. */
  readonly hidden: Float32Array;
}

/** What happens in a model while it reads a sequence. */
export interface Trace {
  /** Of each layer, first to last, and of each direction: forward, then in reverse. Steps are in the sequence's order. */
  readonly layers: readonly (readonly LayerTrace[])[];
  /** As `predict` returns it, for each step: [T, outputSize]. */
  readonly outputs: Float32Array;
  /** For a language model: the probability of each token but the first, [T − 1]. */
  readonly probabilities?: Float32Array;
  /** Their surprisal in bits, −log₂ of the probability. */
  readonly surprisals?: Float32Array;
}

/**
 * Runs a model on one sequence, from a zero state, and shows what its gates and cells do. Takes memory for all steps at
 * once: 24 bytes per hidden unit, layer, direction and step.
 *
 * @param inputs a text, tokens [T], or vectors [T, inputSize], concatenated or nested
 * @throws UnknownTokenError for a token that the model does not know
 * @throws InputError for an empty sequence, or one that does not fit the model
 * @throws OutOfMemoryError if the sequence is too long
 */
export function trace(model: Model, inputs: Numbers | string): Trace {
  checkModel(model);
  const { engine, input, output } = model;
  const numbers = flatten(typeof inputs === "string" ? model.vocabulary.encode(inputs) : inputs, input, "inputs");
  const T = stepsOf(numbers, input);
  const plan = engine.plan(T, 1);
  writeSteps(engine, plan.inputs, input, numbers, 0, T);
  engineForward(engine, plan, engine.createState(1));
  const layers = plan.layers.map(({ directions }) =>
    directions.map((direction, d) => layerTrace(model, direction, T, d === 0 ? undefined : new Packing([T]).reversal)),
  );
  const outputs = outputsOf(model, plan);
  checkFinite(outputs);
  if (!model.isLanguageModel || !isTokens(numbers)) return { layers, outputs };
  const probabilities = new Float32Array(T - 1);
  for (let t = 0; t + 1 < T; t++) probabilities[t] = outputs[t * output.size + numbers[t + 1]!]!;
  return { layers, outputs, probabilities, surprisals: probabilities.map((p) => -Math.log2(p)) };
}

/** @param reversal the rows in the sequence's order, where they are not */
function layerTrace({ engine, config }: Model, plan: LstmPlan, T: number, reversal?: Int32Array): LayerTrace {
  const { floats } = engine;
  const { hiddenSize } = config;
  const H = padded(hiddenSize);
  /** Takes [T, hiddenSize] out of rows of `stride` floats. */
  const take = (address: number, stride: number): Float32Array => {
    const values = new Float32Array(T * hiddenSize);
    for (let t = 0; t < T; t++) {
      const row = address / 4 + (reversal?.[t] ?? t) * stride;
      for (let u = 0; u < hiddenSize; u++) values[t * hiddenSize + u] = floats[row + u]!;
    }
    return values;
  };
  const gate = (index: number) => take(plan.gates + 4 * index * H, 4 * H);
  // Step 0 is the initial state.
  const state = (index: number) => take(plan.states[index]! + 4 * H, H);
  return {
    inputGate: gate(0),
    forgetGate: gate(1),
    cellGate: gate(2),
    outputGate: gate(3),
    cell: state(1),
    hidden: state(0),
  };
}

function outputsOf({ engine, output }: Model, plan: PassPlan): Float32Array {
  const { size, kind } = output;
  if (kind === "categorical") engine.kernels.softmax(plan.logits, plan.outputRows, size, padded(size), 1);
  const outputs = new Float32Array(plan.outputRows * size);
  for (let r = 0; r < plan.outputRows; r++) {
    const row = plan.logits / 4 + r * padded(size);
    outputs.set(engine.floats.subarray(row, row + size), r * size);
  }
  return outputs;
}
