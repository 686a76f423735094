import type { GenerateOptions } from "lstm-wasm";
import { generate, presets } from "lstm-wasm";
import type { Run } from "./run.js";

/** Milliseconds that one sample may take, and the tokens that it has at least. */
const LONGEST = 60;
const FEWEST = 40;
/** How tokens are chosen while a model learns. */
const DRAWN = { greedy: false, temperature: 0.6 };

/** What a text's model is asked to write while it learns: what the command line asks of a trained one. */
function passageOf({ model, content, data }: Run): GenerateOptions {
  const { level } = model.vocabulary;
  const preset = Object.entries(presets).find(([name]) => name === content.preset)?.[1];
  if (preset && ("words" in preset ? "word" : "char") === level) return preset.passage;
  const [promptLength, maxTokens] = level === "char" ? [16, 400] : [4, 80];
  const prompt = model.vocabulary.decode((data as Int32Array).subarray(0, promptLength));
  return { prompt, maxTokens, temperature: 0.8 };
}

/**
 * The passage as the model writes it now, shorter where writing takes long.
 *
 * @param isResting whether the model has come to rest; while it learns, tokens are drawn: the most probable one after
 *   another would long be nothing but spaces
 */
export async function sampleOf(run: Run, isResting: boolean): Promise<string> {
  const passage: GenerateOptions = { ...passageOf(run), ...(isResting ? {} : DRAWN) };
  const end = performance.now() + LONGEST;
  let text = passage.prompt;
  let tokens = 0;
  for await (const piece of generate(run.model, passage)) {
    text += piece;
    if (++tokens >= FEWEST && performance.now() > end) break;
  }
  return text;
}
