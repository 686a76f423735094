import { alignedFrom } from "../common/aligned.js";
import type { PackedLstm } from "./lstm-layer.js";
import type { Network } from "./network.js";
import type { PackedAddresses } from "./packed-weights.js";
import type { PassPlan } from "./plan.js";

// One step of one sequence of tokens, computed by several threads: each has some columns of every product. What is cheap beside
// these, a layer's units, each thread computes for itself, so that they meet once a layer. Every number is one sum in the same order
// as in Network.forward, so it has the same bits.

/** Memory of one thread: byte addresses. */
interface OwnMemory {
  /** As many floats as it has columns of a product. */
  readonly scratch: number;
  /** [4, H], a copy of the gates' sums. */
  readonly gates: number;
  /** For each layer, h and c after the step: [H] */
  readonly states: readonly (readonly number[])[];
}

/** The memory of a shared step: byte addresses. */
export interface SharedStepPlan {
  /** int32 words that the threads meet by. */
  readonly words: number;
  /** For each thread; the first has the states of the pass. */
  readonly own: readonly OwnMemory[];
  readonly pass: PassPlan;
  readonly end: number;
}

/** Bytes between words that different threads write: two cache lines, since processors fetch them in pairs. */
export const WORD_STRIDE = 128;
/** Words that are no thread's, so far apart. */
export const SHARED_WORDS = 1;

/** Columns that belong together: those of a kernel's registers, and whole groups of packed ones. */
const GROUP = 48;

/**
 * Plans a shared step, from the address `base` on.
 *
 * @param planStep plans the pass of one step of one sequence, from an address on
 */
export function planSharedStep(
  { H, stride, layers }: Pick<Network, "H" | "stride" | "layers">,
  planStep: (address: number) => PassPlan,
  threads: number,
  base: number,
): SharedStepPlan {
  const words = Math.ceil(base / WORD_STRIDE) * WORD_STRIDE;
  const pass = planStep(words + (SHARED_WORDS + threads) * WORD_STRIDE);
  const take = alignedFrom(pass.end);
  const own = Array.from({ length: threads }, (_, thread) => ({
    scratch: take(4 * Math.max(4 * H, stride)),
    gates: take(16 * H),
    states: layers.map((_, layer) =>
      pass.layers[layer]!.directions[0]!.states.map((state) => (thread === 0 ? state + 4 * H : take(4 * H))),
    ),
  }));
  return { words, own, pass, end: take(0) };
}

/** From and to of one thread's columns: about as many as the others have, in whole groups. */
interface Range {
  readonly from: number;
  readonly size: number;
}

function rangeOf(n: number, thread: number, threads: number): Range {
  const groups = Math.ceil(n / GROUP);
  const bound = (k: number) => Math.min(n, GROUP * Math.round((groups * k) / threads));
  return { from: bound(thread), size: bound(thread + 1) - bound(thread) };
}

/** What one thread does of a shared step. */
export class SharedStep {
  /** Of a step: for each layer its gates, then the head. */
  readonly phases: number;
  private readonly columns: Range;
  private readonly outputs: Range;
  private readonly own: OwnMemory;

  constructor(
    private readonly network: Network,
    private readonly plan: SharedStepPlan,
    thread: number,
  ) {
    const threads = plan.own.length;
    this.phases = network.layers.length + 1;
    this.columns = rangeOf(4 * network.H, thread, threads);
    this.outputs = rangeOf(network.stride, thread, threads);
    this.own = plan.own[thread]!;
  }

  /**
   * From a token and the plan's initial states to the logits and, on the first thread, the states after the step.
   *
   * @param packed packed copies of the weights, of which each thread reads a part from end to end
   * @param meet waits until all threads have computed a phase; false if it is in vain
   * @returns whether all threads met until the end
   */
  run(token: number, packed: PackedAddresses | undefined, meet: () => boolean): boolean {
    for (let phase = 0; phase < this.phases; phase++) {
      this.compute(phase, token, packed);
      if (!meet()) return false;
    }
    return true;
  }

  /** Computes this thread's part of a phase, once all threads have computed those before it. */
  compute(phase: number, token: number, packed?: PackedAddresses): void {
    if (phase > 0) this.units(phase - 1);
    if (phase < this.phases - 1) this.gates(phase, token, packed?.layers[phase]?.[0]);
    else this.head(packed);
  }

  /** This thread's columns of the gates' sums. */
  private gates(layer: number, token: number, packed: PackedLstm | undefined): void {
    const { network, plan, own } = this;
    const { kernels, parameters, H, I } = network;
    const { from, size } = this.columns;
    if (size === 0) return;
    const { wx, wh, b } = parameters.layers[layer]![0]!;
    const { gates: all, states } = plan.pass.layers[layer]!.directions[0]!;
    const first = 4 * from;
    const gates = all + first;
    if (layer === 0 && I === 0) {
      kernels.copyRows(gates, 0, size, wx + 16 * H * token + first, 0, size, 1, size);
      kernels.add(gates, b + first, size);
    } else {
      const [x, K] = layer > 0 ? [own.states[layer - 1]![0]!, H] : [parameters.embedding + 4 * I * token, I];
      this.multiply(gates, x, wx, packed?.wx, packed?.columns, b + first, this.columns, 4 * H, K);
    }
    this.multiply(gates, states[0]!, wh, packed?.wh, packed?.columns, gates, this.columns, 4 * H, H);
  }

  /** A layer's units, once the gates' sums are there. */
  private units(layer: number): void {
    const { network, plan, own } = this;
    const { kernels, H } = network;
    const { gates, states } = plan.pass.layers[layer]!.directions[0]!;
    const [h, c] = own.states[layer]! as [number, number];
    kernels.copyRows(own.gates, 0, 4 * H, gates, 0, 4 * H, 1, 4 * H);
    kernels.cellForward(h, c, own.gates, states[1]!, 1, H);
  }

  /** This thread's columns of the logits. */
  private head(packed: PackedAddresses | undefined): void {
    const { network, plan, own } = this;
    const { parameters, H, stride } = network;
    const first = 4 * this.outputs.from;
    const { wy, by } = parameters;
    const [logits, h] = [plan.pass.logits + first, own.states.at(-1)![0]!];
    this.multiply(logits, h, wy, packed?.wy, packed?.columns, by + first, this.outputs, stride, H);
  }

  /** This thread's columns of x·W + b, for W [K, N]. */
  private multiply(
    y: number,
    x: number,
    w: number,
    packed: number | undefined,
    columns: number | undefined,
    b: number,
    { from, size }: Range,
    N: number,
    K: number,
  ): void {
    const { kernels } = this.network;
    if (size === 0) return;
    // Packed, columns lie in groups of so many at most, one group after another.
    if (packed && columns) kernels.linearForwardPacked(y, x, packed + 4 * K * from, b, 0, 1, size, K, columns);
    else kernels.linearColumns(y, x, w + 4 * from, b, this.own.scratch, size, N, K);
  }
}
