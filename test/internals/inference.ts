// What tests need of src/inference/ besides what a user imports: when files move, this is the one place to follow.

export * from "../../src/decoding/sampling.js";
export * from "../../src/inference/decoder.js";
export * from "../../src/inference/evaluate.js";
export * from "../../src/inference/evaluation-options.js";
export * from "../../src/inference/generate.js";
export * from "../../src/inference/generate-options.js";
export * from "../../src/inference/predict.js";
export * from "../../src/inference/sample-options.js";
