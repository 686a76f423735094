import { integer, type OptionsOf } from "../common/options.js";
import { MAX_BATCH_SIZE, PROGRESS } from "../model/options.js";
import type { GenerateOptions } from "./generate-options.js";
import { PROCESS_GROUP } from "./process-group.js";

/** Further options of {@link generateSamples}. */
export const SAMPLES_OPTION = {
  /** Number of texts to generate side by side. */
  samples: integer({ default: 1, min: 1, max: MAX_BATCH_SIZE }),
  /** Processes that share the texts, from `initMpi` of `lstm-wasm/mpi`: each makes the same call. */
  processGroup: PROCESS_GROUP,
  /** Called every few steps with the number of tokens that are generated, and the most there may be, in this process. */
  onProgress: PROGRESS,
};

/** Options of {@link generateSamples}. */
export interface SampleOptions extends GenerateOptions, OptionsOf<typeof SAMPLES_OPTION> {}

/** Texts that were generated, and the number of their tokens. */
export interface Generated {
  readonly texts: string[];
  readonly tokens: number;
}
