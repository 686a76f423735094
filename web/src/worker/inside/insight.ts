import type { Model } from "lstm-wasm";
import { type LayerTrace, trace } from "lstm-wasm/inspect";
import { type Activity, CELL_STEPS, type Insight } from "../../common/insight.js";

/** Tokens offered in the place of another. */
const OFFERED = 5;

/**
 * What a language model does with a passage.
 *
 * @param tokens at least one
 */
export function insightOf(model: Model, tokens: Int32Array, isHeldOut: boolean): Insight {
  const { vocabulary, config } = model;
  const { layers, outputs, surprisals } = trace(model, tokens);
  // In two directions it would know what comes; such models are no language models.
  const last = layers.at(-1)![0]!;
  const surprisal = new Float32Array(tokens.length).fill(Number.NaN);
  surprisals?.forEach((bits, t) => {
    surprisal[t + 1] = bits;
  });
  return {
    tokens: textsOf(model, tokens),
    surprisal,
    likeliest: likeliestOf(outputs, vocabulary.tokens, tokens.length),
    units: config.hiddenSize,
    layer: layers.length,
    layers: layers.length,
    activity: activityOf(last),
    isHeldOut,
  };
}

/** The text that each token adds. */
const textsOf = ({ vocabulary }: Model, tokens: Int32Array): string[] =>
  Array.from(tokens, (token, t) => vocabulary.decodeToken(token, t === 0 ? undefined : tokens[t - 1]));

/** @param outputs the probabilities of the next token after each step, [steps, size] */
function likeliestOf(outputs: Float32Array, names: readonly string[], steps: number): Insight["likeliest"] {
  const size = names.length;
  const width = Math.min(OFFERED, size);
  const tokens = new Array<string>(steps * width).fill("");
  const probabilities = new Float32Array(steps * width);
  for (let t = 1; t < steps; t++) {
    const row = outputs.subarray((t - 1) * size, t * size);
    for (const [rank, token] of largest(row, width).entries()) {
      tokens[t * width + rank] = names[token]!;
      probabilities[t * width + rank] = row[token]!;
    }
  }
  return { width, tokens, probabilities };
}

/** The indices of the largest numbers, the largest first. */
export function largest(numbers: Float32Array, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < numbers.length; i++) {
    if (found.length === count && numbers[i]! <= numbers[found[count - 1]!]!) continue;
    let at = found.length;
    while (at > 0 && numbers[found[at - 1]!]! < numbers[i]!) at--;
    found.splice(at, 0, i);
    if (found.length > count) found.pop();
  }
  return found;
}

/** What one direction of a layer computes, small enough to keep. */
export function activityOf({ inputGate, forgetGate, outputGate, cellGate, hidden, cell }: LayerTrace): Activity {
  const share = (values: Float32Array) => Uint8Array.from(values, (value) => Math.round(value * 255));
  const signed = (values: Float32Array) => Int8Array.from(values, (value) => Math.round(value * 127));
  const most = 2 ** 15 - 1;
  return {
    input: share(inputGate),
    forget: share(forgetGate),
    output: share(outputGate),
    candidate: signed(cellGate),
    hidden: signed(hidden),
    cell: Int16Array.from(cell, (value) => Math.max(-most, Math.min(most, Math.round(value * CELL_STEPS)))),
  };
}
