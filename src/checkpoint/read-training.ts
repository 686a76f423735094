import { allocateFloats } from "../common/errors.js";
import type { State } from "../engine/engine.js";
import { padded } from "../kernels/kernels.js";
import type { ModelConfig } from "../model/options.js";
import { STATES } from "../network/lstm-layer.js";
import type { ParameterTable } from "../network/parameters.js";
import { writeTensor } from "../network/tensors.js";
import { optimizerOf } from "../optim/optimizers.js";
import type { TrainConfig } from "../training/options.js";
import type { TrainingState } from "../training/training-state.js";
import { checkParameters, type TensorReader, values32 } from "./parameters.js";
import type { TensorInfo } from "./safetensors/safetensors.js";
import { TRAINING } from "./settings.js";
import {
  CARRIED,
  carriedShape,
  eachCarried,
  hasLast,
  LAST,
  type RunSettings,
  readRandom,
  statesOf,
} from "./training.js";

// Fetched by `load` for a file with the state of a run: what `save` needs as well, and what it does not.
export { checkTraining } from "./training.js";

type Tensors = ReadonlyMap<string, TensorInfo>;

/**
 * Reads the state of a run and of its random generator.
 *
 * @param settings the result of {@link checkTraining}
 */
export function* readTraining(
  tensors: Tensors,
  model: ModelConfig,
  table: ParameterTable,
  settings: RunSettings,
): TensorReader<{ state: TrainingState; random: Uint32Array }> {
  const { config } = settings;
  const optimizerState = new Map<string, Float32Array>();
  for (const name of optimizerOf(config).stateNames(config))
    optimizerState.set(name, yield* readParameters(table, tensors, `${TRAINING}${name}.`));
  const state: TrainingState = {
    ...settings,
    carried: yield* readCarried(tensors, model, config),
    optimizerState,
    last: hasLast(tensors) ? yield* readParameters(table, tensors, LAST) : undefined,
  };
  return { state, random: yield* readRandom() };
}

/**
 * The tensors as a flat buffer in the layout of the parameters.
 *
 * @throws CheckpointError as {@link checkParameters}
 */
function* readParameters(table: ParameterTable, tensors: Tensors, prefix: string): TensorReader<Float32Array> {
  const buffer = allocateFloats(table.length);
  yield* checkParameters(table, tensors, prefix, (tensor, values) => writeTensor(tensor, values, buffer));
  return buffer;
}

function* readCarried(tensors: Tensors, model: ModelConfig, config: TrainConfig): TensorReader<State> {
  const { batchSize: B } = config;
  const carried = allocateFloats(statesOf(model) * STATES.length * B * padded(model.hiddenSize));
  for (const [part, name] of CARRIED.entries()) {
    const values = yield* values32(tensors, name, carriedShape(model, B));
    eachCarried(model, B, part, (place, i) => {
      carried[place] = values[i]!;
    });
  }
  return carried;
}
