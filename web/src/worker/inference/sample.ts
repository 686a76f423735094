import type { GenerateOptions } from "lstm-wasm";
import { generate } from "lstm-wasm";
import { presets } from "lstm-wasm/presets";
import type { Content } from "../../common/protocol.js";
import type { Run } from "../run/run.js";

/** A sample stops after this many milliseconds, but not before it has this many tokens. */
const TIME_LIMIT = 60;
const MIN_TOKENS = 40;
/** During training tokens are sampled: greedy decoding of a young model yields little but spaces. */
const WHILE_TRAINING = { greedy: false, temperature: 0.6 };

/** What to generate from a text's model: what the command line generates once a run is done. */
function passageOf({ model, content, data }: Run): GenerateOptions {
  const { level } = model.vocabulary;
  const preset = Object.entries(presets).find(([name]) => name === content.preset)?.[1];
  if (preset && ("words" in preset ? "word" : "char") === level) return preset.passage;
  const [promptLength, maxTokens] = level === "char" ? [16, 400] : [4, 80];
  const prompt = model.vocabulary.decode(promptOf(data as Int32Array, content, promptLength));
  return { prompt, maxTokens, temperature: 0.8 };
}

/** The beginning of the text; of one that comes with a model, of what that has not read. */
function promptOf(data: Int32Array, { heldOut }: Content, length: number): Int32Array {
  const from = heldOut === undefined ? 0 : data.length - Math.round(data.length * heldOut);
  return data.subarray(from, from + length);
}

/**
 * The passage as the model generates it now, cut short where that takes long.
 *
 * @param isIdle whether the model is not being trained
 * @param temperature that the user chose
 */
export async function generateSample(run: Run, isIdle: boolean, temperature?: number): Promise<string> {
  const passage: GenerateOptions = {
    ...passageOf(run),
    ...(isIdle && temperature === undefined ? {} : WHILE_TRAINING),
    ...(temperature === undefined ? {} : { temperature }),
  };
  const end = performance.now() + TIME_LIMIT;
  let text = passage.prompt;
  let tokens = 0;
  for await (const token of generate(run.model, passage)) {
    text += token;
    if (++tokens >= MIN_TOKENS && performance.now() > end) break;
  }
  return text;
}
