// What tests need of src/training/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/training/data-parallel.js";
export * from "../../src/training/dataset.js";
export * from "../../src/training/encoded.js";
export * from "../../src/training/methods.js";
export * from "../../src/training/options.js";
export * from "../../src/training/resolve.js";
export { segmentsOf } from "../../src/training/segments.js";
export * from "../../src/training/stratified.js";
export type { Training } from "../../src/training/train.js";
export * from "../../src/training/train.js";
export * from "../../src/training/trainer.js";
export * from "../../src/training/training-state.js";
