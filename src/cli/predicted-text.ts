import { predictNextTokens } from "../inference/evaluate.js";
import type { NextTokenPredictions } from "../inference/evaluation-options.js";
import { trainingLength } from "../training/encoded.js";
import type { Run } from "./planned-run.js";

/** Most tokens that the final report covers: its cost must not grow with the text. */
const STRETCH = 100_000;
/** Most steps that it computes for a model with a window, which reads a whole window for each token. */
const WINDOW_STEPS = 2_000_000;

/**
 * The beginning of the training data, up to what fills the training streams: every token but the first is predicted.
 */
function stretchOf({ model, data, config }: Run): Int32Array {
  const { window } = model.config;
  const most = window > 0 ? Math.max(window + 1, Math.min(STRETCH, Math.ceil(WINDOW_STEPS / window))) : STRETCH;
  const length = Math.min(most, trainingLength(data.length, config));
  const over = window > 0 ? 0 : (length - 1) % config.batchSize;
  return (data as Int32Array).subarray(0, length - over);
}

/** The predictions that the final report of a text shows, and what was predicted. Processes that share a run share them too. */
export async function predictText(
  run: Run,
  signal: AbortSignal,
): Promise<{ readonly tokens: Int32Array; readonly prediction: NextTokenPredictions }> {
  const { model, config, options } = run;
  const { threads = 0, processGroup } = options;
  const tokens = stretchOf(run);
  const { seed } = model.config;
  const { batchSize } = config;
  return {
    tokens,
    prediction: await predictNextTokens(model, tokens, { batchSize, seed, threads, processGroup, signal }),
  };
}
