import { InputError } from "../common/errors.js";
import { check, writeSequence } from "../data/examples.js";
import { padded } from "../kernels/kernels.js";
import type { Model } from "../model/model.js";

/**
 * Runs a model on one sequence, from a zero state.
 *
 * @param inputs tokens [T], or vectors [T, inputSize], concatenated
 * @returns per output, the probabilities of the tokens or classes, or the predicted values: [T, outputSize], or
 *   [outputSize] with `returnSequences: false`
 * @throws InputError for an empty sequence, or one that does not fit the model
 */
export function predict(model: Model, inputs: ArrayLike<number>): Float32Array {
  const { engine, input, output, config } = model;
  if (typeof inputs?.length !== "number")
    throw new InputError("expected the inputs of one sequence, an array of numbers");
  const width = input.kind === "continuous" ? input.size : 1;
  const T = inputs.length / width;
  if (!Number.isInteger(T) || T === 0)
    throw new InputError(`expected a positive multiple of ${width} inputs, got ${inputs.length} numbers`);
  check(inputs, input, "inputs");
  const plan = engine.plan(T, 1, { outputSteps: config.returnSequences ? T : 1 });
  const { floats } = engine;
  writeSequence(engine, plan.inputs, input, inputs, T, 1, 0);
  engine.forward(plan, engine.createState(1));
  if (output.kind === "categorical")
    engine.kernels.softmax(plan.logits, plan.outputSteps, output.size, padded(output.size), 1);
  const results = new Float32Array(plan.outputSteps * output.size);
  for (let t = 0; t < plan.outputSteps; t++) {
    const row = plan.logits / 4 + t * padded(output.size);
    results.set(floats.subarray(row, row + output.size), t * output.size);
  }
  return results;
}
