/**
 * What a user imports, from `lstm-wasm` or, with everything in one file, from `lstm-wasm/inline`.
 *
 * @module lstm-wasm
 */

export type { CellGradients, CellOptions, CellOutput, LstmCell } from "./cell.js";
export { createCell } from "./cell.js";
export type { LoadOptions, SaveOptions } from "./checkpoint/checkpoint.js";
export { load, save } from "./checkpoint/checkpoint.js";
export { FormatError } from "./checkpoint/format-error.js";
export type { ModelConfig, ModelOptions, TrainConfig, TrainOptions } from "./config.js";
export { numericColumns } from "./data/csv.js";
export { vocabularyFrom } from "./data/described.js";
export type { Example, Numbers } from "./data/examples.js";
export type { Scaling } from "./data/scaling.js";
export type { SeriesConfig, SeriesDescription, SeriesOptions, SeriesTransform } from "./data/series.js";
export type { Vocabulary } from "./data/vocabulary.js";
export { CharacterVocabulary, characters } from "./data/vocabulary.js";
export type { WordDescription, WordOptions, WordSplitting } from "./data/words.js";
export { WordVocabulary, words } from "./data/words.js";
export type { Data } from "./dataset.js";
export {
  BackendError,
  DivergenceError,
  InputError,
  LstmError,
  OptionError,
  OutOfMemoryError,
  ThreadError,
  UnknownTokenError,
} from "./errors.js";
export type { EvaluateOptions, Evaluation, Prediction, PredictOptions } from "./evaluate.js";
export { evaluate, predict } from "./evaluate.js";
export type { Backtest, ForecasterOptions, Series, Table } from "./forecast.js";
export { backtest, createForecaster, forecast, prepareSeries, transformOf } from "./forecast.js";
export type { GenerateOptions, SampleOptions } from "./generate.js";
export { generate, generateSamples } from "./generate.js";
export type { TrainingRun } from "./history.js";
export { trainingOf, wasTrainedOn } from "./history.js";
export type { Initialization } from "./initialize.js";
export type { WasmSource, WasmSources } from "./kernels/builds.js";
export { provideWasm } from "./kernels/builds.js";
export type { Backend } from "./kernels/kernels.js";
export { availableBackends } from "./kernels/select.js";
export type { Model, ParameterTensor } from "./model.js";
export { createModel } from "./model.js";
export type { LossKind } from "./network.js";
export type { OptimizerName } from "./optimizer.js";
export type { Build } from "./platform/platform.js";
export type { Preset, Presets } from "./presets/presets.js";
export { presets } from "./presets/presets.js";
export { run } from "./run.js";
export type { Schedule } from "./schedule.js";
export type { TrainReport } from "./train.js";
export { train } from "./train.js";
