import { normal, type Random } from "../common/random.js";
import { sizeOf, type TensorSpec } from "./tensors.js";

/**
 * Weight initialization:
 *
 * - `pytorch-uniform`: weights and biases uniform in ±1/√H, as torch.nn.LSTM and torch.nn.Linear do
 * - `xavier-uniform`: uniform in ±√(6 / (in + out)) with a gate's two matrices treated as one, in = inputs + H, out =
 *   H; biases 0 (Glorot and Bengio 2010)
 * - `glorot-normal`: normal with variance 2 / (in + out) for each matrix of a gate separately; biases 0
 * - `normal`: normal with standard deviation `initStd`; biases 0
 *
 * Embeddings are standard normal, as in torch.nn.Embedding, unless `normal` is chosen.
 */
export type Initialization = "pytorch-uniform" | "xavier-uniform" | "glorot-normal" | "normal";

export const INITIALIZATIONS = [
  "pytorch-uniform",
  "xavier-uniform",
  "glorot-normal",
  "normal",
] as const satisfies readonly Initialization[];

/** The options of the initialization; defaults are in ModelOptions. */
export interface InitializationConfig {
  readonly hiddenSize: number;
  readonly initialization: Initialization;
  /** The standard deviation of `normal`. */
  readonly initStd: number;
  /** The initial bias of the forget gates; undefined leaves it to the initialization. */
  readonly forgetBias: number | undefined;
}

/** The initial values of a tensor, in PyTorch's order. Draws from `random` only for random values. */
export function initialValues({ shape, init }: TensorSpec, config: InitializationConfig, random: Random): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const { hiddenSize, initialization, initStd, forgetBias } = config;
  if (init.role === "embedding") fillNormal(values, random, initialization === "normal" ? initStd : 1);
  else if (initialization === "pytorch-uniform") fillUniform(values, random, 1 / Math.sqrt(hiddenSize));
  else if (init.role === "weight") {
    const { fanIn, fanOut, jointFanIn } = init;
    if (initialization === "xavier-uniform") fillUniform(values, random, Math.sqrt(6 / (jointFanIn + fanOut)));
    else fillNormal(values, random, initialization === "normal" ? initStd : Math.sqrt(2 / (fanIn + fanOut)));
  }
  if (init.role === "bias" && init.forgetGate && forgetBias !== undefined) values.fill(forgetBias, ...init.forgetGate);
  return values;
}

function fillUniform(values: Float32Array, random: Random, bound: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
}

function fillNormal(values: Float32Array, random: Random, deviation: number): void {
  for (let i = 0; i < values.length; i++) values[i] = normal(random) * deviation;
}
