import { padded } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import { Addresses } from "./memory.js";
import { Packing } from "./packing.js";
import { layerShapes } from "./parameters.js";
import { type LayerInput, type LayerMemory, type LayerPlan, layerScratch, planLayer } from "./recurrent-layer.js";
import { denseInputSize, directionsOf, type NetworkShape, outputSizeOf } from "./shape.js";

/**
 * The memory plan of one pass over a chunk of T steps and B sequences: byte addresses. Nothing in it outlives the pass;
 * the carried state is copied out. D is the number of directions.
 */
export interface PassPlan extends LayerMemory {
  /** Number of rows with outputs: all, or the last ones, or one for each of some sequences. */
  readonly outputRows: number;
  /** [rows] int32 tokens, or [rows, I] real vectors */
  readonly inputs: number;
  /** [outputRows, targetWidth]: int32 tokens, or real vectors */
  readonly targets: number;
  /** [outputRows], the weight of each output's loss; 0 if all are 1 */
  readonly weights: number;
  /** [outputRows] int32, the rows with outputs; 0 if they are the last ones */
  readonly outputList: number;
  readonly layers: readonly LayerPlan[];
  /** The states of all layers and directions, and their gradients, in the order of a state that is carried. */
  readonly states: readonly number[];
  readonly stateGradients: readonly number[];
  /** [rows, I], the vectors that the first layer reads: the inputs, or their embeddings; else 0 */
  readonly dense: number;
  /** Their gradient, if requested, which overwrites dh */
  readonly dDense: number;
  /** [outputRows, D, H], the last layer's outputs that the head reads: of the last rows, or of those in outputList */
  readonly features: number;
  /** Their gradient */
  readonly dFeatures: number;
  /** [outputRows, N], N rounded up to a multiple of four: logits or values, then their gradient */
  readonly logits: number;
  /** [rows, D, H], the gradient of the outputs of one layer after another */
  readonly dh: number;
  /** Scratch memory of the head and the loss, while there are logits. That of the layers is the logits' and more. */
  readonly headScratch: number;
  /** The plan's byte range: first address, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** How sequences of unequal length lie in the rows. Workers do without: what they need is in memory. */
  readonly packing?: Packing;
}

/** What a pass computes. */
export interface PassOptions {
  /** Reserves memory for gradients. Default false. */
  readonly training?: boolean;
  /** Reserves memory for the gradient of input vectors too. Default false. */
  readonly inputGradient?: boolean;
  /** Reserves memory for dropout. Default false. */
  readonly dropout?: boolean;
  /** Reserves memory for the weights of outputs. Default false. */
  readonly weighted?: boolean;
  /** Number of rows, if the sequences are of unequal length. Default T · B. */
  readonly rows?: number;
  /** Reserves memory for the layout of unequal sequences. Default: if there are fewer than T · B rows. */
  readonly packed?: boolean;
  /** Number of rows with outputs. Default: all. */
  readonly outputRows?: number;
}

/** Everything else that a plan depends on. Threads that plan the same pass must pass the same values. */
export interface PlanOptions extends PassOptions {
  /** 4-byte numbers per row of targets. */
  readonly targetWidth: number;
}

/** Plans one pass over T steps of B sequences, from the address `base` on. */
export function planPass(
  shape: NetworkShape,
  scratchBytes: ScratchBytes,
  T: number,
  B: number,
  options: PlanOptions,
  base: number,
): PassPlan {
  const { training = false, inputGradient = false, dropout = false, weighted = false, targetWidth } = options;
  const { rows = T * B, packed = rows < T * B, outputRows = rows } = options;
  const { hiddenSize, vocabularySize, embeddingSize = 0, inputSize = 0, head } = shape;
  const [H, I, N] = [padded(hiddenSize), padded(denseInputSize(shape)), padded(outputSizeOf(shape))];
  const directions = directionsOf(shape);
  // In both directions the last output is that of two rows: where a sequence ends, and where it starts.
  const gathers = outputRows < rows && (packed || directions === 2);
  const memory = new Addresses(base);
  const inputs = memory.floats(rows, vocabularySize > 0 ? 1 : padded(inputSize));
  const targets = memory.floats(outputRows, targetWidth);
  const weights = memory.floatsIf(weighted, outputRows);
  const counts = memory.floatsIf(packed, T);
  const reversal = memory.floatsIf(directions === 2, rows);
  const outputList = memory.floatsIf(gathers, outputRows);
  const dense = embeddingSize > 0 ? memory.floats(rows, I) : vocabularySize > 0 ? 0 : inputs;
  const hasInputGradient = training && (embeddingSize > 0 || inputGradient);
  const dh = memory.floatsIf(training, rows, Math.max(directions * H, hasInputGradient ? I : 0));
  const dDense = hasInputGradient ? dh : 0;
  const dhByDirection =
    directions === 2 ? [memory.floatsIf(training, rows, H), memory.floatsIf(training, rows, H)] : [];
  const shapes = layerShapes(shape);
  const layers: LayerPlan[] = [];
  for (const layerShape of shapes) {
    const below = layers.at(-1);
    // The gradient of the lower layer's outputs overwrites that of the layer's own outputs.
    const input: LayerInput = below ? { x: below.outputs, dx: dh } : { x: dense || inputs, dx: dense ? dDense : 0 };
    layers.push(planLayer(memory, layerShape, B, rows, input, { training, dropout }));
  }
  const top = layers.at(-1)!.outputs;
  const features = gathers ? memory.floats(outputRows, directions, H) : top + 4 * (rows - outputRows) * directions * H;
  const dFeatures = gathers
    ? memory.floatsIf(training, outputRows, directions, H)
    : dh + 4 * (rows - outputRows) * directions * H;
  const logits = memory.floats(outputRows, N);
  // The maximum over all kernels: none uses it beyond its own call.
  const headScratch = memory.take(
    head === "none"
      ? 0
      : Math.max(
          scratchBytes.linearForward(outputRows, N, directions * H),
          training ? scratchBytes.linearBackward(outputRows, N, directions * H) : 0,
        ),
  );
  // Logits are written when the layers are done, and back-propagated before the layers are.
  const scratch = logits;
  const needs = [
    ...shapes.flatMap((layerShape) => layerScratch(scratchBytes, layerShape, B, rows, training)),
    training && embeddingSize > 0 ? scratchBytes.gatherBackward(rows, vocabularySize, I) : 0,
  ];
  const end = Math.max(memory.end, scratch + Math.max(...needs));
  const all = layers.flatMap((layer) => layer.directions);
  return {
    T,
    B,
    rows,
    outputRows,
    inputs,
    targets,
    weights,
    counts,
    reversal,
    outputList,
    dense,
    dDense,
    dh,
    dhByDirection,
    layers,
    states: all.flatMap(({ states }) => states),
    stateGradients: all.flatMap(({ stateGradients }) => stateGradients),
    features,
    dFeatures,
    logits,
    scratch,
    headScratch,
    start: base,
    end,
  };
}

/** Writes what tells the kernels how a pass's rows lie, where that is not one step after another. */
export function writeLists(
  { T, B, counts, reversal, outputList, outputRows, packing }: PassPlan,
  integers: Int32Array,
): void {
  if (!(counts || reversal || outputList)) return;
  const layout = packing ?? new Packing(new Array(B).fill(T));
  if (counts) integers.set(layout.counts, counts / 4);
  if (reversal) integers.set(layout.reversal, reversal / 4);
  // Those that end first are the last ones; the others may have their outputs in a later chunk.
  if (outputList) integers.set(layout.lastRows.slice(B - outputRows), outputList / 4);
}
