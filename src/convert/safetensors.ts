import type { Bytes } from "../checkpoint/safetensors/bytes.js";
import { toFloat16, toFloat32 } from "../checkpoint/safetensors/half.js";
import { type OpenSafeTensors, read, type TensorData, write } from "../checkpoint/safetensors/safetensors.js";
import { save } from "../checkpoint/save.js";
import { OptionError } from "../common/errors.js";
import { boolean, choice, type OptionsOf, settle } from "../common/options.js";
import type { Model } from "../model/model.js";
import { scalesOf } from "../network/tensors.js";
import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import { quantized } from "./quantize.js";
import { readStateDict } from "./state-dict.js";

/** How a model is written as safetensors. */
export const SAFETENSORS_OPTIONS = {
  /**
   * Type of the weights in the file. float16 halves its size; int8 quarters it, and makes a model that computes with
   * bytes, which generates and predicts faster but cannot be trained. Both leave out the training state.
   */
  dtype: choice(["float32", "float16", "int8"], { default: "float32" }),
  /** Leaves out the training state: a smaller file, from which no run can be resumed. Always so but for float32. */
  weightsOnly: boolean({ default: ({ dtype }) => dtype !== "float32" }),
};

/** Options of {@link toSafetensors}. */
export interface SafetensorsOptions extends OptionsOf<typeof SAFETENSORS_OPTIONS> {}

/**
 * The network in a safetensors file that another program wrote.
 *
 * @param layers as of {@link readStateDict}
 */
export const readSafetensors = ({ tensors, tensor }: OpenSafeTensors, layers?: string): Promise<Description> =>
  readStateDict(
    {
      shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
      values: async (name) => toFloat32(await tensor(name), name),
    },
    layers,
  );

/**
 * A model as a safetensors file: a checkpoint of this library. With dtype float32 or float16, PyTorch's `nn.LSTM` and
 * `nn.Linear` load its tensors, too. Of a model with int8 weights, the numbers that they stand for are written.
 *
 * @throws OptionError for float16 or int8 with the training state
 * @throws ConversionError for a parameter that float16 cannot hold
 * @throws CheckpointError as `save` does
 */
export function toSafetensors(model: Model, options: SafetensorsOptions = {}): Bytes {
  const { dtype, weightsOnly } = settle(SAFETENSORS_OPTIONS, options);
  if (dtype !== "float32" && !weightsOnly) throw new OptionError("weightsOnly", `true with ${dtype}`, weightsOnly);
  const bytes = save(model, { training: !weightsOnly });
  if (dtype === model.dtype) return bytes;
  const { metadata } = read(bytes);
  const converted = floatsOf(bytes, model).flatMap(([name, shape, values]): [string, TensorData][] => {
    if (dtype === "int8" && shape.length === 2) return quantized(name, shape, values);
    return [[name, dtype === "float16" ? halves(name, shape, values) : { dtype: "F32", shape, data: values }]];
  });
  return write(new Map(converted), metadata);
}

type Floats = [name: string, shape: readonly number[], values: Float32Array<ArrayBuffer>];

/** The numbers of each tensor in a file of a model. */
function floatsOf(bytes: Bytes, model: Model): Floats[] {
  const scales = new Set(model.tensors.map(({ name }) => scalesOf(name)));
  return [...read(bytes).tensors]
    .filter(([name]) => !scales.has(name))
    .map(([name, { dtype, shape, data }]) => [
      name,
      shape,
      (dtype === "I8" ? model.tensor(name) : data) as Float32Array<ArrayBuffer>,
    ]);
}

function halves(name: string, shape: readonly number[], values: Float32Array<ArrayBuffer>): TensorData {
  const large = values.find((value) => Math.abs(value) >= LEAST_INFINITE);
  if (large !== undefined) throw new ConversionError(name, `float16 holds no ${large}: use float32`);
  return { dtype: "F16", shape, data: toFloat16(values) };
}

/** The least number that rounds to infinity. */
const LEAST_INFINITE = 65520;
