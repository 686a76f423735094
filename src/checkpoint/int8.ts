import type { Vocabulary } from "../data/vocabulary.js";
import { createInt8Kernels } from "../kernels/int8.js";
import type { Backend } from "../kernels/kernels.js";
import { Model, shapeOf } from "../model/model.js";
import type { ModelConfig } from "../model/options.js";
import { Int8Parameters, isWeight } from "../network/int8.js";
import { checkParameters, scalesOf, type TensorReader, values32 } from "./parameters.js";
import type { TensorData, TensorInfo } from "./safetensors/safetensors.js";

// Fetched when a file with int8 weights is loaded.

/** A model whose parameters are still zero. */
export async function createInt8Model(
  vocabulary: Vocabulary | undefined,
  config: ModelConfig,
  backend: Backend | "auto" | undefined,
): Promise<Model> {
  const int8 = new Int8Parameters(shapeOf(config, vocabulary?.size ?? 0));
  return new Model(vocabulary, config, await createInt8Kernels(backend), { isInitialized: false, int8 });
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
  yield* checkParameters(biases, tensors, "", (tensor, values) =>
    int8!.writeFloats(tensor, values, buffer, parameters),
  );
}
