import { characters } from "../../src/data/vocabulary.js";
import { createModel } from "../../src/model/model.js";
import { HAMLET } from "../../src/presets/hamlet.js";
import type { TrainOptions } from "../../src/training/options.js";

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
