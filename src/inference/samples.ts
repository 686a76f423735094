import { TimeSlice } from "../common/event-loop.js";
import { integer, type OptionsOf, settle } from "../common/options.js";
import { packedWeights } from "../engine/packed-weights.js";
import type { Model } from "../model/model.js";
import { MAX_BATCH_SIZE } from "../model/options.js";
import { createDecoder, StopMatcher } from "./decoding.js";
import type { GenerateOptions } from "./generate-options.js";
import { groupOf, PROCESS_GROUP } from "./process-group.js";
import type { Generated } from "./shared-samples.js";

// Fetched by `generateSamples`.

/** Further options of `generateSamples`. */
export const SAMPLES_OPTION = {
  /** Number of texts to generate side by side. */
  samples: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Processes that share the texts, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
};

/** Options of `generateSamples`. */
export interface SampleOptions extends GenerateOptions, OptionsOf<typeof SAMPLES_OPTION> {}

/** As `generateSamples`, with the number of tokens generated. */
export async function generateSampleTokens(model: Model, options: SampleOptions): Promise<Generated> {
  const group = groupOf(options);
  const prepare = async (own?: (samples: number) => readonly number[]) => {
    const { samples: count, processGroup, ...others } = Object(options) as SampleOptions;
    const { samples } = settle(SAMPLES_OPTION, { samples: count, processGroup });
    const chosen = own?.(samples);
    const decoding = await createDecoder(model, others, samples, packedWeights, chosen);
    return { samples, generate: () => generateTexts(model, decoding, chosen?.length ?? samples, options) };
  };
  if (!group) return (await prepare()).generate();
  const { shareSamples } = await import("./shared-samples.js");
  return shareSamples(group, model, options, prepare);
}

async function generateTexts(
  model: Model,
  { decoder, maxTokens, prompt }: Awaited<ReturnType<typeof createDecoder>>,
  count: number,
  { signal, stop }: GenerateOptions,
): Promise<Generated> {
  const { vocabulary } = model;
  const timeSlice = new TimeSlice(signal);
  const texts = Array.from({ length: count }, () => ({
    generated: "",
    previous: prompt.at(-1),
    stopMatcher: new StopMatcher(stop),
    isDone: false,
  }));
  let tokens = 0;
  for (let i = 0; i < maxTokens && texts.some(({ isDone }) => !isDone); i++) {
    if (timeSlice.isOver) await timeSlice.yieldToEventLoop();
    decoder.step();
    for (const [s, text] of texts.entries()) {
      if (text.isDone) continue;
      const token = decoder.tokens[s]!;
      const piece = vocabulary.decodeToken(token, text.previous);
      text.generated += piece;
      tokens++;
      text.previous = token;
      text.isDone = text.stopMatcher.isMatched(piece);
    }
  }
  return { texts: texts.map(({ generated }) => generated), tokens };
}
