import { padded } from "../kernels/kernels.js";
import { type LayerAddresses, type LayerShape, layerAddresses, layerTensors } from "./recurrent-layer.js";
import { denseInputSize, directionsOf, type NetworkShape, outputSizeOf } from "./shape.js";
import { sizeOf, splitAxis, type Tensor, type TensorSpec } from "./tensors.js";

/** All parameters of a network, one after another without gaps. */
export interface ParameterTable {
  readonly tensors: readonly Tensor[];
  /** Floats in memory, padding included. */
  readonly length: number;
  /** Number of trained parameters, without padding. */
  readonly count: number;
}

/** The addresses of the parameters, or of gradients in the same layout, in bytes. */
export interface ParameterAddresses {
  /** 0 if there is none. */
  readonly embedding: number;
  readonly layers: readonly LayerAddresses[];
  /** 0 without a head. */
  readonly wy: number;
  readonly by: number;
}

/** The shapes of a network's recurrent layers, first to last. */
export function layerShapes(shape: NetworkShape): LayerShape[] {
  const { vocabularySize, hiddenSize, layers } = shape;
  const directions = directionsOf(shape);
  return Array.from({ length: layers }, (_, layer) => ({
    hiddenSize,
    vocabularySize,
    directions,
    inputSize: layer === 0 ? denseInputSize(shape) : directions * hiddenSize,
    inputParts: layer === 0 ? 1 : directions,
  }));
}

/** Plans the parameters of a network. */
export function planParameters(shape: NetworkShape): ParameterTable {
  const specs = [
    ...embeddingTensors(shape),
    ...layerShapes(shape).flatMap((layerShape, layer) => layerTensors(layer, layerShape)),
    ...linearTensors(shape),
  ];
  let length = 0;
  const tensors = specs.map((spec) => {
    const tensor = { ...spec, offset: length };
    length += spec.length;
    return tensor;
  });
  return { tensors, length, count: specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0) };
}

function embeddingTensors({ vocabularySize: V, embeddingSize = 0 }: NetworkShape): TensorSpec[] {
  if (embeddingSize === 0) return [];
  const stride = padded(embeddingSize);
  const axes = [
    { size: V, stride },
    { size: embeddingSize, stride: 1 },
  ];
  const shape = [V, embeddingSize];
  return [{ name: "embedding.weight", shape, length: V * stride, axes, init: { role: "embedding" } }];
}

function linearTensors(shape: NetworkShape): TensorSpec[] {
  if (shape.head === "none") return [];
  const { hiddenSize } = shape;
  const directions = directionsOf(shape);
  const inputs = directions * hiddenSize;
  const outputs = outputSizeOf(shape);
  const stride = padded(outputs);
  const outputAxis = { size: outputs, stride: 1 };
  return [
    {
      name: "linear.weight",
      shape: [outputs, inputs],
      length: directions * padded(hiddenSize) * stride,
      axes: [outputAxis, ...splitAxis(inputs, directions, stride)],
      init: { role: "weight", fanIn: inputs, fanOut: outputs, jointFanIn: inputs },
    },
    { name: "linear.bias", shape: [outputs], length: stride, axes: [outputAxis], init: { role: "bias" } },
  ];
}

/** The byte addresses of the table's tensors, in a flat buffer at `base`. */
export function addressesOf({ tensors }: ParameterTable, shape: NetworkShape, base: number): ParameterAddresses {
  const addresses = new Map(tensors.map(({ name, offset }) => [name, base + 4 * offset]));
  const at = (name: string) => addresses.get(name) ?? 0;
  return {
    embedding: at("embedding.weight"),
    layers: layerShapes(shape).map((layerShape, layer) => layerAddresses(layer, layerShape, at)),
    wy: at("linear.weight"),
    by: at("linear.bias"),
  };
}
