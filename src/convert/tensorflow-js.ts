import { toFloat32 } from "../checkpoint/safetensors/half.js";
import { quote } from "../common/show.js";
import { sizeOf } from "../network/tensors.js";
import type { ReadBeside } from "./beside.js";
import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import { isObject } from "./json.js";
import type { KerasWeight } from "./keras.js";
import { readKerasModel } from "./keras-model.js";

// A layers model of TensorFlow.js: model.json with the configuration of Keras and a list of the weights, whose numbers lie one
// after the other in files beside it.

/** Most bytes of all weights together. */
const LARGEST = 2 ** 31 - 1;

/** Whether JSON is such a model. */
export const isLayersModel = (json: unknown): json is Record<string, unknown> =>
  isObject(json) && "modelTopology" in json && "weightsManifest" in json;

/**
 * The network in a layers model.
 *
 * @throws ConversionError for a graph model, quantized weights, or a network that no model of ours is
 */
export async function readTensorFlowJs(
  json: Record<string, unknown>,
  beside: ReadBeside,
  layers: string | undefined,
  onNote: (note: string) => void,
): Promise<Description> {
  const { modelTopology: topology, weightsManifest: manifest, format } = json;
  const model = isObject(topology) && isObject(topology["model_config"]) ? topology["model_config"] : topology;
  if (format === "graph-model" || !isObject(model) || !("class_name" in model))
    throw new ConversionError(
      "model.json",
      "expected a layers model, in which layers have names; this is a graph model",
    );
  const groups = Array.isArray(manifest) ? manifest : [];
  const weights = new Map<string, KerasWeight[]>();
  for (const group of groups)
    for (const [name, weight] of await readGroup(group, beside)) {
      const layer = name.split("/", 1)[0]!;
      weights.set(layer, [...(weights.get(layer) ?? []), { ...weight, path: name.slice(layer.length + 1) }]);
    }
  return readKerasModel(model, (layer) => weights.get(layer) ?? [], layers, onNote);
}

/** The weights of a group, whose files are one run of bytes. */
async function readGroup(group: unknown, beside: ReadBeside): Promise<[string, Omit<KerasWeight, "path">][]> {
  const { paths, weights } = isObject(group) ? group : {};
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string") || !Array.isArray(weights))
    throw new ConversionError("model.json", "expected a weightsManifest of paths and weights");
  const specs = weights.map(specOf);
  const total = specs.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > LARGEST)
    throw new ConversionError("model.json", `its weights are to have ${total} bytes; the limit is ${LARGEST}`);
  const pieces: Uint8Array[] = [];
  for (const path of paths) pieces.push(await beside(path));
  const found = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (found !== total) throw new ConversionError(paths.join(", "), `expected ${total} bytes, got ${found}`);
  const joined = await new Blob(pieces.map((piece) => new Uint8Array(piece))).arrayBuffer();
  let at = 0;
  return specs.map(({ name, shape, bytes, read }) => {
    const start = at;
    at += bytes;
    return [name, { shape, values: () => read(joined.slice(start, start + bytes)) }];
  });
}

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** The numbers in these bytes. */
  readonly read: (bytes: ArrayBuffer) => Float32Array;
}

function specOf(json: unknown): Spec {
  const { name, shape, dtype, quantization } = isObject(json) ? json : {};
  const isShape = Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  const size = isShape ? sizeOf(shape as number[]) : Number.NaN;
  if (typeof name !== "string" || !Number.isSafeInteger(size))
    throw new ConversionError("model.json", "a weight without a name and a shape");
  const stored = isObject(quantization) ? quantization["dtype"] : dtype;
  const { scale = 1, min = 0 } = isObject(quantization) ? quantization : {};
  const type = Object.hasOwn(TYPES, String(stored)) ? TYPES[String(stored)] : undefined;
  if (dtype !== "float32" || !type || typeof scale !== "number" || typeof min !== "number")
    throw new ConversionError(name, `expected float32, as it is or quantized, got ${quote(String(stored))}`);
  const read = (bytes: ArrayBuffer) => {
    const values = type.read(bytes, name);
    return isObject(quantization) && stored !== "float16" ? values.map((value) => value * scale + min) : values;
  };
  return { name, shape: shape as number[], bytes: size * type.bytes, read };
}

/** How numbers are stored: quantized ones as integers, of which `scale` and `min` make floats. */
const TYPES: Readonly<Record<string, { bytes: number; read: (bytes: ArrayBuffer, name: string) => Float32Array }>> = {
  float32: { bytes: 4, read: (bytes) => new Float32Array(bytes) },
  float16: {
    bytes: 2,
    read: (bytes, name) => toFloat32({ dtype: "F16", shape: [], data: new Uint16Array(bytes) }, name),
  },
  uint16: { bytes: 2, read: (bytes) => Float32Array.from(new Uint16Array(bytes)) },
  uint8: { bytes: 1, read: (bytes) => Float32Array.from(new Uint8Array(bytes)) },
};
