import { padded } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import { type LstmPlan, lstmScratch, planLstm } from "./lstm-layer.js";
import { Addresses } from "./memory.js";
import { layerShapes } from "./parameters.js";
import { denseInputSize, type NetworkShape, outputSizeOf } from "./shape.js";

/**
 * The memory plan of one pass over a chunk of T steps and B sequences: byte addresses. Nothing in it outlives the pass;
 * the carried state is copied out.
 */
export interface PassPlan {
  readonly T: number;
  readonly B: number;
  /** Number of steps with outputs, at the end: T, or 1. */
  readonly outputSteps: number;
  /** [T, B] int32 tokens, or [T, B, I] real vectors */
  readonly inputs: number;
  /** [outputSteps, B, targetWidth]: int32 tokens, or real vectors */
  readonly targets: number;
  readonly layers: readonly LstmPlan[];
  /** [T, B, D], the vectors that the first layer reads: the inputs, or their embeddings; else 0 */
  readonly dense: number;
  /** Their gradient, if requested */
  readonly dDense: number;
  /** [outputSteps, B, N], N rounded up to a multiple of four: logits or values, then their gradient */
  readonly logits: number;
  /** [T, B, H], the gradient of the outputs of one layer after another */
  readonly dh: number;
  readonly scratch: number;
  /** The plan's byte range: first address, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** What a pass computes. */
export interface PassOptions {
  /** Reserves memory for gradients. Default false. */
  readonly training?: boolean;
  /** Reserves memory for the gradient of input vectors too. Default false. */
  readonly inputGradient?: boolean;
  /** Reserves memory for dropout. Default false. */
  readonly dropout?: boolean;
  /** Number of steps with outputs, at the end. Default: all. */
  readonly outputSteps?: number;
}

/** Everything else that a plan depends on. Threads that plan the same pass must pass the same values. */
export interface PlanOptions extends PassOptions {
  /** 4-byte numbers per row of targets. */
  readonly targetWidth: number;
}

/** Plans one pass over [T, B] inputs, from the address `base` on. */
export function planPass(
  shape: NetworkShape,
  scratchBytes: ScratchBytes,
  T: number,
  B: number,
  { training = false, inputGradient = false, dropout = false, outputSteps = T, targetWidth }: PlanOptions,
  base: number,
): PassPlan {
  const { hiddenSize, vocabularySize, embeddingSize = 0, inputSize = 0 } = shape;
  const H = padded(hiddenSize);
  const D = padded(denseInputSize(shape));
  const N = padded(outputSizeOf(shape));
  const shapes = layerShapes(shape);
  const memory = new Addresses(base);
  const inputs = memory.floats(T, B, vocabularySize > 0 ? 1 : padded(inputSize));
  const targets = memory.floats(outputSteps, B, targetWidth);
  const dense = embeddingSize > 0 ? memory.floats(T, B, D) : vocabularySize > 0 ? 0 : inputs;
  const dDense = memory.floatsIf(training && (embeddingSize > 0 || inputGradient), T, B, D);
  const dh = memory.floatsIf(training, T, B, H);
  const layers: LstmPlan[] = [];
  for (const layerShape of shapes) {
    const below = layers.at(-1);
    // The gradient of the lower layer's outputs overwrites that of the layer's own outputs.
    const input = below ? { x: below.outputs, dx: dh } : dense ? { x: dense, dx: dDense } : { x: inputs, dx: 0 };
    layers.push(planLstm(memory, layerShape, T, B, input, { training, dropout }));
  }
  const logits = memory.floats(outputSteps, B, N);
  // The maximum over all kernels: none uses it beyond its own call.
  const needs = [
    ...shapes.flatMap((layerShape) => lstmScratch(scratchBytes, layerShape, T, B, training)),
    scratchBytes.linearForward(outputSteps * B, N, H),
    training ? scratchBytes.linearBackward(outputSteps * B, N, H) : 0,
    training && embeddingSize > 0 ? scratchBytes.gatherBackward(T * B, vocabularySize, D) : 0,
  ];
  const scratch = memory.take(Math.max(...needs));
  const { end } = memory;
  return { T, B, outputSteps, inputs, targets, dense, dDense, layers, logits, dh, scratch, start: base, end };
}
