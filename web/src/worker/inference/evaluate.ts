import { predictNextTokens, type TrainingRun } from "lstm-wasm/inspect";
import type { TextEvaluation } from "../../common/protocol.js";
import type { Run } from "../run/run.js";

/** Tokens of a long text to evaluate: some seconds' work for a large model. */
const LIMIT = 20_000;

/** A model's accuracy on its training text, computed as the command line does. */
export async function evaluateText(
  { model, data }: Run,
  { options }: TrainingRun,
  signal: AbortSignal,
): Promise<TextEvaluation> {
  const trained = data.length - Math.round(data.length * options.validationFraction);
  const tokens = (data as Int32Array).subarray(0, Math.min(trained, LIMIT));
  const { batchSize } = options;
  const { accuracy } = await predictNextTokens(model, tokens, {
    batchSize,
    seed: model.config.seed,
    threads: 1,
    signal,
  });
  return { accuracy, ...(tokens.length < trained ? { first: tokens.length } : {}) };
}
