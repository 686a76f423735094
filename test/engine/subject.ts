import { characters } from "../../src/data/vocabulary.js";
import type { TrainOptions } from "../../src/model/config.js";
import { createModel } from "../../src/model/model.js";
import { HAMLET } from "../../src/presets/hamlet.js";

/** A run of some thirty updates on three threads. */
export const OPTIONS: TrainOptions = { epochs: 4, batchSize: 6, sequenceLength: 10, dropout: 0.1, threads: 3 };

export const modelOf = () => createModel({ vocabulary: characters(HAMLET), hiddenSize: 8, backend: "simd" });
