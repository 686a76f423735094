import { InputError, type Model, predict } from "lstm-wasm";
import type { Prediction, RunInfo } from "../../common/protocol.js";

// Models that generate no text: classifiers, taggers, regressions, stacks without a head.

/** Steps whose outputs are shown, and numbers at most. */
const MOST_STEPS = 100;
const MOST_NUMBERS = 20_000;
/** Steps of the example. */
const EXAMPLE = 3;

/** What a model reads, in words, and an example. */
export function describePredictor(model: Model): NonNullable<RunInfo["predictor"]> {
  const { size } = model.input;
  if (model.reads === "vectors") {
    const step = (t: number) => Array.from({ length: size }, (_, i) => Math.sin(t + i).toFixed(2)).join(" ");
    return {
      reads: `steps of ${size === 1 ? "one number" : `${size} numbers`}, one step a line`,
      example: Array.from({ length: EXAMPLE }, (_, t) => step(t)).join("\n"),
    };
  }
  const tokens = Int32Array.from({ length: Math.min(size, 2 * EXAMPLE) }, (_, i) => i);
  const what = model.vocabulary.level === "char" ? "characters" : "words or numbers, separated by spaces";
  return { reads: `a text of the ${size} tokens that it knows, ${what}`, example: model.vocabulary.decode(tokens) };
}

/**
 * What a model gives for an input as users write it.
 *
 * @throws InputError, UnknownTokenError for one that does not fit the model
 */
export function predictFrom(model: Model, written: string): Prediction {
  const inputs = model.reads === "vectors" ? vectorsIn(written, model.input.size) : model.vocabulary.encode(written);
  const { size, kind } = model.output;
  const outputs = predict(model, inputs);
  const steps = outputs.length / size;
  const shown = Math.min(steps, MOST_STEPS, Math.max(1, Math.floor(MOST_NUMBERS / size)));
  return {
    names: namesOf(model, size),
    isCategorical: kind === "categorical",
    values: new Float32Array(outputs.subarray(0, shown * size)),
    steps,
  };
}

/** Rows of numbers, between white space or commas. */
function vectorsIn(written: string, size: number): number[][] {
  const rows = written.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (rows.length === 0) throw new InputError("expected at least one step, got none");
  return rows.map((line, i) => {
    const row = line
      .trim()
      .split(/[\s,;]+/)
      .map(Number);
    if (row.length !== size) throw new InputError(`line ${i + 1}: expected ${size} numbers, got ${row.length}`);
    if (!row.every(Number.isFinite))
      throw new InputError(`line ${i + 1}: expected numbers, got “${line.slice(0, 60)}”`);
    return row;
  });
}

function namesOf(model: Model, size: number): readonly string[] {
  const { config, reads } = model;
  if (config.classes.length === size) return config.classes;
  if (reads === "tokens" && config.loss === "cross-entropy" && model.vocabulary.size === size)
    return model.vocabulary.tokens;
  return Array.from({ length: size }, (_, i) => String(i + 1));
}
