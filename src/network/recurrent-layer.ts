import { type Kernels, padded } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import {
  inputWidth,
  type LstmAddresses,
  type LstmLayer,
  type LstmPlan,
  type LstmShape,
  lstmAddresses,
  lstmBackward,
  lstmForward,
  lstmScratch,
  lstmTensors,
  type PackedLstm,
  type PassSizes,
  packLstm,
  planLstm,
} from "./lstm-layer.js";
import type { Addresses } from "./memory.js";
import type { TensorSpec } from "./tensors.js";

// A layer that reads in one direction or in both. In both it is two LSTM layers side by side: the second one reads each
// sequence from its end, which is a matter of the order of its rows, and its outputs are put back in order beside those of
// the first.

/** The sizes of a layer. */
export interface LayerShape extends LstmShape {
  /** 1, or 2 for both directions. */
  readonly directions: number;
}

/** The parameters of each direction, or their gradients. */
export type LayerAddresses = readonly LstmAddresses[];

/** Packed copies of each direction's weights. */
export type PackedLayer = readonly PackedLstm[];

/** The layer's part of the plan of a pass: byte addresses. D is the number of directions. */
export interface LayerPlan {
  readonly directions: readonly LstmPlan[];
  /** [rows, D, H], h of every step but the initial one */
  readonly h: number;
  /** [rows, D, H], h after dropout; 0 without dropout */
  readonly dropped: number;
  /** [rows, D, H], the layer's outputs: one of the two */
  readonly outputs: number;
}

/** What the layers of a pass share, besides its sizes. */
export interface LayerMemory extends PassSizes {
  /** [rows] int32, the rows of each sequence from its end to its start; 0 for one direction */
  readonly reversal: number;
  /** [2, rows, H], the gradient of h of each direction; 0 for one direction, or without training */
  readonly dhByDirection: readonly number[];
}

const SUFFIXES = ["", "_reverse"];

const suffixesOf = (layer: number, { directions }: LayerShape): string[] =>
  SUFFIXES.slice(0, directions).map((suffix) => `l${layer}${suffix}`);

/** The tensors of all directions. */
export const layerTensors = (layer: number, shape: LayerShape): TensorSpec[] =>
  suffixesOf(layer, shape).flatMap((suffix) => lstmTensors(suffix, shape));

/** @param at the address of a tensor, by name */
export const layerAddresses = (layer: number, shape: LayerShape, at: (name: string) => number): LayerAddresses =>
  suffixesOf(layer, shape).map((suffix) => lstmAddresses(suffix, at));

/** @param place as of {@link packLstm} */
export const packLayer = (
  shape: LayerShape,
  addresses: LayerAddresses,
  place: Parameters<typeof packLstm>[2],
  columns: number,
): PackedLayer => addresses.map((each) => packLstm(shape, each, place, columns));

/** Inputs of a layer, and their gradient: byte addresses. */
export type LayerInput = Pick<LstmPlan, "x" | "dx">;

/** Plans the layer's part of a pass. */
export function planLayer(
  memory: Addresses,
  shape: LayerShape,
  B: number,
  rows: number,
  input: LayerInput,
  { training, dropout }: { readonly training: boolean; readonly dropout: boolean },
): LayerPlan {
  const { directions: D } = shape;
  const H = padded(shape.hiddenSize);
  const forward = planLstm(memory, shape, B, rows, input, training);
  const directions = [forward];
  if (D === 2) {
    const width = inputWidth(shape) || 1;
    const x = memory.floats(rows, width);
    const dx = memory.floatsIf(training && input.dx > 0, rows, width);
    directions.push(planLstm(memory, shape, B, rows, { x, dx }, training));
  }
  const h = D === 2 ? memory.floats(rows, D, H) : forward.h;
  const dropped = memory.floatsIf(dropout, rows, D, H);
  return { directions, h, dropped, outputs: dropped || h };
}

/** Bytes of scratch memory for each of the layer's kernels. */
export const layerScratch: (
  scratch: ScratchBytes,
  shape: LayerShape,
  B: number,
  rows: number,
  training: boolean,
) => number[] = lstmScratch;

/** One layer on planned memory. */
export interface RecurrentLayer {
  readonly shape: LayerShape;
  readonly directions: readonly LstmLayer[];
}

/** @param parameters of each direction */
export const recurrentLayer = (kernels: Kernels, shape: LayerShape, parameters: LayerAddresses): RecurrentLayer => ({
  shape,
  directions: parameters.map((addresses) => ({ kernels, shape, parameters: addresses })),
});

/**
 * The forward pass, from the inputs and the initial states to the states of all steps.
 *
 * @param packed the layer's weights, packed, for one step
 */
export function layerForward(
  { shape, directions }: RecurrentLayer,
  plan: LayerPlan,
  memory: LayerMemory,
  packed?: PackedLayer,
): void {
  const [forward, reverse] = plan.directions as [LstmPlan, LstmPlan?];
  lstmForward(directions[0]!, forward, memory, packed?.[0]);
  if (!reverse) return;
  const { kernels } = directions[0]!;
  const { rows, reversal } = memory;
  const H = padded(shape.hiddenSize);
  const width = inputWidth(shape) || 1;
  kernels.copyRows(reverse.x, 0, width, forward.x, reversal, width, rows, width);
  lstmForward(directions[1]!, reverse, memory, packed?.[1]);
  kernels.copyRows(plan.h, 0, 2 * H, forward.h, 0, H, rows, H);
  kernels.copyRows(plan.h + 4 * H, 0, 2 * H, reverse.h, reversal, H, rows, H);
}

/**
 * The backward pass, from the gradient of the outputs to those of the parameters and inputs, which are overwritten.
 *
 * @param dh [rows, D, H], the gradient of each output
 */
export function layerBackward(
  { shape, directions }: RecurrentLayer,
  plan: LayerPlan,
  memory: LayerMemory,
  dh: number,
  d: LayerAddresses,
): void {
  const [forward, reverse] = plan.directions as [LstmPlan, LstmPlan?];
  if (!reverse) {
    lstmBackward(directions[0]!, forward, memory, dh, d[0]!);
    return;
  }
  const { kernels } = directions[0]!;
  const { rows, reversal, dhByDirection } = memory;
  const [dhForward, dhReverse] = dhByDirection as [number, number];
  const H = padded(shape.hiddenSize);
  const width = inputWidth(shape) || 1;
  kernels.copyRows(dhForward, 0, H, dh, 0, 2 * H, rows, H);
  kernels.copyRows(dhReverse, 0, H, dh + 4 * H, reversal, 2 * H, rows, H);
  lstmBackward(directions[0]!, forward, memory, dhForward, d[0]!);
  lstmBackward(directions[1]!, reverse, memory, dhReverse, d[1]!);
  if (!forward.dx) return;
  // The reversed inputs are of no use any more.
  kernels.copyRows(reverse.x, 0, width, reverse.dx, reversal, width, rows, width);
  kernels.add(forward.dx, reverse.x, rows * width);
}
