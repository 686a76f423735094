/**
 * The public API: import it from `lstm-wasm` or, with everything in one file, from `lstm-wasm/inline`. What only some programs
 * need has an entry of its own, which `lstm-wasm/inline` includes: `lstm-wasm/words`, `lstm-wasm/stream`, `lstm-wasm/inspect`,
 * `lstm-wasm/presets`, `lstm-wasm/classify` and `lstm-wasm/forecast`.
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
export type { ClassFigures } from "./inference/confusion.js";
export { evaluate } from "./inference/evaluate.js";
export type { EvaluateOptions, Evaluation } from "./inference/evaluation-options.js";
export { generate, generateSamples } from "./inference/generate.js";
export type { GenerateOptions } from "./inference/generate-options.js";
export { GENERATE_OPTIONS } from "./inference/generate-options.js";
export type { PredictBatchOptions } from "./inference/predict.js";
export { PREDICT_BATCH_OPTIONS, predict, predictBatch } from "./inference/predict.js";
export type { ProcessGroup } from "./inference/process-group.js";
export type { SampleOptions } from "./inference/sample-options.js";
export type { Backend } from "./kernels/kernels.js";
export { availableBackends } from "./kernels/select.js";
export type { WasmSource, WasmSources } from "./kernels/wasm-builds.js";
export { setWasmSources } from "./kernels/wasm-builds.js";
export type { Data } from "./model/dataset.js";
export type { InputKind, Model, ParameterTensor, TokenModelOptions, VectorModelOptions } from "./model/model.js";
export { createModel } from "./model/model.js";
export type { ModelConfig, ModelOptions } from "./model/options.js";
export { CREATE_OPTIONS, MODEL_OPTIONS } from "./model/options.js";
export type { Initialization } from "./network/initialize.js";
export type { LossName } from "./network/loss.js";
export type { Head } from "./network/shape.js";
export type { OptimizerName } from "./optim/optimizers.js";
export type { Schedule, ScheduleFunction } from "./optim/schedule.js";
export type { WasmBuild, WholeBuild } from "./platform/platform.js";
export type { TrainConfig, TrainOptions } from "./training/options.js";
export { EXECUTION_OPTIONS, TRAIN_OPTIONS } from "./training/options.js";
export type { Training, TrainReport } from "./training/train.js";
export { train } from "./training/train.js";
export type { StopReason } from "./training/training-state.js";
