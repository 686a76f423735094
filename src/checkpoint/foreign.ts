import type { ModelConfig } from "../model/options.js";
import { CheckpointError } from "./checkpoint-error.js";
import type { TensorInfo } from "./safetensors/safetensors.js";

// Fetched by `load` for a file of another program, such as PyTorch.

type Tensors = ReadonlyMap<string, TensorInfo>;

/**
 * Infers the sizes of a model from its tensors, for a file without a configuration.
 *
 * @throws CheckpointError if the tensors are not those of a supported network
 */
export function inferSizes(
  tensors: Tensors,
): Pick<ModelConfig, "hiddenSize" | "layers" | "bidirectional" | "head" | "embeddingSize" | "outputSize"> {
  let layers = 0;
  while (tensors.has(`lstm.weight_hh_l${layers}`)) layers++;
  if (layers === 0) throw new CheckpointError(["header", "lstm.weight_hh_l0"], "the weights of an LSTM", "none");
  const hiddenSize = matrix(tensors, "lstm.weight_hh_l0")[1];
  const bidirectional = tensors.has("lstm.weight_hh_l0_reverse");
  const head = tensors.has("linear.weight") ? "linear" : "none";
  const outputSize = head === "linear" ? matrix(tensors, "linear.weight")[0] : (bidirectional ? 2 : 1) * hiddenSize;
  const embeddingSize = tensors.has("embedding.weight") ? matrix(tensors, "embedding.weight")[1] : 0;
  return { hiddenSize, layers, bidirectional, head, embeddingSize, outputSize };
}

function matrix(tensors: Tensors, name: string): readonly [number, number] {
  const shape = tensors.get(name)?.shape;
  const [rows, columns, ...more] = shape ?? [];
  if (!rows || !columns || more.length > 0)
    throw new CheckpointError(["header", name], "a matrix", shape ? `shape [${shape.join(", ")}]` : "none");
  return [rows, columns];
}
