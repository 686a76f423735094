/**
 * What a user imports, from `lstm-wasm` or, with everything in one file, from `lstm-wasm/inline`.
 *
 * @module lstm-wasm
 */

export type { LoadOptions, SaveOptions } from "./checkpoint/checkpoint.js";
export { load, save } from "./checkpoint/checkpoint.js";
export { FormatError } from "./checkpoint/checkpoint-error.js";
export {
  BackendError,
  DivergenceError,
  InputError,
  LstmError,
  OptionError,
  OutOfMemoryError,
  ThreadError,
  UnknownTokenError,
} from "./common/errors.js";
export type { Example, Numbers } from "./data/examples.js";
export type { Vocabulary } from "./data/vocabulary.js";
export { CharacterVocabulary, characters } from "./data/vocabulary.js";
export { vocabularyFrom } from "./data/vocabulary-from.js";
export type { WordDescription, WordOptions, WordSplitting } from "./data/words.js";
export { WordVocabulary, words } from "./data/words.js";
export type { EvaluateOptions, Evaluation, Prediction, PredictOptions } from "./inference/evaluate.js";
export { evaluate, predict } from "./inference/evaluate.js";
export type { GenerateOptions, SampleOptions } from "./inference/generate.js";
export { generate, generateSamples } from "./inference/generate.js";
export { run } from "./inference/predict.js";
export type { Backend } from "./kernels/kernels.js";
export { availableBackends } from "./kernels/select.js";
export type { WasmSource, WasmSources } from "./kernels/wasm-builds.js";
export { provideWasm } from "./kernels/wasm-builds.js";
export type { CellGradients, CellOptions, CellOutput, LstmCell } from "./model/cell.js";
export { createCell } from "./model/cell.js";
export type { ModelConfig, ModelOptions, TrainConfig, TrainOptions } from "./model/config.js";
export type { Data } from "./model/dataset.js";
export type { Model, ParameterTensor } from "./model/model.js";
export { createModel } from "./model/model.js";
export type { Initialization } from "./network/initialize.js";
export type { LossKind } from "./network/network.js";
export type { OptimizerName } from "./optim/optimizer.js";
export type { Schedule } from "./optim/schedule.js";
export type { Build } from "./platform/platform.js";
export type { Preset, Presets } from "./presets/presets.js";
export { presets } from "./presets/presets.js";
export { numericColumns } from "./series/csv.js";
export type { Backtest, ForecasterOptions, Series, Table } from "./series/forecast.js";
export { backtest, createForecaster, forecast, prepareSeries, transformOf } from "./series/forecast.js";
export type { Scaling } from "./series/scaling.js";
export type { SeriesConfig, SeriesDescription, SeriesOptions, SeriesTransform } from "./series/transform.js";
export type { TrainingRun } from "./training/history.js";
export { trainingOf, wasTrainedOn } from "./training/history.js";
export type { TrainReport } from "./training/train.js";
export { train } from "./training/train.js";
