import type { Random } from "../internals/common.js";
import { padded } from "../internals/kernels.js";
import type { Dropout, NetworkShape } from "../internals/network.js";
import { planParameters } from "../internals/network.js";
import { isDropped } from "../kernels/dropped.js";
import { integers, normals } from "../kernels/tensors.js";
import { backward, crossEntropy, embed, embedBackward, forward, oneHot, type Tensors } from "../reference.js";

/** What a pass starts from. */
export interface Batch {
  readonly T: number;
  readonly B: number;
  /** [T, B] */
  readonly tokens: Int32Array;
  /** [S, B] for the scores of the last S steps: T, or 1 */
  readonly targets: Int32Array;
  /** [layers, B, H] */
  readonly h0: Float64Array;
  readonly c0: Float64Array;
  readonly dropout?: Dropout;
}

/**
 * What a pass forward and back gives, in PyTorch's shapes: `scores` [S, B, V], `loss` [1], `h_n` and `c_n`
 * [layers, B, H], and `gradient NAME` of every parameter, `h_0` and `c_0`.
 */
export type Results = Tensors;

export function randomParameters(random: Random, shape: NetworkShape): Tensors {
  const { tensors } = planParameters(shape);
  const sizes = tensors.map((tensor) => tensor.shape.reduce((a, b) => a * b));
  return Object.fromEntries(tensors.map(({ name }, i) => [name, normals(random, sizes[i]!, 0.4)]));
}

export function randomBatch(random: Random, shape: NetworkShape, T: number, B: number): Batch {
  const stateLength = shape.layers * B * shape.hiddenSize;
  return {
    T,
    B,
    tokens: integers(random, T * B, 0, shape.vocabularySize - 1),
    targets: integers(random, T * B, 0, shape.vocabularySize - 1),
    h0: normals(random, stateLength, 0.5),
    c0: normals(random, stateLength, 0.5),
  };
}

/** A pass by the float64 reference. The loss is the sum over all rows times gradientScale. */
export function referencePass(parameters: Tensors, shape: NetworkShape, batch: Batch, gradientScale: number): Results {
  const { vocabularySize: V, hiddenSize: H, layers, embeddingSize: E = 0 } = shape;
  const { T, B, tokens, targets, h0, c0 } = batch;
  const sizes = { T, B, I: E || V, H, V, layers };
  const x = E > 0 ? embed(tokens, parameters["embedding.weight"]!, E) : oneHot(tokens, V);
  const pass = forward(parameters, sizes, x, h0, c0, masksOf(batch, shape));
  const scores = pass.scores.subarray((T * B - targets.length) * V);
  const { loss, gradient } = crossEntropy(scores, targets, V);
  const dScores = new Float64Array(T * B * V);
  dScores.set(
    gradient.map((d) => d * gradientScale),
    dScores.length - gradient.length,
  );
  const d = backward(parameters, sizes, pass, dScores);
  if (E > 0) d.parameters["embedding.weight"] = embedBackward(d.x, tokens, V, E);
  return {
    scores,
    loss: Float64Array.of(loss * gradientScale),
    h_n: pass.hFinal,
    c_n: pass.cFinal,
    ...gradientsByName(d.parameters),
    "gradient h_0": d.h0,
    "gradient c_0": d.c0,
  };
}

/** What dropout multiplies each layer's outputs with. Places are counted in memory, filling included. */
function masksOf({ T, B, dropout }: Batch, { hiddenSize: H }: NetworkShape): Float64Array[] | undefined {
  if (!dropout) return undefined;
  const { probability: p, keys } = dropout;
  return Array.from(keys, (key) =>
    Float64Array.from({ length: T * B * H }, (_, i) => {
      const place = Math.floor(i / H) * padded(H) + (i % H);
      return isDropped(place, p, key) ? 0 : 1 / (1 - p);
    }),
  );
}

export function gradientsByName(gradients: Tensors): Results {
  return Object.fromEntries(Object.entries(gradients).map(([name, values]) => [`gradient ${name}`, values]));
}
