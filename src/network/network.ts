import { type Kernels, padded } from "../kernels/kernels.js";
import type { PackedAddresses } from "./packed-weights.js";
import { layerShapes, type ParameterAddresses } from "./parameters.js";
import type { PassPlan } from "./plan.js";
import { layerForward, type RecurrentLayer, recurrentLayer } from "./recurrent-layer.js";
import { denseInputSize, directionsOf, type NetworkShape, outputSizeOf } from "./shape.js";

/** The dropout of a training step, the same in its forward and backward pass. */
export interface Dropout {
  /** The probability of dropping an output, in (0, 1). */
  readonly probability: number;
  /** One int32 key per layer. */
  readonly keys: Int32Array;
}

/**
 * The network on planned memory: tokens or vectors → recurrent layers → a linear layer → logits or values. It needs only
 * addresses and kernels, so it runs in workers too. The way back is in backward.ts, which only training needs.
 */
export class Network {
  readonly layers: readonly RecurrentLayer[];
  readonly hasHead: boolean;
  /** Hidden units of one direction, and of all, in memory. */
  readonly H: number;
  readonly width: number;
  /** Width of the first layer's input vectors; 0 for tokens. */
  readonly I: number;
  /** Width of a row of logits in memory. */
  readonly stride: number;

  constructor(
    readonly kernels: Kernels,
    readonly shape: NetworkShape,
    readonly parameters: ParameterAddresses,
  ) {
    this.layers = layerShapes(shape).map((layerShape, layer) =>
      recurrentLayer(kernels, layerShape, parameters.layers[layer]!),
    );
    this.hasHead = shape.head !== "none";
    this.H = padded(shape.hiddenSize);
    this.width = directionsOf(shape) * this.H;
    this.I = padded(denseInputSize(shape));
    this.stride = padded(outputSizeOf(shape));
  }

  /**
   * The forward pass, from `inputs` and the initial states to `logits` and the states of all steps.
   *
   * @param packed the weights, packed, for one step
   */
  forward(plan: PassPlan, dropout?: Dropout, packed?: PackedAddresses): void {
    const { kernels, parameters, layers, I, width } = this;
    const { rows, inputs, dense } = plan;
    if (parameters.embedding) kernels.gatherForward(dense, inputs, parameters.embedding, 0, rows, I);
    for (let i = 0; i < layers.length; i++) {
      const layerPlan = plan.layers[i]!;
      layerForward(layers[i]!, layerPlan, plan, packed?.layers[i]);
      if (dropout) kernels.dropout(layerPlan.dropped, layerPlan.h, rows * width, dropout.probability, dropout.keys[i]!);
    }
    this.headForward(plan, packed);
  }

  /** From the last layer's outputs to `logits`. */
  private headForward(plan: PassPlan, packed?: PackedAddresses): void {
    const { kernels, parameters, stride, width } = this;
    const { logits, features, outputRows, headScratch: scratch } = plan;
    if (plan.outputList) this.gatherFeatures(plan);
    if (packed?.wy) {
      const { wy, columns } = packed;
      kernels.linearForwardPacked(logits, features, wy, parameters.by, scratch, outputRows, stride, width, columns);
    } else if (this.hasHead)
      kernels.linearForward(logits, features, parameters.wy, parameters.by, scratch, outputRows, stride, width);
    else this.copyFeatures(plan);
  }

  /** Without a head, from the last layer's outputs to `logits`. Apart: a function with a closure allocates at every call. */
  private copyFeatures({ logits, features, outputRows }: PassPlan): void {
    const { kernels, stride, width } = this;
    withoutPadding(this, logits, features, (out, x, N) => kernels.copyRows(out, 0, stride, x, 0, width, outputRows, N));
  }

  /** Collects the final outputs of the listed rows' sequences: forward at the last step, in reverse at the first. */
  private gatherFeatures({ features, outputList, outputRows, layers }: PassPlan): void {
    const { kernels, H, width } = this;
    const top = layers.at(-1)!.outputs;
    kernels.copyRows(features, 0, width, top, outputList, width, outputRows, H);
    // The first steps of all sequences are the first rows.
    if (width > H) kernels.copyRows(features + 4 * H, 0, width, top + 4 * H, 0, width, outputRows, H);
  }
}

/** Calls `copy` with the addresses of each direction's units, first without padding between them, then with it. */
export function withoutPadding(
  { shape, H }: Network,
  plain: number,
  wide: number,
  copy: (plain: number, wide: number, N: number) => void,
): void {
  const { hiddenSize } = shape;
  for (let i = 0; i < directionsOf(shape); i++) copy(plain + 4 * i * hiddenSize, wide + 4 * i * H, hiddenSize);
}
