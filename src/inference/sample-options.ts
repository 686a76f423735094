import { integer, type OptionsOf, pick, settle } from "../common/options.js";
import { Random } from "../common/random.js";
import type { Model } from "../model/model.js";
import { MAX_BATCH_SIZE, PROGRESS } from "../model/options.js";
import { GENERATE_OPTIONS, type GenerateOptions, settleGenerate } from "./generate-options.js";
import { groupOf, PROCESS_GROUP } from "./process-group.js";
import { type Generated, generateTexts } from "./samples.js";

// Fetched by `generateSamples`.

/** Further options of `generateSamples`. */
export const SAMPLES_OPTION = {
  /** Number of texts to generate side by side. */
  samples: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Processes that share the texts, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Called every few steps with the number of tokens that are generated, and the most there may be, in this process. */
  onProgress: PROGRESS,
};

/** Options of `generateSamples`. */
export interface SampleOptions extends GenerateOptions, OptionsOf<typeof SAMPLES_OPTION> {}

/** As `generateSamples`, with the number of tokens generated. */
export async function generateSampleTokens(model: Model, options: SampleOptions): Promise<Generated> {
  const group = groupOf(options);
  const prepare = (chosen?: (samples: number) => readonly number[]) => {
    const given = Object(options) as SampleOptions;
    const { samples, onProgress } = settle({ ...GENERATE_OPTIONS, ...SAMPLES_OPTION }, given);
    const { seed, ...settled } = settleGenerate(model, pick(GENERATE_OPTIONS, given));
    const seeds = new Random(seed);
    const randoms = Array.from({ length: samples }, (_, i) => new Random(i === 0 ? seed : seeds.next()));
    const own = chosen?.(samples).map((i) => randoms[i]!) ?? randoms;
    const generate = () => generateTexts(model, { ...settled, randoms: own, processes: group?.localSize, onProgress });
    return { samples, generate };
  };
  if (!group) return prepare().generate();
  const { shareSamples } = await import("./shared-samples.js");
  return shareSamples(group, model, options, prepare);
}
