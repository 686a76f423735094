/**
 * The public API: import it from `lstm-wasm` or, with everything in one file, from `lstm-wasm/inline`. Forecasting and
 * classification have entries of their own, `lstm-wasm/forecast` and `lstm-wasm/classify`, which `lstm-wasm/inline` includes.
 *
 * @module lstm-wasm
 */

export { CheckpointError } from "./checkpoint/checkpoint-error.js";
export type { CheckpointSource, LoadOptions } from "./checkpoint/load.js";
export { load } from "./checkpoint/load.js";
export type { BlobLike, BlobPart, ByteSource, Bytes, BytesSource } from "./checkpoint/safetensors/bytes.js";
export type { SaveOptions } from "./checkpoint/save.js";
export { save, saveChunks } from "./checkpoint/save.js";
export {
  BackendError,
  DivergenceError,
  InputError,
  LstmError,
  OptionError,
  OutOfMemoryError,
  UnknownTokenError,
  WorkerError,
} from "./common/errors.js";
export type { AbortSignalLike, OptionSpec, OptionSpecs, OptionsOf, SettledOptions, ValueOf } from "./common/options.js";
export type { ClassWeights, Example, FeatureSpec, Numbers } from "./data/examples.js";
export type { CharacterDescription, CharacterOptions, Vocabulary } from "./data/vocabulary.js";
export { CHARACTER_OPTIONS, CharacterVocabulary, characters } from "./data/vocabulary.js";
export { vocabularyFrom } from "./data/vocabulary-from.js";
export type { WordDescription, WordOptions, WordSplitting } from "./data/words.js";
export { WORD_OPTIONS, WordVocabulary, words } from "./data/words.js";
export type { ClassFigures } from "./inference/confusion.js";
export { evaluate, predictNextTokens } from "./inference/evaluate.js";
export type {
  EvaluateOptions,
  Evaluation,
  NextTokenPredictions,
  PredictNextTokensOptions,
} from "./inference/evaluation-options.js";
export type { GenerateOptions, SampleOptions } from "./inference/generate.js";
export { GENERATE_OPTIONS, generate, generateSamples } from "./inference/generate.js";
export type { Gradients } from "./inference/gradients.js";
export { gradients } from "./inference/gradients.js";
export type { PredictBatchOptions } from "./inference/predict.js";
export { PREDICT_BATCH_OPTIONS, predict, predictBatch } from "./inference/predict.js";
export type { ProcessGroup } from "./inference/process-group.js";
export type {
  LstmStream,
  LstmStreamBatch,
  StepInput,
  StepInputs,
  StreamOptions,
} from "./inference/stream.js";
export { createStream, STREAM_OPTIONS } from "./inference/stream.js";
export type { StreamSnapshot, StreamState } from "./inference/stream-state.js";
export type { LayerTrace, Trace } from "./inference/trace.js";
export { trace } from "./inference/trace.js";
export type { Backend } from "./kernels/kernels.js";
export { availableBackends } from "./kernels/select.js";
export type { WasmSource, WasmSources } from "./kernels/wasm-builds.js";
export { setWasmSources } from "./kernels/wasm-builds.js";
export { createCell } from "./model/cell.js";
export type { Data } from "./model/dataset.js";
export type { CellGradients, CellOptions, CellOutput, LstmCell } from "./model/lstm-cell.js";
export type { InputKind, Model, ParameterTensor, TokenModelOptions, VectorModelOptions } from "./model/model.js";
export { createModel } from "./model/model.js";
export type { ModelConfig, ModelOptions } from "./model/options.js";
export { CREATE_OPTIONS, MODEL_OPTIONS } from "./model/options.js";
export type { Initialization } from "./network/initialize.js";
export type { LossName } from "./network/loss.js";
export type { Head } from "./network/shape.js";
export type { OptimizerName } from "./optim/optimizers.js";
export type { Schedule, ScheduleFunction } from "./optim/schedule.js";
export type { WasmBuild } from "./platform/platform.js";
export type { Preset, Presets } from "./presets/presets.js";
export { presets } from "./presets/presets.js";
export type { Recipe, Recipes } from "./presets/recipes.js";
export { recipes } from "./presets/recipes.js";
export type { TrainingRun } from "./training/history.js";
export { getTrainingRun, matchesTrainingData } from "./training/history.js";
export type { TrainConfig, TrainOptions } from "./training/options.js";
export { EXECUTION_OPTIONS, TRAIN_OPTIONS } from "./training/options.js";
export type { Training, TrainReport } from "./training/train.js";
export { train } from "./training/train.js";
export type { StopReason } from "./training/training-state.js";
