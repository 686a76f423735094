// What tests need of src/series/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/series/baselines.js";
export * from "../../src/series/conformal.js";
export * from "../../src/series/coverage-error.js";
export { prepareForecaster } from "../../src/series/forecaster.js";
export * from "../../src/series/metrics.js";
export * from "../../src/series/naive.js";
export * from "../../src/series/scaling.js";
export * from "../../src/series/scores.js";
export * from "../../src/series/transform.js";
