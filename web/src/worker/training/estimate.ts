import { characters, createModel, train } from "lstm-wasm";
import { words } from "lstm-wasm/words";
import { beginningOf, lengthOf, SHOWN, whole } from "../../common/content.js";
import type { GivenContent, TextRunConfig } from "../../common/protocol.js";

/** Milliseconds of training to go by, after the first step. */
const ENOUGH = 120;
/** Characters to train on, at least: a text much shorter than the batch has other speeds. */
const SAMPLE = 20_000;
/** Weights of a network whose steps take too long to try. */
const MOST_WEIGHTS = 4_000_000;

/** Seconds that a run would take here, from some steps of it; undefined where it cannot begin, or its steps take long. */
export async function estimateSeconds({
  content,
  words: splitting,
  model: options,
  training,
}: TextRunConfig<GivenContent>): Promise<number | undefined> {
  const { hiddenSize = 0, layers = 1 } = options;
  if (8 * hiddenSize ** 2 * layers > MOST_WEIGHTS) return undefined;
  const { batchSize = 1, sequenceLength = 0, validationFraction = 0, epochs = 1 } = training;
  const enough = Math.max(SAMPLE, 2 * batchSize * sequenceLength);
  const text = (enough > SHOWN ? (await whole(content)).text : beginningOf(content)).slice(0, enough);
  try {
    const vocabulary = splitting ? words(text, splitting) : characters(text);
    const model = await createModel({ ...options, vocabulary });
    try {
      const data = vocabulary.encode(text);
      // Neither the end of the run nor its held-out part changes the time of a step.
      const { patience: _, ...steps } = training;
      const endless = { ...steps, epochs: Number.MAX_SAFE_INTEGER, validationFraction: 0, progressInterval: 0 };
      let first: { readonly tokens: number; readonly seconds: number } | undefined;
      for await (const { tokens, seconds } of train(model, data, endless)) {
        first ??= { tokens, seconds };
        const time = seconds - first.seconds;
        if (time * 1000 < ENOUGH) continue;
        const all = (data.length / text.length) * lengthOf(content) * (1 - validationFraction) * epochs;
        return (all * time) / (tokens - first.tokens);
      }
      return undefined;
    } finally {
      model.free();
    }
  } catch {
    // Training says what is wrong with it.
    return undefined;
  }
}
