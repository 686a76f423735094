import { InputError } from "../common/errors.js";
import { Random } from "../common/random.js";
import type { Batches, BatchMemory, BatchPlan, Slice } from "./batches.js";
import { type ClassWeights, type ExampleSpec, IGNORED, type Sequence, widthOf, writeRow } from "./examples.js";

// Fetched for examples, and not for texts.

/** Examples that are computed together. */
interface Chunk {
  readonly indices: readonly number[];
  /** Descending. */
  readonly lengths: readonly number[];
  /** The sum of the lengths. */
  readonly steps: number;
  readonly predictions: number;
}

/**
 * Examples, B at a time. Those of a chunk are sorted by length, so that each step has the first so many. The cursor counts
 * chunks.
 */
export class ExampleBatches implements Batches {
  readonly continuous = false;
  readonly batchSize: number;
  readonly chunkLength: number;
  readonly chunksPerEpoch: number;
  readonly predictionsPerEpoch: number;
  readonly returnSequences: boolean;
  readonly weighted: boolean;
  readonly ragged: boolean;
  cursor = 0;
  private chunks: readonly Chunk[];
  private readonly lengths: readonly number[];
  /** Of each example: its predictions, each as often as its weight says. */
  private readonly predictions: readonly number[];
  /** The lengths, descending. */
  private readonly sorted: readonly number[];

  /** @throws InputError for no examples, or without a target that counts */
  constructor(
    private readonly examples: readonly Sequence[],
    batchSize: number,
    private readonly spec: ExampleSpec,
    private readonly classWeights: ClassWeights = [],
  ) {
    if (examples.length === 0) throw new InputError("expected at least one example, got none");
    const { input, returnSequences } = spec;
    this.returnSequences = returnSequences;
    this.weighted = classWeights.length > 0 || examples.some(({ weight }) => weight !== 1);
    this.lengths = examples.map(({ inputs }) => inputs.length / widthOf(input));
    this.sorted = [...this.lengths].sort((a, b) => b - a);
    this.batchSize = Math.min(batchSize, examples.length);
    this.chunkLength = this.sorted[0]!;
    this.ragged = this.sorted.at(-1) !== this.chunkLength;
    this.predictions = examples.map((example) => this.predictionsOf(example));
    this.chunks = this.chunksOf(examples.map((_, i) => i));
    this.chunksPerEpoch = this.chunks.length;
    this.predictionsPerEpoch = sum(this.predictions);
    if (this.predictionsPerEpoch === 0)
      throw new InputError("no target counts: all are -1 or NaN, or have the weight 0");
  }

  get nextLength(): number {
    return this.chunks[this.cursor]?.lengths[0] ?? 0;
  }

  get nextBatchSize(): number {
    return this.chunks[this.cursor]?.lengths.length ?? 0;
  }

  get nextLengths(): readonly number[] | undefined {
    const { lengths = [] } = this.chunks[this.cursor] ?? {};
    return lengths.at(-1) === lengths[0] ? undefined : lengths;
  }

  get nextSteps(): number {
    return this.chunks[this.cursor]?.steps ?? 0;
  }

  get nextPredictions(): number {
    return this.chunks[this.cursor]?.predictions ?? 0;
  }

  mostSteps(count: number): number {
    return sum(this.sorted.slice(0, count));
  }

  shuffle(key: number): void {
    const random = new Random(key);
    const order = this.examples.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random.uniform() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    this.chunks = this.chunksOf(order);
  }

  isCursor(cursor: number): boolean {
    return cursor < this.chunksPerEpoch;
  }

  /** The index of sequence b of the next chunk among all examples. */
  indexOf(b: number): number {
    return this.chunks[this.cursor]!.indices[b]!;
  }

  write(memory: BatchMemory, plan: BatchPlan, { from, to, first, stride, count }: Slice): void {
    const { input, returnSequences } = this.spec;
    const { packing } = plan;
    const rowOf = packing ? (t: number, b: number) => packing.row(t, b) : (t: number, b: number) => t * count + b;
    // With one target per sequence, those that go on after the slice have none yet. They are the first ones.
    let waiting = 0;
    for (let b = 0; b < count; b++) {
      const index = this.indexOf(first + b * stride);
      const { inputs, targets } = this.examples[index]!;
      const length = this.lengths[index]!;
      const end = Math.min(to, length);
      for (let t = from; t < end; t++) {
        const row = rowOf(t - from, b);
        writeRow(memory, plan.inputs, input, inputs, t, row);
        if (returnSequences) this.writeTarget(memory, plan, targets, t, row, index);
      }
      if (returnSequences) continue;
      if (length > to) waiting++;
      else this.writeTarget(memory, plan, targets, 0, b - waiting, index);
    }
  }

  advance(): void {
    this.cursor++;
  }

  private writeTarget(
    memory: BatchMemory,
    plan: BatchPlan,
    targets: ArrayLike<number>,
    t: number,
    row: number,
    index: number,
  ): void {
    writeRow(memory, plan.targets, this.spec.output, targets, t, row);
    if (plan.weights) memory.floats[plan.weights / 4 + row] = this.weightOf(targets[t]!, this.examples[index]!.weight);
  }

  private weightOf(target: number, weight: number): number {
    return weight * (target >= 0 ? (this.classWeights[target] ?? 1) : 1);
  }

  private predictionsOf({ targets, weight }: Sequence): number {
    const { kind, size } = this.spec.output;
    let total = 0;
    if (kind === "continuous") {
      for (let i = 0; i < targets.length; i++) if (!Number.isNaN(targets[i]!)) total++;
      return (weight * total) / size;
    }
    if (!this.weighted) {
      for (let i = 0; i < targets.length; i++) if (targets[i] !== IGNORED) total++;
      return total;
    }
    for (let i = 0; i < targets.length; i++)
      if (targets[i] !== IGNORED) total += Math.fround(this.weightOf(targets[i]!, weight));
    return total;
  }

  /** Chunks in the order given, each sorted by length. */
  private chunksOf(order: readonly number[]): Chunk[] {
    const { batchSize } = this;
    const chunks: Chunk[] = [];
    for (let i = 0; i < order.length; i += batchSize) {
      const indices = order.slice(i, i + batchSize).sort((a, b) => this.lengths[b]! - this.lengths[a]!);
      const lengths = indices.map((index) => this.lengths[index]!);
      const predictions = sum(indices.map((index) => this.predictions[index]!));
      chunks.push({ indices, lengths, steps: sum(lengths), predictions });
    }
    return chunks;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
