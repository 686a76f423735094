import { backtest, getSeriesTransform, predictNextTokens, type TrainingRun } from "lstm-wasm";
import type { Learned, Tested } from "../protocol.js";
import { tableOf } from "./new-run.js";
import type { Run } from "./run.js";

/** Tokens of a long text that are looked at: some seconds' work for a large model. */
const MOST = 20_000;

/** How well a trained model foretells the text that it was trained on, as the command line reports it. */
export async function examineText(
  { model, data }: Run,
  { options }: TrainingRun,
  signal: AbortSignal,
): Promise<Learned> {
  const trained = data.length - Math.floor(data.length * options.validationFraction);
  const tokens = (data as Int32Array).subarray(0, Math.min(trained, MOST));
  const { batchSize } = options;
  const { accuracy } = await predictNextTokens(model, tokens, { batchSize, seed: model.config.seed, signal });
  return { accuracy, ...(tokens.length < trained ? { first: tokens.length } : {}) };
}

/** How well a trained model foretells the rows that were held out. */
export function examineSeries({ model, content, season }: Run): Tested {
  const { columns, target, testFraction } = getSeriesTransform(model).config;
  const table = tableOf(content, columns);
  const actual = Array.from(table[target]!);
  if (testFraction === 0) return { target, actual };
  const { actual: _, ...test } = backtest(model, table, season);
  return { target, actual, ...test, ...(season === undefined ? {} : { season }) };
}
