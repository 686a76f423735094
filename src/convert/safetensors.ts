import { save } from "../checkpoint/checkpoint.js";
import type { Bytes } from "../checkpoint/safetensors/bytes.js";
import { toFloat16 } from "../checkpoint/safetensors/dtypes.js";
import {
  type OpenSafeTensors,
  read,
  type TensorData,
  toFloat32,
  write,
} from "../checkpoint/safetensors/safetensors.js";
import { OptionError } from "../common/errors.js";
import { boolean, choice, type OptionsOf, settle } from "../common/options.js";
import type { Model } from "../model/model.js";
import { ConversionError } from "./conversion-error.js";
import type { Description } from "./description.js";
import { readStateDict } from "./state-dict.js";

/** How a model is written as safetensors. */
export const SAFETENSORS_OPTIONS = {
  /** Type of the parameters in the file. float16 halves the size and leaves out the training state. */
  dtype: choice(["float32", "float16"], { default: "float32" }),
  /** Leaves out the training state: a smaller file, from which no run can be resumed. Always so for float16. */
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
 * A model as a safetensors file: a checkpoint of this library, whose tensors PyTorch's `nn.LSTM` and `nn.Linear` load.
 *
 * @throws OptionError for float16 with the training state
 * @throws ConversionError for a parameter that float16 cannot hold
 * @throws CheckpointError as `save` does
 */
export function toSafetensors(model: Model, options: SafetensorsOptions = {}): Bytes {
  const { dtype, weightsOnly } = settle(SAFETENSORS_OPTIONS, options);
  if (dtype !== "float32" && !weightsOnly) throw new OptionError("weightsOnly", `true with ${dtype}`, weightsOnly);
  const bytes = save(model, { training: !weightsOnly });
  if (dtype === "float32") return bytes;
  const { tensors, metadata } = read(bytes);
  const halves = new Map<string, TensorData>();
  for (const [name, { shape, data }] of tensors) {
    const values = data as Float32Array;
    const large = values.find((value) => Math.abs(value) >= LEAST_INFINITE);
    if (large !== undefined) throw new ConversionError(name, `float16 holds no ${large}: use float32`);
    halves.set(name, { dtype: "F16", shape, data: toFloat16(values) });
  }
  return write(halves, metadata);
}

/** The least number that rounds to infinity. */
const LEAST_INFINITE = 65520;
