import { TimeSlice } from "../common/event-loop.js";
import { settle } from "../common/options.js";
import { padded } from "../kernels/kernels.js";
import { predictionBatches } from "../model/dataset.js";
import { checkModel, type Model } from "../model/model.js";
import { forEachChunk } from "./chunks.js";
import { EVALUATE_OPTIONS, type EvaluateOptions } from "./evaluation-options.js";
import { checkFinite } from "./finite.js";

/**
 * How unexpected each token of a text is: −log₂ of the probability that the model gives it after the tokens before it,
 * in bits. Their mean is the loss of evaluate divided by ln 2.
 *
 * @returns one for each token but the first or, with a window, but the first `window`
 * @throws as evaluate
 */
export async function surprisals(
  model: Model,
  text: string | Int32Array,
  options: EvaluateOptions = {},
): Promise<Float64Array> {
  checkModel(model);
  const { signal } = settle(EVALUATE_OPTIONS, options);
  const batches = await predictionBatches(model, text, 1);
  const results = new Float64Array(batches.predictionsPerEpoch);
  const { size } = model.output;
  let at = 0;
  await forEachChunk(model, batches, { timeSlice: new TimeSlice(signal) }, ({ logits, targets, outputRows }) => {
    const { floats, integers } = model.engine;
    for (let r = 0; r < outputRows; r++) {
      const row = logits / 4 + r * padded(size);
      results[at++] = surprisalOf(floats.subarray(row, row + size), integers[targets / 4 + r]!);
    }
  });
  checkFinite(results);
  return results;
}

/** −log₂ of the probability of a target, in float64, where improbable tokens have a probability above 0 too. */
function surprisalOf(logits: Float32Array, target: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return (largest + Math.log(sum) - logits[target]!) / Math.LN2;
}
