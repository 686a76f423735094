/**
 * What happens inside, and what has happened: the gates and cells of a model while it reads, what it expects next, the gradients
 * of a loss, the run that trained it, and the bare cell. Import it from `lstm-wasm/inspect`, beside `lstm-wasm`.
 *
 * @module lstm-wasm/inspect
 */

export { predictNextTokens } from "./inference/evaluate.js";
export type { NextTokenPredictions, PredictNextTokensOptions } from "./inference/evaluation-options.js";
export type { Gradients } from "./inference/gradients.js";
export { gradients } from "./inference/gradients.js";
export type { LayerTrace, Trace } from "./inference/trace.js";
export { trace } from "./inference/trace.js";
export { createCell } from "./model/cell.js";
export type { CellGradients, CellOptions, CellOutput, LstmCell } from "./model/lstm-cell.js";
export type { TrainingRun } from "./training/history.js";
export { getTrainingRun, matchesTrainingData } from "./training/history.js";
