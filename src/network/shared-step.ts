import { type Kernels, padded } from "../kernels/kernels.js";
import type { ScratchBytes } from "../kernels/scratch.js";
import { Addresses } from "./memory.js";
import type { ParameterAddresses } from "./parameters.js";
import { type PassPlan, planPass } from "./plan.js";
import { denseInputSize, type NetworkShape, outputSizeOf } from "./shape.js";

// One step of one sequence of tokens, computed by several threads: each has some columns of every product and some units of every
// layer. Every number is one sum in the same order as in Network.forward, so it has the same bits.

/** The memory of a shared step: byte addresses. */
export interface SharedStepPlan {
  /** int32 words that the threads meet by. */
  readonly words: number;
  /** For each thread, as many floats as it has columns of a product. */
  readonly scratch: readonly number[];
  readonly pass: PassPlan;
  readonly end: number;
}

/** Bytes between words that different threads write: two cache lines, since processors fetch them in pairs. */
export const WORD_STRIDE = 128;
/** Words that are no thread's, so far apart. */
export const SHARED_WORDS = 1;

/** Columns that belong together: those of a kernel's registers. */
const GROUP = 32;

export function planSharedStep(
  shape: NetworkShape,
  scratchBytes: ScratchBytes,
  threads: number,
  base: number,
): SharedStepPlan {
  const memory = new Addresses(Math.ceil(base / WORD_STRIDE) * WORD_STRIDE);
  const words = memory.take((SHARED_WORDS + threads) * WORD_STRIDE);
  const columns = Math.max(4 * padded(shape.hiddenSize), padded(outputSizeOf(shape)));
  const scratch = Array.from({ length: threads }, () => memory.floats(columns));
  const pass = planPass(shape, scratchBytes, 1, 1, { outputRows: 1, targetWidth: 1 }, memory.take(0));
  return { words, scratch, pass, end: pass.end };
}

/** From and to of one thread's columns or units: about as many as the others have, in whole groups. */
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
  private readonly H: number;
  private readonly I: number;
  private readonly N: number;
  private readonly columns: Range;
  private readonly units: Range;
  private readonly outputs: Range;
  private readonly scratch: number;

  constructor(
    private readonly kernels: Kernels,
    shape: NetworkShape,
    private readonly parameters: ParameterAddresses,
    private readonly plan: SharedStepPlan,
    thread: number,
  ) {
    const threads = plan.scratch.length;
    this.H = padded(shape.hiddenSize);
    this.I = padded(denseInputSize(shape));
    this.N = padded(outputSizeOf(shape));
    this.columns = rangeOf(4 * this.H, thread, threads);
    this.units = rangeOf(this.H, thread, threads);
    this.outputs = rangeOf(this.N, thread, threads);
    this.scratch = plan.scratch[thread]!;
  }

  /** Phases of a step: for each layer its gates and its cells, then the head. */
  get phases(): number {
    return 2 * this.plan.pass.layers.length + 1;
  }

  /**
   * From a token and the plan's initial states to the logits and the states after the step.
   *
   * @param meet waits until all threads have computed a phase; false if it is in vain
   * @returns whether all threads met until the end
   */
  run(token: number, meet: () => boolean): boolean {
    for (let phase = 0; phase < this.phases; phase++) {
      this.compute(phase, token);
      if (!meet()) return false;
    }
    return true;
  }

  /** Computes this thread's part of a phase, once all threads have computed those before it. */
  compute(phase: number, token: number): void {
    const layer = phase >> 1;
    if (phase === this.phases - 1) this.head();
    else if (phase % 2 === 0) this.gates(layer, token);
    else this.cell(layer);
  }

  /** This thread's columns of the gates' sums. */
  private gates(layer: number, token: number): void {
    const { kernels, parameters, plan, H, I, scratch } = this;
    const { from, size } = this.columns;
    if (size === 0) return;
    const { wx, wh, b } = parameters.layers[layer]![0]!;
    const { gates: all, x: below, states } = plan.pass.layers[layer]!.directions[0]!;
    const first = 4 * from;
    const gates = all + first;
    if (layer > 0) kernels.linearColumns(gates, below, wx + first, b + first, scratch, size, 4 * H, H);
    else if (parameters.embedding) {
      const x = parameters.embedding + 4 * I * token;
      kernels.linearColumns(gates, x, wx + first, b + first, scratch, size, 4 * H, I);
    } else {
      kernels.copyRows(gates, 0, size, wx + 16 * H * token + first, 0, size, 1, size);
      kernels.add(gates, b + first, size);
    }
    kernels.linearColumns(gates, states[0]!, wh + first, gates, scratch, size, 4 * H, H);
  }

  /** This thread's units, once the gates' sums are there. */
  private cell(layer: number): void {
    const { kernels, plan, H } = this;
    const { from, size } = this.units;
    if (size === 0) return;
    const { gates, states } = plan.pass.layers[layer]!.directions[0]!;
    const [h, c] = states.map((state) => state + 4 * from) as [number, number];
    kernels.lstmUnits(h + 4 * H, c + 4 * H, gates + 4 * from, c, size, H);
  }

  /** This thread's columns of the logits. */
  private head(): void {
    const { kernels, parameters, plan, H, N, scratch } = this;
    const { from, size } = this.outputs;
    if (size === 0) return;
    const { logits, features } = plan.pass;
    const { wy, by } = parameters;
    kernels.linearColumns(logits + 4 * from, features, wy + 4 * from, by + 4 * from, scratch, size, N, H);
  }
}
