import { characters } from "../internals/data.js";
import { createModel } from "../internals/model.js";
import { HAMLET } from "../internals/presets.js";
import type { TrainOptions } from "../internals/training.js";

/** A run of some thirty updates in three shards, on a thread each. */
export const OPTIONS: TrainOptions = {
  epochs: 4,
  batchSize: 6,
  sequenceLength: 10,
  dropout: 0.1,
  gradientShards: 3,
  threads: 3,
};

export const modelOf = () => createModel({ vocabulary: characters(HAMLET), hiddenSize: 8, backend: "simd" });
