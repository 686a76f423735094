import { flatten, type Numbers, stepsOf, writeSteps } from "../data/examples.js";
import { padded } from "../kernels/kernels.js";
import { READING_STEPS } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import { checkFinite } from "./finite.js";

/**
 * Runs a model on one sequence, from a zero state. The memory for activations does not grow with its length.
 *
 * @param inputs tokens [T], or vectors [T, inputSize], concatenated or nested
 * @returns per output, the probabilities of the tokens or classes, or the predicted values: [T, outputSize], or
 *   [outputSize] with `returnSequences: false`
 * @throws InputError for an empty sequence, or one that does not fit the model
 * @throws LstmError if the model's weights are so large that its outputs overflow
 */
export function predict(model: Model, inputs: Numbers): Float32Array {
  checkModel(model);
  const { engine, input, output, config } = model;
  const { kernels } = engine;
  const { size } = output;
  const numbers = flatten(inputs, input, "inputs");
  const T = stepsOf(numbers, input);
  const results = new Float32Array((config.returnSequences ? T : 1) * size);
  const state = engine.createState(1);
  // Both directions need the whole sequence.
  const steps = config.bidirectional ? T : READING_STEPS;
  for (let from = 0; from < T; from += steps) {
    const to = Math.min(T, from + steps);
    const plan = engine.plan(to - from, 1, config.returnSequences ? {} : { outputRows: 1 });
    writeSteps(engine, plan.inputs, input, numbers, from, to);
    engine.forward(plan, state);
    if (!config.returnSequences && to < T) continue;
    if (output.kind === "categorical") kernels.softmax(plan.logits, plan.outputRows, size, padded(size), 1);
    const first = config.returnSequences ? from : 0;
    for (let t = 0; t < plan.outputRows; t++) {
      const row = plan.logits / 4 + t * padded(size);
      results.set(engine.floats.subarray(row, row + size), (first + t) * size);
    }
  }
  checkFinite(results);
  return results;
}
