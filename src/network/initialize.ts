import type { Random } from "../common/random.js";
import { GATES, sizeOf, type Tensor } from "./layout.js";

/**
 * How weights start:
 *
 * - `pytorch-uniform`: weights and biases uniform in ±1/√H, as torch.nn.LSTM and torch.nn.Linear do
 * - `xavier-uniform`: uniform in ±√(6 / (in + out)) with a gate's two matrices taken as one, in = inputs + H, out = H;
 *   biases 0 (Glorot and Bengio 2010)
 * - `glorot-normal`: normal with variance 2 / (in + out) for each gate's matrices by themselves; biases 0
 * - `normal`: normal with standard deviation `initStd`; biases 0
 *
 * An embedding starts standard normal, as in torch.nn.Embedding, or as `normal` says.
 */
export type Initialization = "pytorch-uniform" | "xavier-uniform" | "glorot-normal" | "normal";

export const INITIALIZATIONS = [
  "pytorch-uniform",
  "xavier-uniform",
  "glorot-normal",
  "normal",
] as const satisfies readonly Initialization[];

/** What decides how the parameters start; the defaults stand in ModelOptions. */
export interface InitializationConfig {
  readonly hiddenSize: number;
  readonly initialization: Initialization;
  /** The standard deviation of `normal`. */
  readonly initStd: number;
  /** What the forget gates' biases are set to; undefined leaves them. */
  readonly forgetBias: number | undefined;
}

/**
 * The initial values of a tensor, in PyTorch's order. Draws from `random` only where the values are random.
 *
 * @param inputs the tensor's layer's input size
 */
export function initialValues(
  tensor: Tensor,
  inputs: number,
  config: InitializationConfig,
  random: Random,
): Float32Array {
  const values = new Float32Array(sizeOf(tensor.shape));
  const { hiddenSize, initialization, initStd, forgetBias } = config;
  const isBias = tensor.shape.length === 1;
  const isLstm = tensor.name.startsWith("lstm.");
  if (tensor.name === "embedding.weight") {
    fillNormal(values, random, initialization === "normal" ? initStd : 1);
    return values;
  }
  if (initialization === "pytorch-uniform") fillUniform(values, random, 1 / Math.sqrt(hiddenSize));
  else if (!isBias) {
    const outputs = isLstm ? tensor.shape[0]! / GATES.length : tensor.shape[0]!;
    const fanIn = tensor.shape[1]!;
    if (initialization === "xavier-uniform")
      fillUniform(values, random, Math.sqrt(6 / ((isLstm ? inputs + hiddenSize : fanIn) + outputs)));
    else if (initialization === "glorot-normal") fillNormal(values, random, Math.sqrt(2 / (fanIn + outputs)));
    else fillNormal(values, random, initStd);
  }
  if (isBias && isLstm && forgetBias !== undefined) {
    const gate = GATES.indexOf("forget");
    values.fill(forgetBias, gate * hiddenSize, (gate + 1) * hiddenSize);
  }
  return values;
}

function fillUniform(values: Float32Array, random: Random, bound: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
}

function fillNormal(values: Float32Array, random: Random, deviation: number): void {
  for (let i = 0; i < values.length; i++) values[i] = random.normal() * deviation;
}
