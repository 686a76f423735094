import type { Vocabulary } from "../data/vocabulary.js";
import { createInt8Kernels } from "../kernels/int8.js";
import type { Backend } from "../kernels/kernels.js";
import { Model } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { Int8Parameters, isWeight } from "../network/int8.js";
import type { ParameterTable } from "../network/parameters.js";
import { scalesOf } from "../network/tensors.js";
import { checkParameters, type TensorReader, values32 } from "./parameters.js";
import type { TensorData, TensorInfo } from "./safetensors/safetensors.js";

// Fetched when a file with int8 weights is loaded.

/**
 * A model whose parameters are still zero.
 *
 * @param plain the parameters as float32
 */
export async function createInt8Model(
  vocabulary: Vocabulary | undefined,
  config: ModelConfig,
  plain: ParameterTable,
  backend: Backend | "auto",
): Promise<Model> {
  const readsTokens = config.inputSize === 0 && config.embeddingSize === 0;
  const int8 = new Int8Parameters(plain, readsTokens);
  const kernels = await createInt8Kernels(backend);
  return new Model(vocabulary, config, kernels, int8);
}

/** Reads the parameters of a file that has been checked into the model. */
export function* readInt8({ engine, int8 }: Model, tensors: ReadonlyMap<string, TensorInfo>): TensorReader<void> {
  const { table, parameters } = engine;
  const { buffer } = engine.floats;
  for (const tensor of table.tensors.filter(isWeight)) {
    const { name, shape } = tensor;
    const { data }: TensorData = yield name;
    const scales: Float32Array = yield* values32(tensors, scalesOf(name), shape.slice(0, 1));
    int8!.write(tensor, { weights: data as Int8Array, scales }, buffer, parameters);
  }
  const biases = { ...table, tensors: table.tensors.filter((tensor) => !isWeight(tensor)) };
  yield* checkParameters(biases, tensors, "", (tensor, values) => engine.writeParameter(tensor, values));
}
